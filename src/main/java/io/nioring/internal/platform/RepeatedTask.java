package io.nioring.internal.platform;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a thread in the background does: a step again and again, until one says that it was the
 * last. An error ends that step alone, whatever it is; after a pause, in which memory may be given
 * back, comes the next. The thread is registered with whoever started it, so nobody else would go
 * on with its work.
 */
public abstract class RepeatedTask implements Runnable {
  /** Without a pause after an error, one that persists would make a busy loop. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final long pauseNanos;

  /** Makes a task with a pause of ten milliseconds. */
  protected RepeatedTask() {
    this(PAUSE_NANOS);
  }

  /**
   * Makes a task.
   *
   * @param pauseNanos how long to wait after an error
   */
  protected RepeatedTask(long pauseNanos) {
    this.pauseNanos = pauseNanos;
    LockSupport.parkNanos(this, 0); // a first call takes memory, which an error may come of
  }

  /**
   * Does a part of the work, and what a part before it has left unfinished by an error.
   *
   * @return whether it was the last
   */
  protected abstract boolean step();

  @Override
  public void run() {
    boolean over = false;
    while (!over) {
      try {
        over = step();
      } catch (Throwable e) {
        LockSupport.parkNanos(this, pauseNanos);
      }
    }
  }
}
