package io.nioring.internal.async;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Deadline;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread waits for the future of a side's pending operation: it retries the operation itself
 * after a wake-up, so that no thread of the group has to be woken first.
 *
 * <h2>How it works</h2>
 *
 * One thread at a time. It announces the operation that it waits for, executes a fence, and spins
 * for a while before it parks. A wake-up that finds the operation announced is recorded here and
 * submits no task. A thread that leaves withdraws the announcement, executes a fence, and tries the
 * operation once more: a concurrent wake-up sees the withdrawal, or the thread sees the wake-up's
 * change.
 *
 * <p>No handler is ever called here: the operation's result goes to a future.
 */
final class FutureWait implements SpinWait.Condition {
  private static final VarHandle THREAD;

  static {
    try {
      THREAD = MethodHandles.lookup().findVarHandle(FutureWait.class, "thread", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Side side;
  private final SpinWait spinWait;

  /** The waiting thread; null if there is none. */
  @SuppressWarnings("unused") // written by the handle
  private volatile Thread thread;

  /** The operation that it waits for; null if there is none. Read by threads that wake. */
  private volatile Operation<?> operation;

  /** The future of the operation; used by the thread that waits. */
  private Future<?> future;

  private volatile boolean news;

  /** Whether the thread is parked, or about to be. */
  private volatile boolean asleep;

  FutureWait(Side side, SpinWait spinWait) {
    this.side = side;
    this.spinWait = spinWait;
  }

  /**
   * Waits until the future is done, the thread is interrupted, or the time is over; or not at all
   * if another thread waits here.
   *
   * @param nanos the longest time to wait, {@link Deadline#FOREVER} for no limit
   */
  void await(Operation<?> of, Future<?> done, long nanos) throws InterruptedException {
    if (!THREAD.compareAndSet(this, null, Thread.currentThread())) {
      return;
    }
    future = done;
    news = false;
    operation = of;
    try {
      ForkJoinPool.managedBlock(new Blocker(of, nanos));
    } finally {
      operation = null;
      VarHandle.fullFence(); // a thread with a change sees this, or the attempt sees the change
      try {
        if (!done.isDone()) {
          side.tryNow(of);
        }
      } finally {
        future = null;
        thread = null;
      }
    }
  }

  @Override
  public boolean holds() {
    return news || future.isDone();
  }

  /**
   * Notifies the thread that waits for an operation that it may have ended, or can.
   *
   * @return false if no thread waits for it here
   */
  boolean tell(Operation<?> of) {
    if (!of.equals(operation)) {
      return false;
    }
    news = true;
    if (asleep) {
      LockSupport.unpark(thread);
    }
    return true;
  }

  /** One thread's wait. */
  private final class Blocker implements ForkJoinPool.ManagedBlocker {
    private final Operation<?> of;
    private final long nanos;
    private final long begun;

    Blocker(Operation<?> of, long nanos) {
      this.of = of;
      this.nanos = nanos;
      this.begun = nanos == Deadline.FOREVER ? 0 : System.nanoTime();
    }

    /** Spins for a while; returns whether the wait is over. */
    @Override
    public boolean isReleasable() {
      do {
        while (news && !future.isDone()) {
          news = false;
          VarHandle.fullFence(); // the change behind the signal is seen, or signalled again
          side.tryNow(of);
        }
        if (future.isDone() || Thread.currentThread().isInterrupted() || left() <= 0) {
          return true;
        }
      } while (spinWait.await(FutureWait.this));
      return false;
    }

    private long left() {
      return nanos == Deadline.FOREVER ? nanos : nanos - (System.nanoTime() - begun);
    }

    @Override
    public boolean block() {
      long since = System.nanoTime();
      asleep = true;
      VarHandle.fullFence(); // a thread with a change sees this, or we see the change
      try {
        if (!holds()) {
          park();
        }
      } finally {
        asleep = false;
      }
      spinWait.slept(System.nanoTime() - since);
      return false; // asks whether it is over
    }

    private void park() {
      if (nanos == Deadline.FOREVER) {
        LockSupport.park(FutureWait.this);
      } else {
        LockSupport.parkNanos(FutureWait.this, left());
      }
    }
  }
}
