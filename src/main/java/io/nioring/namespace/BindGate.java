package io.nioring.namespace;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps connects to the kernel out while a server is half bound.
 *
 * <p>A server that listens both in the kernel and over rings is bound there first. A client that
 * asks the kernel in between would be connected, and stay in the kernel for its whole life. So a
 * bind passes alone, and connects pass together, each of which looks the address up once more when
 * it is inside.
 *
 * <p>A wait is bounded: a connect may take as long as the network that it goes to, and to bind
 * meanwhile loses nothing but the detour over the ring. Thread-safe. A pass is given back by the
 * thread that took it.
 */
public final class BindGate {
  private static final long MAX_WAIT_MILLIS = 50;

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** The permission to do what was asked for, until it is given back. */
  @FunctionalInterface
  public interface Pass {
    /** Gives the permission back, once. */
    void giveBack();
  }

  /** Waits for connects on their way to the kernel, 50 ms at most, and lets none start. */
  public Pass toBind() {
    return pass(lock.writeLock());
  }

  /** Waits for the bind that is going on, 50 ms at most, and lets none start. */
  public Pass toConnect() {
    return pass(lock.readLock());
  }

  private static Pass pass(Lock side) {
    return isTaken(side) ? side::unlock : () -> {};
  }

  private static boolean isTaken(Lock side) {
    try {
      return side.tryLock() || side.tryLock(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends what follows, not the wait for it
      return false;
    }
  }
}
