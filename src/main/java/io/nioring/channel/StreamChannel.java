package io.nioring.channel;

import io.nioring.stream.Endpoint;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;

/**
 * What a stream operation needs of the channel that it works for: a socket or an end of a pipe.
 *
 * <p>The facades are of unrelated JDK classes whose blocking protocol is protected; this brings
 * them together.
 */
interface StreamChannel extends Channel {
  /** The channel's end of the stream. */
  Endpoint endpoint();

  /** Whether operations wait. */
  boolean isBlocking();

  /** {@code begin()} of {@link java.nio.channels.spi.AbstractInterruptibleChannel}. */
  void beginBlocking();

  /** {@code end(completed)} of {@link java.nio.channels.spi.AbstractInterruptibleChannel}. */
  void endBlocking(boolean completed) throws AsynchronousCloseException;

  /** How the channel's reader waits; used under the read lock. */
  BlockingOperation reading();

  /** How the channel's writer waits; used under the write lock. */
  BlockingOperation writing();

  /** After how long a reader that waits gives idle ring memory back. */
  long idleNanos();

  /** Refuses an operation, under its side's lock, if the channel is closed or not connected. */
  void ensureConnected() throws IOException;

  /**
   * Whether a read has something to look for, under the read lock; otherwise it is at the end,
   * since the own input is shut.
   *
   * @throws SocketException if a read has met a reset before
   */
  default boolean isInputOpen() throws SocketException {
    return true;
  }

  /**
   * What a read gives that met a reset, under the read lock.
   *
   * @return -1 if the own input was shut meanwhile
   * @throws SocketException otherwise: the same
   */
  default int endedByReset(SocketException reset) throws SocketException {
    throw reset;
  }

  /** Refuses a write, under the write lock, if the own output is shut. */
  default void ensureOutputOpen() throws IOException {}

  /** What a failed write throws, in view of an own shutdown meanwhile. */
  default IOException writeFailure(IOException failure) {
    return failure;
  }
}
