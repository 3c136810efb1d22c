package io.nioring.internal.poll;

/** Times for the calls of the platform that take whole milliseconds. */
public final class Millis {
  private static final long NANOS = 1_000_000;

  private Millis() {}

  /**
   * The shortest time in milliseconds that is not shorter than one in nanoseconds, and at least
   * one, since the platform takes 0 for ever: who waits so long has not come back early.
   */
  public static long roundedUp(long nanos) {
    return Math.max(1, nanos / NANOS + (nanos % NANOS > 0 ? 1 : 0));
  }
}
