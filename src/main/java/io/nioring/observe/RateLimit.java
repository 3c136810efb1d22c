package io.nioring.observe;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets so many pass in a second, and no more than a second's at once: a token bucket, by the time
 * at which it would be full. Thread-safe.
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
