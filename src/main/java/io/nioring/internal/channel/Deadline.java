package io.nioring.internal.channel;

import io.nioring.internal.poll.Millis;
import java.time.Duration;

/** A point in time until which an operation may wait. */
final class Deadline {
  /** Never. */
  static final Deadline NONE = new Deadline(BlockingOperation.FOREVER, 0);

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final long nanos;
  private final long start;

  private Deadline(long nanos, long start) {
    this.nanos = nanos;
    this.start = start;
  }

  /** A time from now on; 0 means never, as the socket adaptors' time-outs do. */
  static Deadline ofMillis(int millis) {
    return millis == 0 ? NONE : new Deadline(millis * 1_000_000L, System.nanoTime());
  }

  /** A time from now on; one of centuries means never. */
  static Deadline after(Duration duration) {
    return duration.compareTo(LONGEST) > 0
        ? NONE
        : new Deadline(duration.toNanos(), System.nanoTime());
  }

  /** The time left, 0 or less when it is over, {@link BlockingOperation#FOREVER} for never. */
  long remainingNanos() {
    return this == NONE ? nanos : nanos - (System.nanoTime() - start);
  }

  /** The time left in whole milliseconds, rounded up, at least one. */
  int remainingMillis() {
    return (int) Math.min(Integer.MAX_VALUE, Millis.roundedUp(remainingNanos()));
  }
}
