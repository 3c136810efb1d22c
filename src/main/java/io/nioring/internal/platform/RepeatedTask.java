package io.nioring.internal.platform;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What a thread in the background does: a step again and again, until one says that it was the
 * last. An error ends that step alone, whatever it is; after a pause, in which memory may be given
 * back, comes the next. The thread is registered with whoever started it, so nobody else would go
 * on with its work.
 */
public final class RepeatedTask implements Runnable {
  /** Without a pause after an error, one that persists would make a busy loop. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final BooleanSupplier step;
  private final long pauseNanos;

  /**
   * Makes a task with a pause of ten milliseconds.
   *
   * @param step returns whether it was the last; it continues what a step before it has not ended
   */
  public RepeatedTask(BooleanSupplier step) {
    this(step, PAUSE_NANOS);
  }

  /**
   * Makes a task.
   *
   * @param step as above
   * @param pauseNanos how long to wait after an error
   */
  public RepeatedTask(BooleanSupplier step, long pauseNanos) {
    this.step = step;
    this.pauseNanos = pauseNanos;
    LockSupport.parkNanos(this, 0); // a first call takes memory, which an error may come of
  }

  @Override
  public void run() {
    boolean over = false;
    while (!over) {
      try {
        over = step.getAsBoolean();
      } catch (Throwable e) {
        LockSupport.parkNanos(this, pauseNanos);
      }
    }
  }
}
