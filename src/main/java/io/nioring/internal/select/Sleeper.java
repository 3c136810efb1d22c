package io.nioring.internal.select;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a selecting thread sleep until somebody wakes it.
 *
 * <h2>How it works</h2>
 *
 * The thread announces itself, passes a full fence, looks once more for work, and sleeps. Who makes
 * work publishes it, passes a full fence, and calls {@link #wake}, which takes the announcement and
 * ends the sleep. One of the two sees the other, so no wake-up is lost; taking the announcement
 * makes one waker of many do the work.
 *
 * <p>A thread sleeps parked, or inside the platform's selector while kernel channels are
 * registered.
 */
final class Sleeper implements SpinWait.Condition {
  private static final VarHandle ASLEEP;

  static {
    try {
      ASLEEP = MethodHandles.lookup().findVarHandle(Sleeper.class, "asleep", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Weak: peers of our channels lead here, and from the poller a way goes back to the channels. A
   * thread that is asleep inside of it holds it.
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
   * Announces the calling thread; the caller looks for work next, then sleeps, then {@link #rise}s.
   */
  void lieDown(boolean toKernel) {
    inKernel = toKernel;
    ASLEEP.setRelease(this, Thread.currentThread());
    VarHandle.fullFence(); // the announcement before the last look
  }

  /** Whether the announcement still stands: nobody has woken the thread. */
  boolean isAnnounced() {
    return asleep != null;
  }

  /** Whether a thread that lay down is about to rise. */
  @Override
  public boolean holds() {
    return !isAnnounced();
  }

  /** Takes the announcement back. */
  void rise() {
    asleep = null;
  }

  /** Parks the announced thread until it is woken, or for a time; it may return early. */
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
