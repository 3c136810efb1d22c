package io.nioring.internal.poll;

/** Times for the calls of the platform that take whole milliseconds. */
public final class Millis {
  private static final long NANOS = 1_000_000;

  private Millis() {}

  /**
   * Converts nanoseconds to milliseconds, rounded up so that a wait does not return early, and at
   * least one, since the platform takes 0 as no limit.
   */
  public static long roundedUp(long nanos) {
    return Math.max(1, nanos / NANOS + (nanos % NANOS > 0 ? 1 : 0));
  }
}
