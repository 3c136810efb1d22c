package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A read that is not into one buffer: what differs from that in {@link StreamSocket}'s one read.
 *
 * <p>Used by one thread, for one operation, with the read lock held; or without a state, for reads
 * into several buffers, which are handed to the methods and mean nothing to other forms.
 */
abstract class Incoming {
  /** Refuses what bytes cannot be put into. */
  abstract void check(ByteBuffer[] dsts, int from, int to);

  /** Whether there is room for a byte. */
  abstract boolean hasRoom(ByteBuffer[] dsts, int from, int to);

  /**
   * Takes what is there.
   *
   * @return as {@link Endpoint#read}
   */
  abstract int take(Endpoint end, ByteBuffer[] dsts, int from, int to) throws IOException;

  /** Whether the operation waits; called first. */
  boolean waits(Facade facade) {
    return facade.isBlocking();
  }

  /** Until when it waits. */
  Deadline deadline(Clock clock) {
    return Deadline.NONE;
  }

  /** Whether all stays where it is. */
  boolean peeks() {
    return false;
  }

  /** Whether the lock has to be reentrant, since the user's code is called with it held. */
  boolean callsUser() {
    return false;
  }

  /**
   * Whether this end's shutdown ends it, and a reset that was reported before is reported again.
   */
  boolean isRead() {
    return true;
  }

  /** Whether an interrupt that comes after bytes were taken does not hide them. */
  boolean keepsResult() {
    return false;
  }

  /**
   * Takes what belongs to the bytes.
   *
   * @param count as {@link #take} gave it
   */
  void taken(Endpoint end, int count) throws IOException {}
}
