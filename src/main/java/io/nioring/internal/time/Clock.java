package io.nioring.internal.time;

import io.nioring.internal.poll.SpinWait;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Tells the time and lets threads wait: the system's clock, unless a subclass overrides it.
 *
 * <p>A thread that waits here is woken by {@link LockSupport#unpark}, whatever the clock. Methods
 * may return early, as those of {@link LockSupport} may. Thread-safe.
 *
 * <p>A clock whose time passes when nobody can act has to know who can. So it is also told of
 * threads that wait in another way, and of work that one thread hands to another. The system's
 * clock has no use for that, and does what would be done without it.
 *
 * <p>As a supplier it gives {@link #nanoTime}.
 */
public class Clock implements LongSupplier {
  /** The time of the system. */
  public static final Clock SYSTEM = new Clock();

  /** How long a wait for a lock is that nobody is told the end of. */
  private static final long LOOK_NANOS = 1_000_000;

  /** Makes a clock. */
  protected Clock() {}

  /** The time in nanoseconds since some point, as {@link System#nanoTime}. */
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public final long getAsLong() {
    return nanoTime();
  }

  /**
   * Parks the calling thread until it is unparked or interrupted.
   *
   * @param blocker what it waits for, for thread dumps; if it is a {@link SpinWait.Condition}, a
   *     clock may ask it whether the wait is over
   */
  public void park(Object blocker) {
    LockSupport.park(blocker);
  }

  /**
   * Parks the calling thread until it is unparked or interrupted, or the time is over.
   *
   * @param blocker what it waits for, as above
   * @param nanos the longest to wait; nothing happens if it is zero or less
   */
  public void parkNanos(Object blocker, long nanos) {
    LockSupport.parkNanos(blocker, nanos);
  }

  /**
   * Waits on a monitor that the caller holds, until it is notified or the time is over.
   *
   * @param monitor the monitor
   * @param condition what is waited for
   * @param nanos the longest to wait by this clock, above zero
   * @param systemNanos the longest to wait by the system's, whatever the clock
   * @param notifying has the monitor notified soon, without taking it
   * @throws InterruptedException if the thread is interrupted
   */
  public void await(
      Object monitor,
      SpinWait.Condition condition,
      long nanos,
      long systemNanos,
      Runnable notifying)
      throws InterruptedException {
    TimeUnit.NANOSECONDS.timedWait(monitor, Math.min(nanos, systemNanos));
  }

  /** Takes a lock whose holder may wait here, and waits for it if need be. */
  public void lock(Turn turn) {
    turn.lock();
  }

  /**
   * As {@link #lock(Turn)}, of a caller that may be inside of a monitor which the lock's holder
   * needs to go on. It is let go meanwhile.
   *
   * @param monitor the monitor; null if there is none
   */
  public final void lock(Turn turn, Object monitor) {
    if (monitor == null || !Thread.holdsLock(monitor)) {
      lock(turn);
      return;
    }
    boolean interrupted = false;
    while (!turn.tryLock()) {
      try {
        await(monitor, () -> !turn.isLocked(), Long.MAX_VALUE, LOOK_NANOS, () -> {});
      } catch (InterruptedException e) {
        interrupted = true; // a lock is waited for all the same
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether who waits in another way than by the methods of this class is to use them instead. */
  public boolean countsWaiters() {
    return false;
  }

  /**
   * Notes that a task is about to be handed to another thread.
   *
   * @param to who is to run it, as messages name it
   * @return what that thread is to run; {@link #takeBack} is told if it will not
   */
  public Runnable handOver(Runnable task, Object to) {
    return task;
  }

  /** Notes that a task from {@link #handOver} was not taken. */
  public void takeBack(Runnable handedOver) {}
}
