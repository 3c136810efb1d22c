package io.nioring.internal.async;

import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The time limits of a network's asynchronous operations, and the thread that watches over them
 * while there are any.
 *
 * <p>A limit of an operation that ended is removed at once. Thread-safe; actions that are due are
 * called without a lock.
 */
final class Timeouts implements SpinWait.Condition {
  /** How long the thread stays without limits, in case a new one is set. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** One time limit. */
  final class Entry implements Comparable<Entry> {
    private final long at;
    private final long number;
    private final Runnable due;

    private Entry(long at, long number, Runnable due) {
      this.at = at;
      this.number = number;
      this.due = due;
    }

    /** Removes the limit; does nothing if it is due already. */
    void cancel() {
      synchronized (entries) {
        entries.remove(this);
      }
    }

    @Override
    public int compareTo(Entry other) {
      long earlier = at - other.at; // times may wrap
      return earlier == 0 ? Long.compare(number, other.number) : Long.signum(earlier);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }

  private final Clock clock;
  private final ThreadStarter threads;

  // Guarded by the monitor of the entries.

  private final TreeSet<Entry> entries = new TreeSet<>();
  private long nextNumber;
  private Thread thread;

  /** Whether the thread has to check again before the time that it waits for. */
  private volatile boolean changed;

  Timeouts(Clock clock, ThreadStarter threads) {
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Sets a time limit.
   *
   * @param nanos from now on
   * @param due the action, run on the watching thread; it does not wait
   * @throws OutOfMemoryError if no thread is available to watch it
   */
  @SuppressWarnings("ReferenceEquality") // whether it is this entry that comes first
  Entry add(long nanos, Runnable due) {
    Thread watching;
    Entry entry;
    synchronized (entries) {
      if (thread == null) {
        thread = start();
      }
      // Times are compared by their difference: a limit of centuries is one of a century.
      entry = new Entry(clock.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2), nextNumber++, due);
      entries.add(entry);
      watching = entries.first() == entry ? thread : null;
      changed |= watching != null;
    }
    LockSupport.unpark(watching);
    return entry;
  }

  private Thread start() {
    Runnable watching = clock.handOver(new Watching(), "a thread of its own");
    try {
      return threads.start("nioring-timeouts", watching);
    } catch (RuntimeException | Error e) {
      clock.takeBack(watching);
      throw e;
    }
  }

  @Override
  public boolean holds() {
    return changed;
  }

  /** Runs what is due, until nothing has been set for a while. */
  private final class Watching extends RepeatedTask {
    @Override
    protected boolean step() {
      watch();
      return true;
    }
  }

  private void watch() {
    long idleSince = clock.nanoTime();
    while (true) {
      Entry next;
      long left;
      synchronized (entries) {
        changed = false;
        long now = clock.nanoTime();
        next = entries.isEmpty() ? null : entries.first();
        if (next != null) {
          idleSince = now;
          left = next.at - now;
        } else {
          left = LINGER_NANOS - (now - idleSince);
          if (left <= 0) {
            thread = null;
            return;
          }
        }
      }
      if (left > 0) {
        clock.parkNanos(this, left);
      } else {
        next.due.run();
        next.cancel(); // behind it: one that fails is due again
      }
    }
  }
}
