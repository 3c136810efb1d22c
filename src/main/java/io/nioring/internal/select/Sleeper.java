package io.nioring.internal.select;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a selecting thread sleep until it is woken.
 *
 * <h2>How it works</h2>
 *
 * The thread announces itself, executes a full fence, checks once more for work, and sleeps. A
 * thread that adds work publishes it, executes a full fence, and calls {@link #wake}, which takes
 * the announcement and ends the sleep. At least one of the two sees the other, so no wake-up is
 * lost; since the announcement is taken, only one of several wakers does the work.
 *
 * <p>A thread sleeps parked, or inside the platform's selector while kernel channels are
 * registered.
 */
final class Sleeper implements SpinWait.Condition {
  /** No handle, whose first call takes memory: the first wake-up may find none. */
  private static final AtomicReferenceFieldUpdater<Sleeper, Thread> ASLEEP =
      AtomicReferenceFieldUpdater.newUpdater(Sleeper.class, Thread.class, "asleep");

  /**
   * Weak: peers of our channels refer to this object, and the poller refers to the channels. A
   * thread that is asleep inside the poller keeps it reachable.
   */
  private final WeakReference<KernelPoller> kernel;

  private volatile Thread asleep;

  /** How the announced thread sleeps; written before the announcement. */
  private boolean inKernel;

  private final Clock clock;

  Sleeper(KernelPoller kernel, Clock clock) {
    this.kernel = new WeakReference<>(kernel);
    this.clock = clock;
  }

  /**
   * Announces the calling thread; the caller next checks for work, then sleeps, then calls {@link
   * #rise}.
   */
  void lieDown(boolean toKernel) {
    inKernel = toKernel;
    ASLEEP.lazySet(this, Thread.currentThread());
    VarHandle.fullFence(); // the announcement before the last check
  }

  /** Whether the announcement is still there: the thread has not been woken. */
  boolean isAnnounced() {
    return asleep != null;
  }

  /** Whether the wait of an announced thread is over. */
  @Override
  public boolean holds() {
    return !isAnnounced();
  }

  /** Withdraws the announcement. */
  void rise() {
    asleep = null;
  }

  /** Parks the announced thread until it is woken, or for a time; may return early. */
  void park(long nanos) {
    if (!isAnnounced()) {
      return;
    }
    if (nanos == Long.MAX_VALUE) {
      clock.park(this);
    } else {
      clock.parkNanos(this, nanos);
    }
  }

  /** Ends the sleep of an announced thread, if there is one; a fence precedes the call. */
  void wake() {
    Thread thread = asleep;
    if (thread != null && ASLEEP.compareAndSet(this, thread, null)) {
      if (inKernel) {
        wakeInKernel();
      } else {
        LockSupport.unpark(thread);
      }
    }
  }

  private void wakeInKernel() {
    KernelPoller poller = kernel.get();
    if (poller != null) {
      poller.wakeup();
    }
  }
}
