package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.MessageTransfer;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A send of a message, or a write from a source provided by the user. */
final class Send extends Outgoing {
  private final OutgoingMessage message;
  private final MessageOptions how;

  Send(OutgoingMessage message, MessageOptions how) {
    this.message = message;
    this.how = how;
  }

  @Override
  boolean hasRemaining(ByteBuffer[] srcs, int from, int to) {
    return message.hasRemaining();
  }

  @Override
  long put(Endpoint end, ByteBuffer[] srcs, int from, int to, boolean more) throws IOException {
    return more ? MessageTransfer.sendMore(end, message) : MessageTransfer.send(end, message);
  }

  @Override
  void ended(Endpoint end) {
    MessageTransfer.end(end, message);
  }

  @Override
  boolean waits(Facade facade) {
    return how.waits(facade);
  }

  @Override
  Deadline deadline(Clock clock) {
    return how.deadline(clock);
  }

  @Override
  boolean callsUser() {
    return true;
  }

  @Override
  boolean isDoneEmpty() {
    return how != MessageOptions.PLAIN;
  }

  @Override
  boolean keepsResult() {
    return true;
  }
}
