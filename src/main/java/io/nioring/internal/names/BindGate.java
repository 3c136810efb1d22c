package io.nioring.internal.names;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps connects to the kernel out while a server is half bound.
 *
 * <p>A server that listens both in the kernel and over rings is bound there first. A client that
 * asks the kernel in between would be connected, and stay in the kernel for its whole life. So at
 * one address a bind passes alone, and connects pass together, each of which looks the address up
 * once more when it is inside. Different addresses have nothing to do with one another.
 *
 * <p>Passes are given in the order in which they were asked for: clients that try again and again
 * would keep a bind out otherwise. Nobody waits in the kernel with a pass, so that each is given
 * back at once; who cannot help it says so, and is waited for only as long as it takes to begin.
 * Waits for a pass are bounded nevertheless, by far more than that takes also on a busy machine: to
 * go on meanwhile loses nothing but the detour over the ring. Thread-safe.
 */
public final class BindGate {
  private static final long BIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longer: it outlasts a bind that waits for another connect before it. */
  private static final long CONNECT_WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** A connect that waits in the kernel has chosen its listener by then. */
  private static final long BEGUN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long bindWaitNanos;

  /** Guards the list, and is held for a few steps only. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();

  /** Who is inside or waits, in the order of their coming. */
  private final List<Entry> entries = new ArrayList<>();

  /** The permission to do what was asked for, until it is given back. */
  @FunctionalInterface
  public interface Pass {
    /** Gives the permission back, once. */
    void giveBack();

    /** Says that its holder is about to wait in the kernel, before it can give it back. */
    default void waitsInKernel() {}
  }

  BindGate() {
    this(BIND_WAIT_NANOS);
  }

  BindGate(long bindWaitNanos) {
    this.bindWaitNanos = bindWaitNanos;
  }

  /**
   * Waits for connects to an address on their way to the kernel, 1 s at most, and lets none start.
   *
   * @param place an IP address and port, or what a name of another kind is equal by
   */
  public Pass toBind(Object place) {
    return enter(new Entry(place, true), bindWaitNanos);
  }

  /** Waits for a bind of an address that goes on or waits, 2 s at most, and lets none start. */
  public Pass toConnect(Object place) {
    return enter(new Entry(place, false), CONNECT_WAIT_NANOS);
  }

  private Pass enter(Entry entry, long nanos) {
    lock.lock();
    try {
      entries.add(entry);
      if (isInside(entry, nanos)) {
        return entry;
      }
      remove(entry);
      return () -> {};
    } finally {
      lock.unlock();
    }
  }

  private boolean isInside(Entry entry, long nanos) {
    long left = nanos;
    try {
      while (isKeptOut(entry) && left > 0) {
        long slice = Math.min(left, BEGUN_NANOS); // nobody tells when a connect has been begun
        left -= slice - changed.awaitNanos(slice);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends what follows, not the wait for it
    }
    return !isKeptOut(entry);
  }

  private boolean isKeptOut(Entry entry) {
    for (Entry earlier : entries) {
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
    changed.signalAll();
  }

  /** One that is inside or waits; equal only to itself. */
  private final class Entry implements Pass {
    private final Object place;
    private final boolean binds;

    /** Whether its holder waits in the kernel, and since when. */
    private boolean waits;

    private long waitsSince;

    Entry(Object place, boolean binds) {
      this.place = place;
      this.binds = binds;
    }

    boolean excludes(Entry other) {
      return (binds || other.binds) && !hasBegun() && overlaps(place, other.place);
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
