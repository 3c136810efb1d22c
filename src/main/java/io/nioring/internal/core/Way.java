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
 * How the bytes of a stream socket go: over a ring, which is the {@link StreamSocket} itself, or
 * through the kernel. A facade asks its socket for the way once in each operation.
 *
 * <p>Arguments have been checked. What waits, fails or closes does so as {@link
 * java.nio.channels.SocketChannel} specifies, on behalf of the facade that it is given.
 */
public interface Way {
  /** Reads into one buffer. */
  int read(Facade facade, ByteBuffer dst) throws IOException;

  /** Reads into several buffers. */
  long read(Facade facade, ByteBuffer[] dsts, int offset, int length) throws IOException;

  /**
   * Reads as a {@code java.net} stream does.
   *
   * @param timeoutMillis the longest to wait, 0 without a limit
   * @throws java.net.SocketTimeoutException if the time was over
   */
  int read(Facade facade, byte[] bytes, int offset, int length, int timeoutMillis)
      throws IOException;

  /** Prepares for what a {@code java.net} input stream asks for. */
  void openInput() throws IOException;

  /** How many bytes can be read at once. */
  int available() throws IOException;

  /** Writes from one buffer. */
  int write(Facade facade, ByteBuffer src) throws IOException;

  /** Writes from several buffers. */
  long write(Facade facade, ByteBuffer[] srcs, int offset, int length) throws IOException;

  /**
   * Writes a byte of urgent data: in band if the peer asked for that, and otherwise not at all.
   *
   * @throws IOException "Socket buffer full" if there is no room
   */
  void writeUrgent(Facade facade, byte data) throws IOException;

  /** Says whether urgent data is taken in band (SO_OOBINLINE). */
  void takeUrgentInline(boolean on) throws SocketException;

  /** Ends a connect that is pending, or waits for that; whether the socket is connected. */
  boolean finishConnect(Facade facade) throws IOException;

  /** Connects a socket that was just opened; called once. */
  boolean connect(Facade facade, SocketAddress remote, Deadline deadline) throws IOException;

  /** Whether bytes may go. */
  boolean isConnected();

  /** Whether a connect was begun and its end not seen. */
  boolean isConnectionPending();

  /** Binds the socket. */
  void bind(SocketAddress local) throws IOException;

  /** The local address of an open socket. */
  SocketAddress localAddress() throws IOException;

  /** The remote address of an open socket. */
  SocketAddress remoteAddress() throws IOException;

  /** The local address, also of a closed IP socket; null if it was neither bound nor connected. */
  SocketAddress lastLocalAddress();

  /** The remote address, also of a closed IP socket; null before a connect is begun. */
  SocketAddress lastRemoteAddress();

  /** Sets a supported option. */
  <T> void setOption(SocketOption<T> name, T value) throws IOException;

  /** The value of a supported option. */
  <T> T option(SocketOption<T> name) throws IOException;

  /** Takes no more bytes in. */
  void shutdownInput() throws IOException;

  /** Sends no more bytes. */
  void shutdownOutput() throws IOException;

  /** Whether the own input was shut. */
  boolean isInputShut();

  /** Whether the own output was shut. */
  boolean isOutputShut();

  /** Passes the blocking mode on. */
  void configureBlocking(boolean block) throws IOException;

  /** Tells of a new key, called without a lock; {@code attachKernel} is for the kernel's. */
  void registered(RingSelectionKey key) throws IOException;
}
