package io.nioring.internal.async;

import io.nioring.internal.poll.SpinWait;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The queue of a pool whose idle threads spin for a while before they sleep.
 *
 * <h2>How it works</h2>
 *
 * At most one idle thread looks at a time. While it does, a task is handed to it in a slot, past
 * the queue beneath, which would wake a thread that sleeps. A thread that has found nothing waits
 * in the queue beneath as others do.
 *
 * <p>Thread-safe. An element in the slot is not in the queue any more: the thread that looks has
 * it.
 */
final class IdleQueue extends AbstractQueue<Runnable> implements BlockingQueue<Runnable> {
  /** How long a thread pauses that has no memory to wait. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** In the slot while a thread looks and has been given nothing. */
  @SuppressWarnings("UnnecessaryLambda") // a marker, which is never run
  private static final Runnable LOOKING = () -> {};

  private final BlockingQueue<Runnable> beneath;

  /** Null if no thread spins, {@link #LOOKING}, or the task for the one that does. */
  private final AtomicReference<Runnable> slot = new AtomicReference<>();

  /** Guards the wait: held by who looks, or records a sleep. */
  private final AtomicBoolean waiting = new AtomicBoolean();

  private final SpinWait spinWait;
  private final SpinWait.Condition found;

  /**
   * Makes a queue.
   *
   * @param beneath where tasks wait, and threads sleep
   * @param spinWait decides how long a thread looks
   */
  IdleQueue(BlockingQueue<Runnable> beneath, SpinWait spinWait) {
    this.beneath = beneath;
    this.spinWait = spinWait;
    this.found = this::isFound;
    // First calls take memory: a task that was handed over to the first look must not be lost.
    slot.compareAndSet(null, null);
    slot.getAndSet(null);
    waiting.compareAndSet(false, false);
  }

  private boolean isFound() {
    return slot.get() != LOOKING || !beneath.isEmpty();
  }

  /** Looks for a task; null if there is none, or another thread looks already. */
  private Runnable look() {
    Runnable task = beneath.poll();
    if (task != null || !waiting.compareAndSet(false, true)) {
      return task;
    }
    slot.set(LOOKING);
    try {
      spinWait.await(found);
    } catch (RuntimeException | Error e) {
      task = endLook(); // what was handed over is done, whatever ended the look
      if (task == null && !(e instanceof VirtualMachineError)) {
        throw e;
      }
      return task; // without memory to look, the thread sleeps at once
    }
    return endLook();
  }

  /** Takes the task handed over; null if there is none. */
  private Runnable endLook() {
    Runnable task = slot.getAndSet(null);
    waiting.set(false);
    return task == LOOKING ? null : task;
  }

  private void slept(long since) {
    if (waiting.compareAndSet(false, true)) {
      spinWait.slept(System.nanoTime() - since);
      waiting.set(false);
    }
  }

  private boolean handOver(Runnable task) {
    return slot.get() == LOOKING && slot.compareAndSet(LOOKING, task);
  }

  @Override
  public Runnable take() throws InterruptedException {
    Runnable task = look();
    if (task == null) {
      long since = System.nanoTime();
      task = takeFromBeneath();
      slept(since);
    }
    return task;
  }

  /** Without memory to wait, it looks now and then: a thread that ended might not be replaced. */
  private Runnable takeFromBeneath() throws InterruptedException {
    while (true) {
      try {
        return beneath.take();
      } catch (OutOfMemoryError e) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
  }

  @Override
  public Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
    Runnable task = look();
    if (task == null) {
      long since = System.nanoTime();
      task = beneath.poll(timeout, unit);
      slept(since);
    }
    return task;
  }

  @Override
  public boolean offer(Runnable task) {
    return handOver(task) || beneath.offer(task);
  }

  @Override
  public boolean offer(Runnable task, long timeout, TimeUnit unit) throws InterruptedException {
    return handOver(task) || beneath.offer(task, timeout, unit);
  }

  @Override
  public void put(Runnable task) throws InterruptedException {
    if (!handOver(task)) {
      beneath.put(task);
    }
  }

  // -- the queue beneath

  @Override
  public Runnable poll() {
    return beneath.poll();
  }

  @Override
  public Runnable peek() {
    return beneath.peek();
  }

  @Override
  public boolean remove(Object task) {
    return beneath.remove(task);
  }

  @Override
  public int size() {
    return beneath.size();
  }

  @Override
  public int remainingCapacity() {
    return beneath.remainingCapacity();
  }

  @Override
  public Iterator<Runnable> iterator() {
    return beneath.iterator();
  }

  @Override
  public int drainTo(Collection<? super Runnable> target) {
    return beneath.drainTo(target);
  }

  @Override
  public int drainTo(Collection<? super Runnable> target, int most) {
    return beneath.drainTo(target, most);
  }
}
