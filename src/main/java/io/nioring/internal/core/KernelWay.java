package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The way through the kernel, whose connect is begun and awaited in two steps: only the beginning
 * must not overlap with the bind of a server.
 */
public interface KernelWay extends Way, Closeable {
  /** Makes an unconnected one. */
  @FunctionalInterface
  interface Opener {
    /**
     * Makes it for a socket of the family.
     *
     * @throws UnsupportedOperationException if the platform's own sockets are not available
     */
    KernelWay open(NetworkResources network, AddressFamily family) throws IOException;
  }

  /**
   * Sets the options that were set before the way was known, as far as the kernel's socket supports
   * them.
   */
  void apply(Map<SocketOption<?>, Object> options) throws IOException;

  /**
   * Whether its operations wait, and a connect can be begun without waiting; otherwise only {@link
   * #connect} may be used.
   */
  boolean isBlocking();

  /** Whether {@link #connect} waits for its end though the way is not {@link #isBlocking}. */
  default boolean connectWaits() {
    return false;
  }

  /** False if it has closed itself while the facade is unreachable. */
  default boolean isOpen() {
    return true;
  }

  /**
   * Begins a connect without waiting for its end, whatever the blocking mode is; leaves the socket
   * non-blocking.
   */
  default void beginConnect(Facade facade, SocketAddress remote) throws IOException {
    throw unasked();
  }

  /**
   * Waits for the end of a connect that was begun.
   *
   * @throws java.net.SocketTimeoutException if the deadline passed
   */
  default void awaitConnected(Facade facade, Deadline deadline) throws IOException {
    throw unasked();
  }

  // -- for selectable channels only

  private UnsupportedOperationException unasked() {
    return new UnsupportedOperationException("no selectable channel: " + this);
  }

  @Override
  default int read(Facade facade, ByteBuffer dst) throws IOException {
    throw unasked();
  }

  @Override
  default long read(Facade facade, ByteBuffer[] dsts, int offset, int length) throws IOException {
    throw unasked();
  }

  @Override
  default int write(Facade facade, ByteBuffer src) throws IOException {
    throw unasked();
  }

  @Override
  default long write(Facade facade, ByteBuffer[] srcs, int offset, int length) throws IOException {
    throw unasked();
  }

  @Override
  default void registered(RingSelectionKey key) throws IOException {
    throw unasked();
  }
}
