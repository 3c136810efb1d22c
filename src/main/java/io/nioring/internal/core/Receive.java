package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.MessageTransfer;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.ReceivedMessage;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A receive of bytes and their ancillary data, or a read into a target provided by the user. */
final class Receive extends Incoming {
  private final ByteTarget dst;
  private final MessageOptions how;
  private ReceivedMessage received = ReceivedMessage.plain(0);

  Receive(ByteTarget dst, MessageOptions how) {
    this.dst = dst;
    this.how = how;
  }

  /** The result. */
  ReceivedMessage received() {
    return received;
  }

  @Override
  void check(ByteBuffer[] dsts, int from, int to) {
    // A target was checked when it was created.
  }

  @Override
  boolean hasRoom(ByteBuffer[] dsts, int from, int to) {
    return dst.remaining() > 0;
  }

  @Override
  int take(Endpoint end, ByteBuffer[] dsts, int from, int to) throws IOException {
    return MessageTransfer.receive(end, dst, how.peeks());
  }

  @Override
  void taken(Endpoint end, int count) throws IOException {
    received =
        how.peeks()
            ? MessageTransfer.peeked(end, count, how.rightsRoom())
            : MessageTransfer.received(end, count, how.rightsRoom());
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
  boolean peeks() {
    return how.peeks();
  }

  @Override
  boolean callsUser() {
    return true;
  }

  @Override
  boolean isRead() {
    return how == MessageOptions.PLAIN;
  }

  @Override
  boolean keepsResult() {
    return true;
  }
}
