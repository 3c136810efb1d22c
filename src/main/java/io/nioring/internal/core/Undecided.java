package io.nioring.internal.core;

import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/**
 * What a socket takes along if it is connected through the kernel: the socket that it was bound
 * with, its blocking mode and its keys, beside its options.
 *
 * <p>A socket has one until its connect is decided, and none if its network cannot reach the
 * kernel. Guarded by the socket's state lock. What it opens it tells {@link SocketState#owns}.
 */
public interface Undecided {
  /** Notes the blocking mode. */
  void configureBlocking(boolean block);

  /** The blocking mode that was noted last. */
  boolean isBlocking();

  /** Notes a key. */
  void add(RingSelectionKey key);

  /** Takes the keys out: to follow, or since the socket was closed. */
  List<RingSelectionKey> takeKeys();

  /**
   * Binds in the kernel, which keeps the name while the socket lives, however it is connected, and
   * in the namespace, which is passed to {@link SocketState#bound}.
   *
   * @return the address that the kernel gave
   */
  SocketAddress bind(SocketState socket, SocketAddress wanted) throws IOException;

  /** Makes the way through the kernel, with all that was set so far. */
  KernelWay open(SocketState socket) throws IOException;
}
