package io.nioring.channel;

import io.nioring.stream.Endpoint;
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
}
