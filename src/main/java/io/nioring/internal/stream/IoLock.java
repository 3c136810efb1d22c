package io.nioring.internal.stream;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The lock that admits one thread to a side of an {@link Endpoint}, in one object, since every
 * connection has four.
 *
 * <p>It knows its owner only if asked to. To note it is a store of a reference, twice for every
 * byte that travels, and into an object that has become old that costs more with G1 than the lock
 * itself. Without it the lock is not reentrant, which is all that our own code needs.
 *
 * <p>A source or target of bytes is the user's code and is called with the lock held: what it does
 * wrong must not make it wait for itself. Such an operation takes the lock {@linkplain
 * #lockReentrantly reentrantly}.
 */
@SuppressWarnings("serial") // never serialized
final class IoLock extends AbstractQueuedSynchronizer {
  /** Takes the lock; the same thread must not take it again before it lets it go. */
  void lock() {
    acquire(1);
  }

  /** Takes the lock; the same thread may take it again, and lets it go as often. */
  void lockReentrantly() {
    acquire(1);
    setExclusiveOwnerThread(Thread.currentThread());
  }

  /** Takes the lock if nobody has it, this thread included. */
  boolean tryLock() {
    return compareAndSetState(0, 1);
  }

  void unlock() {
    release(1);
  }

  @Override
  protected boolean tryAcquire(int holds) {
    if (compareAndSetState(0, holds)) {
      return true;
    }
    if (getExclusiveOwnerThread() != Thread.currentThread()) {
      return false;
    }
    setState(getState() + holds);
    return true;
  }

  @Override
  protected boolean tryRelease(int holds) {
    int left = getState() - holds;
    if (left < 0) {
      throw new IllegalMonitorStateException("the lock is not held");
    }
    if (left == 0 && getExclusiveOwnerThread() != null) {
      setExclusiveOwnerThread(null);
    }
    setState(left);
    return left == 0;
  }
}
