package io.nioring.internal.names;

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
 * <p>A bind that waits goes before connects that come later: clients that try again and again would
 * keep it out otherwise. Waits are bounded, though by far more than a connect takes inside this
 * machine, also a busy one, where a thread may be off its core for a tenth of a second: one that
 * finds a full backlog may take minutes, and to go on meanwhile loses nothing but the detour over
 * the ring. Thread-safe. A pass is given back by the thread that took it.
 */
public final class BindGate {
  private static final long BIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longer: it outlasts a bind that waits for another connect before it. */
  private static final long CONNECT_WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final long bindWaitNanos;

  /** The permission to do what was asked for, until it is given back. */
  @FunctionalInterface
  public interface Pass {
    /** Gives the permission back, once. */
    void giveBack();
  }

  BindGate() {
    this(BIND_WAIT_NANOS);
  }

  BindGate(long bindWaitNanos) {
    this.bindWaitNanos = bindWaitNanos;
  }

  /** Waits for connects on their way to the kernel, 1 s at most, and lets none start. */
  public Pass toBind() {
    return pass(lock.writeLock(), bindWaitNanos);
  }

  /** Waits for the bind that is going on or that waits, 2 s at most, and lets none start. */
  public Pass toConnect() {
    return pass(lock.readLock(), CONNECT_WAIT_NANOS);
  }

  private static Pass pass(Lock side, long nanos) {
    return isTaken(side, nanos) ? side::unlock : () -> {};
  }

  private static boolean isTaken(Lock side, long nanos) {
    try {
      return side.tryLock(nanos, TimeUnit.NANOSECONDS); // which stands in line, unlike tryLock()
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends what follows, not the wait for it
      return side.tryLock();
    }
  }
}
