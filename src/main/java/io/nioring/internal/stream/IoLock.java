package io.nioring.internal.stream;

import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Turn;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The lock that admits one thread to a side of an {@link Endpoint}, in one object, since every
 * connection has four.
 *
 * <p>It knows its owner only if asked to. To note it is a store of a reference, twice for every
 * byte that travels, and into an object that has become old that costs more with G1 than the lock
 * itself. Without it the lock is not reentrant, which is all that our own code needs.
 *
 * <p>A source or target of bytes is the user's code and is called with the lock held. An operation
 * inside of another one on the same side would find half of its bytes moved. So an operation that
 * calls the user's code {@linkplain #lockForCallbacks notes its thread}, which is refused then.
 */
@SuppressWarnings("serial") // never serialized
final class IoLock extends AbstractQueuedSynchronizer implements Turn {
  /** How often a thread tries to take the lock before it sleeps: a microsecond or two. */
  private static final int LOOKS = 40;

  /**
   * Takes the lock; the same thread must not take it again before it lets it go.
   *
   * @throws IllegalStateException if the thread is inside of an operation that calls its code
   */
  @Override
  public void lock() {
    if (!compareAndSetState(0, 1) && !lookAgain()) {
      acquire(1);
    }
  }

  /**
   * As {@link #lock()}, for a lock whose holder may wait by a clock.
   *
   * @param monitor which the caller may be inside of, and the holder waits on; null for none
   */
  void lock(Clock clock, Object monitor) {
    if (!compareAndSetState(0, 1) && !lookAgain()) {
      ensureNotInside();
      clock.lock(this, monitor);
    }
  }

  private void ensureNotInside() {
    if (getExclusiveOwnerThread() == Thread.currentThread()) {
      throw new IllegalStateException(
          "A buffer used the channel that it is the source or target of, from inside of the call");
    }
  }

  /**
   * Takes the lock for an operation that calls the user's code.
   *
   * @throws IllegalStateException as {@link #lock}
   */
  void lockForCallbacks(Clock clock, Object monitor) {
    lock(clock, monitor);
    setExclusiveOwnerThread(Thread.currentThread());
  }

  /**
   * Tries again for a moment: the other end may hold the lock for a few steps, to give memory back,
   * and to sleep costs a thousand times as much.
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

  /** Takes the lock if nobody has it, this thread included. */
  @Override
  public boolean tryLock() {
    return compareAndSetState(0, 1);
  }

  @Override
  public boolean isLocked() {
    return getState() != 0;
  }

  /**
   * Gives the lock back, which is a full fence: what was done before it is seen by a thread that
   * announces itself to whatever is looked at after it, or that thread's announcement is seen.
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
    VarHandle.fullFence(); // as the volatile store is on most processors, where the JIT merges them
    return true;
  }
}
