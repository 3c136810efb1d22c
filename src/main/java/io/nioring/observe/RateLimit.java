package io.nioring.observe;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits a rate to a number a second, with bursts of at most one second's number: a token bucket,
 * represented by the time at which it will be full. Thread-safe.
 */
final class RateLimit {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final long nanosEach;
  private final AtomicLong fullAt;

  /** Makes one that starts full. */
  RateLimit(int perSecond) {
    nanosEach = SECOND / perSecond;
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
      if (next - now > SECOND) {
        return false;
      }
      if (fullAt.compareAndSet(full, next)) {
        return true;
      }
    }
  }
}
