package io.nioring.observe;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits a rate to a number in a period, with bursts of at most that number: a token bucket,
 * represented by the time at which it will be full. Thread-safe.
 */
final class RateLimit {
  private final long periodNanos;
  private final long nanosEach;
  private final AtomicLong fullAt;

  /** Makes one that starts full. */
  RateLimit(long most, long periodNanos) {
    this.periodNanos = periodNanos;
    nanosEach = most == 0 ? periodNanos + 1 : periodNanos / most;
    fullAt = new AtomicLong(System.nanoTime());
  }

  /** Whether one more may pass now. */
  boolean admits() {
    return admits(System.nanoTime());
  }

  boolean admits(long now) {
    while (true) {
      long full = fullAt.get();
      long next = (full - now < 0 ? now : full) + nanosEach;
      if (next - now > periodNanos) {
        return false;
      }
      if (fullAt.compareAndSet(full, next)) {
        return true;
      }
    }
  }
}
