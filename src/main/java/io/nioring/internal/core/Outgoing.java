package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A write from something other than a single buffer: what {@link StreamSocket}'s write does
 * differently for it.
 *
 * <p>Used by one thread, for one operation, with the write lock held; or stateless, for writes from
 * several buffers, which are passed to the methods and ignored by other forms.
 */
abstract class Outgoing {
  /** Refuses a source that cannot give bytes. */
  void check(ByteBuffer[] srcs, int from, int to) {}

  /** Whether bytes are left. */
  abstract boolean hasRemaining(ByteBuffer[] srcs, int from, int to);

  /**
   * Writes what there is room for.
   *
   * @param more whether the operation has taken bytes before, and returns their number if the
   *     stream fails now
   * @return the bytes taken; -1 if the stream failed, which the next write reports
   */
  abstract long put(Endpoint end, ByteBuffer[] srcs, int from, int to, boolean more)
      throws IOException;

  /** Whether the operation waits until all is taken; called first. */
  boolean waits(Facade facade) {
    return facade.isBlocking();
  }

  /** The deadline of the wait. */
  Deadline deadline(Clock clock) {
    return Deadline.NONE;
  }

  /** Whether the lock has to be reentrant, since the user's code is called with it held. */
  boolean callsUser() {
    return false;
  }

  /** Whether it has an effect even without bytes. */
  boolean isDoneEmpty() {
    return false;
  }

  /** Whether an interrupt that comes after bytes were taken does not hide them. */
  boolean keepsResult() {
    return false;
  }

  /** Called after the last put, also if the operation failed. */
  void ended(Endpoint end) {}
}
