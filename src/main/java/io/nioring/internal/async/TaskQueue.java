package io.nioring.internal.async;

import java.lang.invoke.VarHandle;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The queue of a pool whose number of threads is fixed: they sleep parked, not on the queue's
 * condition. On JDK 17 the first signal of a lock takes memory; a thread that is signalled without
 * is lost for ever, and nobody is signalled for a task that has come to a queue with tasks in it.
 *
 * <h2>How it works</h2>
 *
 * A thread announces itself, executes a fence, looks once more, and parks. Whoever adds a task
 * executes a fence and wakes one thread that is announced, if any, which takes no memory. Who finds
 * a task in that look although it was woken for another one wakes the next.
 */
@SuppressWarnings("serial") // never serialized
final class TaskQueue extends LinkedBlockingQueue<Runnable> {
  private static final long FOREVER = Long.MAX_VALUE;

  /** The thread that announced itself last; written under the monitor. */
  private transient volatile Sleeper last;

  /** A thread that is announced. */
  private static final class Sleeper {
    private final Thread thread = Thread.currentThread();
    private Sleeper next;
  }

  @Override
  public boolean offer(Runnable task) {
    try {
      return super.offer(task);
    } finally { // it may be in the queue though this fails: there is no memory to wait for a lock
      wakeOne();
    }
  }

  @Override
  public void put(Runnable task) {
    offer(task);
  }

  @Override
  public boolean offer(Runnable task, long timeout, TimeUnit unit) {
    return offer(task);
  }

  @Override
  public Runnable take() throws InterruptedException {
    Runnable task = poll();
    while (task == null) {
      task = sleep(FOREVER);
    }
    return task;
  }

  @Override
  public Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
    long begun = System.nanoTime();
    long nanos = unit.toNanos(timeout);
    long left = nanos;
    Runnable task = poll();
    while (task == null && left > 0) {
      task = sleep(left);
      left = nanos - (System.nanoTime() - begun);
    }
    return task;
  }

  /** Sleeps for a time, or until it is woken or interrupted; the task found then, or null. */
  private Runnable sleep(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Sleeper sleeper = new Sleeper();
    announce(sleeper);
    Runnable task = null;
    try {
      VarHandle.fullFence(); // the announcement before the look
      task = poll();
      if (task == null) {
        park(nanos);
      }
    } finally {
      if (!withdraw(sleeper) && task != null) {
        wakeOne();
      }
    }
    return task == null ? poll() : task;
  }

  private void park(long nanos) {
    if (nanos == FOREVER) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, nanos);
    }
  }

  private void wakeOne() {
    VarHandle.fullFence(); // the task before the look
    if (last != null) {
      Sleeper woken = takeLast();
      if (woken != null) {
        LockSupport.unpark(woken.thread);
      }
    }
  }

  private synchronized void announce(Sleeper sleeper) {
    sleeper.next = last;
    last = sleeper;
  }

  private synchronized Sleeper takeLast() {
    Sleeper taken = last;
    if (taken != null) {
      last = taken.next;
    }
    return taken;
  }

  /** Whether it was still announced: nobody has woken it. */
  private synchronized boolean withdraw(Sleeper sleeper) {
    if (last == sleeper) {
      last = sleeper.next;
      return true;
    }
    for (Sleeper each = last; each != null; each = each.next) {
      if (each.next == sleeper) {
        each.next = sleeper.next;
        return true;
      }
    }
    return false;
  }
}
