package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A read into something other than a single buffer: what {@link StreamSocket}'s read does
 * differently for it.
 *
 * <p>Used by one thread, for one operation, with the read lock held; or stateless, for reads into
 * several buffers, which are passed to the methods and ignored by other forms.
 */
abstract class Incoming {
  /** Refuses a target that cannot take bytes. */
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

  /** The deadline of the wait. */
  Deadline deadline(Clock clock) {
    return Deadline.NONE;
  }

  /** Whether the bytes stay in the ring. */
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
   * Takes the ancillary data of the bytes.
   *
   * @param count the result of {@link #take}
   */
  void taken(Endpoint end, int count) throws IOException {}
}
