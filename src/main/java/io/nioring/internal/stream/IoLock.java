package io.nioring.internal.stream;

import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import io.nioring.internal.time.Turn;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock that admits one thread to a side of an {@link Endpoint}; a single object, since every
 * connection has four.
 *
 * <p>It records its owner only on request. Recording it takes a reference store, twice per
 * transfer, which into an old object costs more with G1 than the lock itself. Without an owner the
 * lock is not reentrant, which is sufficient for our own code.
 *
 * <p>A source or target of bytes is user code and is called with the lock held. A nested operation
 * on the same side would find the bytes of the outer one partly moved. So an operation that calls
 * user code {@linkplain #lockForCallbacks records its thread}, which is then refused.
 */
@SuppressWarnings("serial") // never serialized
final class IoLock extends AbstractQueuedSynchronizer implements Turn {
  /** How often a thread tries to take the lock before it sleeps: a microsecond or two. */
  private static final int LOOKS = 40;

  /** How long it sleeps before the next attempt without a place in the queue. */
  private static final long SLEEP_NANOS = 100_000;

  /**
   * Takes the lock; the same thread must not take it again before it has released it.
   *
   * @throws IllegalStateException if the thread is inside an operation that calls its code
   */
  @Override
  public void lock() {
    if (!compareAndSetState(0, 1) && !lookAgain()) {
      acquireSurely();
    }
  }

  /** Also without memory for a place in the queue: a close needs the lock to free what it has. */
  private void acquireSurely() {
    try {
      acquire(1);
    } catch (OutOfMemoryError e) {
      while (!tryAcquire(1)) {
        LockSupport.parkNanos(this, SLEEP_NANOS);
      }
    }
  }

  /**
   * As {@link #lock()}, for a lock whose holder may wait by a clock.
   *
   * @param monitor the one that the caller may be inside and the holder waits on; null for none
   */
  void lock(Clock clock, Object monitor) {
    lock(clock, monitor, Deadline.NONE);
  }

  /**
   * As above, until a deadline.
   *
   * @return whether the lock is taken
   */
  boolean lock(Clock clock, Object monitor, Deadline deadline) {
    if (compareAndSetState(0, 1) || lookAgain()) {
      return true;
    }
    ensureNotInside();
    return clock.lock(this, monitor, deadline);
  }

  private void ensureNotInside() {
    if (getExclusiveOwnerThread() == Thread.currentThread()) {
      throw new IllegalStateException(
          "A buffer used the channel that it is the source or target of, from inside the call");
    }
  }

  /**
   * Takes the lock for an operation that calls user code.
   *
   * @throws IllegalStateException as {@link #lock}
   */
  void lockForCallbacks(Clock clock, Object monitor) {
    lock(clock, monitor);
    setExclusiveOwnerThread(Thread.currentThread());
  }

  /**
   * Retries for a moment: the other end may hold the lock briefly to release memory, and sleeping
   * costs a thousand times as much.
   */
  private boolean lookAgain() {
    for (int i = 0; i < LOOKS; i++) {
      Thread.onSpinWait();
      if (getState() == 0 && compareAndSetState(0, 1)) {
        return true;
      }
    }
    return false;
  }

  /** Takes the lock if no thread has it, including this one. */
  @Override
  public boolean tryLock() {
    return compareAndSetState(0, 1);
  }

  @Override
  public boolean tryLock(long nanos) throws InterruptedException {
    return tryAcquireNanos(1, nanos);
  }

  @Override
  public boolean isLocked() {
    return getState() != 0;
  }

  /**
   * Releases the lock, which is a full fence: of this thread and one that announces itself and then
   * checks, at least one sees what the other did before.
   */
  void unlock() {
    release(1);
  }

  @Override
  protected boolean tryAcquire(int holds) {
    if (compareAndSetState(0, holds)) {
      return true;
    }
    ensureNotInside();
    return false;
  }

  @Override
  protected boolean tryRelease(int holds) {
    if (getState() != holds) {
      throw new IllegalMonitorStateException("the lock is not held");
    }
    if (getExclusiveOwnerThread() != null) {
      setExclusiveOwnerThread(null);
    }
    setState(0);
    VarHandle.fullFence(); // implied by the store on most processors, where the JIT merges them
    return true;
  }
}
