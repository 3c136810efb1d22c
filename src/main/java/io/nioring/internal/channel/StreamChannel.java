package io.nioring.internal.channel;

import io.nioring.internal.stream.Endpoint;
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

  /** Whether a busy wait may pay: it was not forbidden, and peers have cores of their own. */
  boolean maySpin();

  /** Refuses an operation, under its side's lock, if the channel is closed or not connected. */
  void ensureConnected() throws IOException;

  /** Whether the own input is shut, so that reads are at the end whatever is queued. */
  default boolean isInputShut() {
    return false;
  }

  /** Refuses a read, under the read lock, if a reset was noted. */
  default void ensureNotReset() throws SocketException {}

  /** Notes, under the read lock, that a reset was met. */
  default void noteReset() {}

  /** Refuses a write, under the write lock, if the own output is shut. */
  default void ensureOutputOpen() throws IOException {}

  /** What a failed write throws, in view of an own shutdown meanwhile. */
  default IOException writeFailure(IOException failure) {
    return failure;
  }
}
