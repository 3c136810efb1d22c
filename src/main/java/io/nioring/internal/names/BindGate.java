package io.nioring.internal.names;

import io.nioring.internal.time.TurnLock;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps connects to the kernel out while a server is half bound.
 *
 * <p>A server that listens both in the kernel and over rings is bound in the kernel first. A client
 * that asked the kernel in between would be connected, and stay in the kernel for its whole life.
 * So at each address a bind is admitted alone, while connects are admitted together, and each of
 * them looks the address up once more when it has been admitted. Different addresses are
 * independent.
 *
 * <p>Passes are granted in the order of the requests: otherwise clients that keep retrying would
 * starve a bind. No thread waits in the kernel while it holds a pass, so each is returned at once;
 * a holder that cannot avoid such a wait announces it, and is waited for only as long as a connect
 * takes to begin. Waits for a pass are bounded nevertheless, by far more than they take even on a
 * busy machine; a caller that goes on without one only loses the path over the ring. Thread-safe.
 */
public final class BindGate {
  private static final long BIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longer: it outlasts a bind that waits for another connect before it. */
  private static final long CONNECT_WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** By then a connect that waits in the kernel has chosen its listener. */
  private static final long BEGUN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long bindWaitNanos;

  /** Guards the list, and is held for a few steps only. */
  private final TurnLock lock = new TurnLock();

  /** The holders and the waiters, in the order of arrival. */
  private final List<Entry> entries = new ArrayList<>();

  /** The permission that was asked for, until it is returned. */
  @FunctionalInterface
  public interface Pass {
    /** Returns the permission, once. */
    void giveBack();

    /** Announces that the holder is about to wait in the kernel before it can return the pass. */
    default void waitsInKernel() {}
  }

  BindGate() {
    this(BIND_WAIT_NANOS);
  }

  BindGate(long bindWaitNanos) {
    this.bindWaitNanos = bindWaitNanos;
  }

  /**
   * Waits for connects to an address that are on their way to the kernel, 1 s at most, and lets no
   * new one start.
   *
   * @param place an IP address and port, or the key of an address of another kind
   */
  public Pass toBind(Object place) {
    return enter(new Entry(place, true), bindWaitNanos);
  }

  /**
   * Waits for a bind of an address that is in progress or waiting, 2 s at most, and lets no new one
   * start.
   */
  public Pass toConnect(Object place) {
    return enter(new Entry(place, false), CONNECT_WAIT_NANOS);
  }

  private Pass enter(Entry entry, long nanos) {
    boolean inside = false;
    lock.lock();
    try {
      entries.add(entry);
      inside = isInside(entry, nanos);
      return inside ? entry : () -> {};
    } finally {
      if (!inside) { // also for lack of memory: it would keep others out for ever
        remove(entry);
      }
      lock.unlock();
    }
  }

  private boolean isInside(Entry entry, long nanos) {
    long begun = System.nanoTime();
    long left = nanos;
    while (isKeptOut(entry) && left > 0 && !Thread.currentThread().isInterrupted()) {
      entry.sleep(Math.min(left, BEGUN_NANOS)); // nothing tells that a connect has begun
      left = nanos - (System.nanoTime() - begun);
    }
    return !isKeptOut(entry);
  }

  private boolean isKeptOut(Entry entry) {
    for (int i = 0; i < entries.size(); i++) { // without an iterator, which needs memory
      Entry earlier = entries.get(i);
      if (earlier == entry) {
        return false;
      } else if (earlier.excludes(entry)) {
        return true;
      }
    }
    return false;
  }

  private void remove(Entry entry) {
    entries.remove(entry);
    for (int i = 0; i < entries.size(); i++) {
      LockSupport.unpark(entries.get(i).sleeping);
    }
  }

  /** A holder or a waiter; equal only to itself. */
  private final class Entry implements Pass {
    private final Object place;
    private final boolean binds;

    /**
     * Who waits for others to leave; null if nobody does. Not by a condition, whose first signal
     * takes memory and, without, loses who waits.
     */
    private Thread sleeping;

    /** Whether its holder waits in the kernel, and since when it does. */
    private boolean waits;

    private long waitsSince;

    Entry(Object place, boolean binds) {
      this.place = place;
      this.binds = binds;
    }

    boolean excludes(Entry other) {
      return (binds || other.binds) && !hasBegun() && overlaps(place, other.place);
    }

    /** Sleeps without the lock, which the caller holds, for a time or until an entry is removed. */
    private void sleep(long nanos) {
      sleeping = Thread.currentThread();
      lock.unlock();
      try {
        LockSupport.parkNanos(this, nanos);
      } finally {
        lock.lock();
        sleeping = null;
      }
    }

    private boolean hasBegun() {
      return waits && System.nanoTime() - waitsSince > BEGUN_NANOS;
    }

    @Override
    public void waitsInKernel() {
      lock.lock();
      try {
        waits = true;
        waitsSince = System.nanoTime();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void giveBack() {
      lock.lock();
      try {
        remove(this);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Whether a connect to one may end at the other: a wildcard stands for every address. */
  private static boolean overlaps(Object one, Object other) {
    if (one instanceof InetSocketAddress first && other instanceof InetSocketAddress second) {
      return first.getPort() == second.getPort()
          && (first.getAddress().isAnyLocalAddress()
              || second.getAddress().isAnyLocalAddress()
              || first.getAddress().equals(second.getAddress()));
    }
    return one.equals(other);
  }
}
