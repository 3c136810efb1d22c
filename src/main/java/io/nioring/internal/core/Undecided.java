package io.nioring.internal.core;

import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/**
 * What a socket carries over if it is connected through the kernel: the kernel socket that it was
 * bound with, its blocking mode and its keys, besides its options.
 *
 * <p>A socket has one until its connect is decided, and none if its network cannot reach the
 * kernel. Guarded by the socket's state lock. What it opens is passed to {@link SocketState#owns}.
 */
public interface Undecided {
  /** Stores the blocking mode. */
  void configureBlocking(boolean block);

  /** The blocking mode that was stored last. */
  boolean isBlocking();

  /** Adds a key. */
  void add(RingSelectionKey key);

  /** Removes all keys: to attach them to the kernel's socket, or since the socket was closed. */
  List<RingSelectionKey> takeKeys();

  /**
   * Binds in the kernel, which keeps the address while the socket is open, however it is connected,
   * and in the namespace; that binding is passed to {@link SocketState#bound}.
   *
   * @return the address assigned by the kernel
   */
  SocketAddress bind(SocketState socket, SocketAddress wanted) throws IOException;

  /** Makes the way through the kernel, with all that was set so far. */
  KernelWay open(SocketState socket) throws IOException;
}
