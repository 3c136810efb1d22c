package io.nioring.internal.time;

import io.nioring.internal.poll.SpinWait;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Provides the time and lets threads wait: the system's clock, unless a subclass overrides it.
 *
 * <p>A thread that waits here is woken by {@link LockSupport#unpark}, with any clock. Methods may
 * return early, as those of {@link LockSupport} may. Thread-safe.
 *
 * <p>A clock whose time advances only when no thread can run has to know which threads can. So it
 * is also notified of threads that wait in other ways, and of work that one thread hands to
 * another. The system's clock ignores these notifications.
 *
 * <p>As a supplier it gives {@link #nanoTime}.
 */
public class Clock implements LongSupplier {
  /** The time of the system. */
  public static final Clock SYSTEM = new Clock();

  /** How long a wait for a lock lasts if its end is not signalled. */
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
   * @param nanos the longest time to wait; returns at once if it is zero or less
   */
  public void parkNanos(Object blocker, long nanos) {
    LockSupport.parkNanos(blocker, nanos);
  }

  /**
   * Waits on a monitor that the caller holds, until it is notified or the time is over.
   *
   * @param monitor the monitor
   * @param condition the condition waited for
   * @param nanos the longest time to wait by this clock, above zero
   * @param systemNanos the longest time to wait by the system's clock
   * @param notifying arranges for the monitor to be notified soon, without taking it
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

  /** Takes a lock whose holder may wait here, waiting for it if necessary. */
  public void lock(Turn turn) {
    turn.lock();
  }

  /**
   * As {@link #lock(Turn)}, until a deadline.
   *
   * @return whether the lock is taken
   */
  public final boolean lock(Turn turn, Deadline deadline) {
    return lock(turn, null, deadline);
  }

  /**
   * As {@link #lock(Turn, Deadline)}, for a caller that may be inside a monitor that the lock's
   * holder needs to go on. The monitor is released meanwhile.
   *
   * @param monitor the monitor; null if there is none
   */
  public final boolean lock(Turn turn, Object monitor, Deadline deadline) {
    boolean isInside = monitor != null && Thread.holdsLock(monitor);
    if (!isInside && deadline == Deadline.NONE) {
      lock(turn);
      return true;
    }
    boolean interrupted = false;
    boolean taken = turn.tryLock();
    long left = deadline.remainingNanos();
    while (!taken && left > 0) {
      try {
        taken = isInside ? tryLockInside(turn, monitor, left) : tryLock(turn, left);
      } catch (InterruptedException e) {
        interrupted = true; // waiting for a lock goes on
      }
      left = deadline.remainingNanos();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return taken;
  }

  private boolean tryLockInside(Turn turn, Object monitor, long nanos) throws InterruptedException {
    await(monitor, () -> !turn.isLocked(), nanos, LOOK_NANOS, () -> {});
    return turn.tryLock();
  }

  /**
   * Waits for a lock whose holder may wait here; may return early.
   *
   * @param nanos the longest time to wait
   * @return whether the lock is taken
   * @throws InterruptedException if the thread is interrupted
   */
  protected boolean tryLock(Turn turn, long nanos) throws InterruptedException {
    return turn.tryLock(nanos);
  }

  /** Whether code that waits in other ways should use the methods of this class instead. */
  public boolean countsWaiters() {
    return false;
  }

  /**
   * Notifies the clock that a task is about to be handed to another thread.
   *
   * @param to the name of the executor in messages
   * @return the task that the thread is to run; {@link #takeBack} is called if it is not handed
   *     over
   */
  public Runnable handOver(Runnable task, Object to) {
    return task;
  }

  /** Notifies the clock that a task from {@link #handOver} was not handed over. */
  public void takeBack(Runnable handedOver) {}
}
