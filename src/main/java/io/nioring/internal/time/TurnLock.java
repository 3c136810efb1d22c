package io.nioring.internal.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock that is a {@link Turn}, and that is taken even if there is no memory for a place
 * in its queue: who frees something takes it too.
 */
@SuppressWarnings("serial") // never serialized
public final class TurnLock extends ReentrantLock implements Turn {
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  @Override
  public void lock() {
    try {
      super.lock();
    } catch (OutOfMemoryError e) {
      while (!tryLock()) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
    }
  }

  @Override
  public boolean tryLock(long nanos) throws InterruptedException {
    return tryLock(nanos, TimeUnit.NANOSECONDS);
  }
}
