package io.nioring.internal.time;

import java.util.concurrent.locks.LockSupport;

/**
 * Tells the time and lets threads wait: the system's clock, unless a subclass overrides it.
 *
 * <p>A thread that waits here is woken by {@link LockSupport#unpark}, whatever the clock. Methods
 * may return early, as those of {@link LockSupport} may. Thread-safe.
 */
public class Clock {
  /** The time of the system. */
  public static final Clock SYSTEM = new Clock();

  /** Makes a clock. */
  protected Clock() {}

  /** The time in nanoseconds since some point, as {@link System#nanoTime}. */
  public long nanoTime() {
    return System.nanoTime();
  }

  /**
   * Parks the calling thread until it is unparked or interrupted.
   *
   * @param blocker what it waits for, for thread dumps
   */
  public void park(Object blocker) {
    LockSupport.park(blocker);
  }

  /**
   * Parks the calling thread until it is unparked or interrupted, or the time is over.
   *
   * @param blocker what it waits for, for thread dumps
   * @param nanos the longest to wait; nothing happens if it is zero or less
   */
  public void parkNanos(Object blocker, long nanos) {
    LockSupport.parkNanos(blocker, nanos);
  }
}
