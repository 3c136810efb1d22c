package io.nioring.internal.time;

import io.nioring.internal.poll.Millis;
import java.time.Duration;

/** A point in time until which an operation may wait. */
public final class Deadline {
  /** A wait without a time limit, in nanoseconds. */
  public static final long FOREVER = Long.MAX_VALUE;

  /** Never. */
  public static final Deadline NONE = new Deadline(Clock.SYSTEM, FOREVER, 0);

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final Clock clock;
  private final long nanos;
  private final long start;

  private Deadline(Clock clock, long nanos, long start) {
    this.clock = clock;
    this.nanos = nanos;
    this.start = start;
  }

  /** A deadline after a time; 0 means never, as for the timeouts of {@code java.net}. */
  public static Deadline ofMillis(Clock clock, int millis) {
    return millis == 0 ? NONE : new Deadline(clock, millis * 1_000_000L, clock.nanoTime());
  }

  /** A deadline after a time; one of centuries means never. */
  public static Deadline after(Clock clock, Duration duration) {
    return duration.compareTo(LONGEST) > 0
        ? NONE
        : new Deadline(clock, duration.toNanos(), clock.nanoTime());
  }

  /** The time left, 0 or less when it is over, {@link #FOREVER} for never. */
  public long remainingNanos() {
    return this == NONE ? nanos : nanos - (clock.nanoTime() - start);
  }

  /** The time left in whole milliseconds, rounded up, at least one. */
  public int remainingMillis() {
    return (int) Math.min(Integer.MAX_VALUE, Millis.roundedUp(remainingNanos()));
  }
}
