package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;

/**
 * How the bytes of a stream socket travel: over a ring, which is the {@link StreamSocket} itself,
 * or through the kernel. A facade asks its socket for the way once per operation.
 *
 * <p>The caller has checked the arguments. Operations wait, fail and close as {@link
 * java.nio.channels.SocketChannel} specifies, on behalf of the facade that they are given.
 */
public interface Way {
  /** Reads into one buffer. */
  int read(Facade facade, ByteBuffer dst) throws IOException;

  /** Reads into several buffers. */
  long read(Facade facade, ByteBuffer[] dsts, int offset, int length) throws IOException;

  /**
   * Reads as a {@code java.net} stream does.
   *
   * @param timeoutMillis the longest time to wait, 0 for no limit
   * @throws java.net.SocketTimeoutException if the time has elapsed
   */
  int read(Facade facade, byte[] bytes, int offset, int length, int timeoutMillis)
      throws IOException;

  /** Prepares for the calls of a {@code java.net} input stream. */
  void openInput() throws IOException;

  /** How many bytes can be read at once. */
  int available() throws IOException;

  /** Writes from one buffer. */
  int write(Facade facade, ByteBuffer src) throws IOException;

  /**
   * Writes as a {@code java.net} stream does; takes less than all only before it fails.
   *
   * @return how many bytes it took
   */
  default int write(Facade facade, byte[] bytes, int offset, int length) throws IOException {
    return write(facade, ByteBuffer.wrap(bytes, offset, length));
  }

  /** Writes from several buffers. */
  long write(Facade facade, ByteBuffer[] srcs, int offset, int length) throws IOException;

  /**
   * Writes a byte of urgent data: in band if the peer asked for that; otherwise it is dropped.
   *
   * @throws IOException "Socket buffer full" if there is no room
   */
  void writeUrgent(Facade facade, byte data) throws IOException;

  /** Sets whether urgent data is received in band (SO_OOBINLINE). */
  void takeUrgentInline(boolean on) throws SocketException;

  /**
   * Completes a pending connect, or waits for its completion; returns whether the socket is
   * connected.
   */
  boolean finishConnect(Facade facade) throws IOException;

  /** Connects a newly opened socket; called once. */
  boolean connect(Facade facade, SocketAddress remote, Deadline deadline) throws IOException;

  /** Whether the socket is connected. */
  boolean isConnected();

  /** Whether a connect is pending. */
  boolean isConnectionPending();

  /** Binds the socket. */
  void bind(SocketAddress local) throws IOException;

  /** The local address of an open socket. */
  SocketAddress localAddress() throws IOException;

  /** The remote address of an open socket. */
  SocketAddress remoteAddress() throws IOException;

  /** The local address, also for a closed IP socket; null if it was neither bound nor connected. */
  SocketAddress lastLocalAddress();

  /** The remote address, also for a closed IP socket; null before a connect has begun. */
  SocketAddress lastRemoteAddress();

  /** Sets a supported option. */
  <T> void setOption(SocketOption<T> name, T value) throws IOException;

  /** The value of a supported option. */
  <T> T option(SocketOption<T> name) throws IOException;

  /** Shuts down the input. */
  void shutdownInput() throws IOException;

  /** Shuts down the output. */
  void shutdownOutput() throws IOException;

  /** Whether this end's input was shut down. */
  boolean isInputShut();

  /** Whether this end's output was shut down. */
  boolean isOutputShut();

  /** Passes the blocking mode on. */
  void configureBlocking(boolean block) throws IOException;

  /**
   * Notifies the socket of a new key, called without a lock; {@code attachKernel} is for the
   * kernel's way.
   */
  void registered(RingSelectionKey key) throws IOException;
}
