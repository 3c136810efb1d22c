package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A write that is not from one buffer: what differs from that in {@link StreamSocket}'s one write.
 *
 * <p>Used by one thread, for one operation, with the write lock held; or without a state, for
 * writes from several buffers, which are handed to the methods and mean nothing to other forms.
 */
abstract class Outgoing {
  /** Refuses what bytes cannot be taken from. */
  void check(ByteBuffer[] srcs, int from, int to) {}

  /** Whether bytes are left. */
  abstract boolean hasRemaining(ByteBuffer[] srcs, int from, int to);

  /**
   * Writes what there is room for.
   *
   * @param more whether the operation has taken something before, and tells that if the stream
   *     fails now
   * @return the bytes taken; -1 if the next write tells how the stream failed
   */
  abstract long put(Endpoint end, ByteBuffer[] srcs, int from, int to, boolean more)
      throws IOException;

  /** Whether the operation waits until all is taken; called first. */
  boolean waits(Facade facade) {
    return facade.isBlocking();
  }

  /** Until when it waits. */
  Deadline deadline(Clock clock) {
    return Deadline.NONE;
  }

  /** Whether the lock has to be reentrant, since the user's code is called with it held. */
  boolean callsUser() {
    return false;
  }

  /** Whether it does something though there are no bytes. */
  boolean isDoneEmpty() {
    return false;
  }

  /** Whether an interrupt that comes after bytes were taken does not hide them. */
  boolean keepsResult() {
    return false;
  }

  /** Called when no more will be put, however it went. */
  void ended(Endpoint end) {}
}
