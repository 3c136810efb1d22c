package io.nioring.stream;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The lock that admits one thread to a side of an {@link Endpoint}: as {@link
 * java.util.concurrent.locks.ReentrantLock}, in one object instead of two, since every connection
 * has four.
 *
 * <p>Reentrant, because a source or target of bytes is the user's code and is called with the lock
 * held: what it does wrong must not make it wait for itself.
 */
@SuppressWarnings("serial") // never serialized
final class IoLock extends AbstractQueuedSynchronizer {
  void lock() {
    acquire(1);
  }

  boolean tryLock() {
    return tryAcquire(1);
  }

  void unlock() {
    release(1);
  }

  boolean isHeldByCurrentThread() {
    return isHeldExclusively();
  }

  @Override
  protected boolean tryAcquire(int holds) {
    Thread current = Thread.currentThread();
    if (compareAndSetState(0, holds)) {
      setExclusiveOwnerThread(current);
      return true;
    }
    if (getExclusiveOwnerThread() == current) {
      setState(getState() + holds);
      return true;
    }
    return false;
  }

  @Override
  protected boolean tryRelease(int holds) {
    if (!isHeldExclusively()) {
      throw new IllegalMonitorStateException("the lock is not this thread's");
    }
    int left = getState() - holds;
    if (left == 0) {
      setExclusiveOwnerThread(null);
    }
    setState(left);
    return left == 0;
  }

  @Override
  protected boolean isHeldExclusively() {
    return getExclusiveOwnerThread() == Thread.currentThread();
  }
}
