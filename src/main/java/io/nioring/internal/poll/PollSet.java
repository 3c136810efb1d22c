package io.nioring.internal.poll;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Those that wait for the readiness of one socket: a blocked reader, a blocked writer, and waiters.
 *
 * <h2>How it works</h2>
 *
 * The reader's and the writer's slot need no atomics, since the read lock and the write lock of the
 * socket admit one thread each. Waiters change rarely: they are kept in an array that is copied on
 * change; a single one, the usual case, is stored without an array.
 *
 * <p>{@link #wake} is on the path of every byte. It costs a few loads when nobody waits. Its caller
 * has executed a full fence between the change and the call; the waiting side has one between its
 * announcement and its last check (see the package).
 */
public class PollSet {
  private static final VarHandle READER;
  private static final VarHandle WRITER;
  private static final VarHandle WAITERS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      READER = lookup.findVarHandle(PollSet.class, "reader", Thread.class);
      WRITER = lookup.findVarHandle(PollSet.class, "writer", Thread.class);
      WAITERS = lookup.findVarHandle(PollSet.class, "waiters", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * A null of this type, so that a withdrawal is a call of the same shape as the announcement: the
   * first one of each shape in a class takes memory, and who withdraws may do so for lack of it.
   */
  private static final Thread NOBODY = null;

  private volatile Thread reader;
  private volatile Thread writer;

  /** {@code null}, one {@link Waiter}, or a {@code Waiter[]} of two and more. */
  private volatile Object waiters;

  /** Announces the calling thread as the one that waits for {@code IN}; it re-checks afterwards. */
  public void armReader(Thread thread) {
    READER.setRelease(this, thread);
    VarHandle.fullFence(); // the peer's publish, fence, wake sees this, or we see what it published
  }

  /** Withdraws the announcement of {@link #armReader}. */
  public void disarmReader() {
    READER.setRelease(this, NOBODY);
  }

  /**
   * Announces the calling thread as the one that waits for {@code OUT}; it re-checks afterwards.
   */
  public void armWriter(Thread thread) {
    WRITER.setRelease(this, thread);
    VarHandle.fullFence(); // as in armReader
  }

  /** Withdraws the announcement of {@link #armWriter}. */
  public void disarmWriter() {
    WRITER.setRelease(this, NOBODY);
  }

  /** Whether anyone waits for {@code OUT}: checked before the fill level is read. */
  public boolean isOutWanted() {
    if (writer != null) {
      return true;
    }
    Object all = waiters;
    return all != null && isWanted(all, Readiness.OUT);
  }

  private static boolean isWanted(Object all, int bits) {
    if (all instanceof Waiter waiter) {
      return waiter.wants(bits);
    }
    for (Waiter waiter : (Waiter[]) all) {
      if (waiter.wants(bits)) {
        return true;
      }
    }
    return false;
  }

  /** The thread that sleeps waiting for {@code IN}; null if there is none. */
  public Thread reader() {
    return reader;
  }

  /** The thread that sleeps waiting for {@code OUT}; null if there is none. */
  public Thread writer() {
    return writer;
  }

  /** The first waiter; null if there is none. */
  public Waiter waiter() {
    Object all = waiters;
    return all instanceof Waiter[] many ? many[0] : (Waiter) all;
  }

  /** Adds a waiter, which must not be in the set. */
  public void add(Waiter waiter) {
    Object old;
    Object changed;
    do {
      old = waiters;
      changed = with(old, waiter);
    } while (!WAITERS.compareAndSet(this, old, changed));
  }

  /** Removes a waiter; does nothing if it is not in the set. */
  public void remove(Waiter waiter) {
    Object old;
    Object changed;
    do {
      old = waiters;
      changed = without(old, waiter);
    } while (changed != old && !WAITERS.compareAndSet(this, old, changed));
  }

  /**
   * Wakes those that a change may concern. The caller has published the change, then executed a
   * full fence, and holds no lock that who is woken could need. A write that goes on wakes readers
   * with its write lock held.
   *
   * @param bits what may have become ready
   */
  public void wake(int bits) {
    if ((bits & Readiness.IN) != 0) {
      unparkIfSet(reader);
    }
    if ((bits & Readiness.OUT) != 0) {
      unparkIfSet(writer);
    }
    Object all = waiters;
    if (all != null) {
      wakeWaiters(all, bits);
    }
  }

  /** Makes a blocked reader check again, although nothing has arrived. */
  public void nudgeReader() {
    unparkIfSet(reader);
  }

  private static void unparkIfSet(Thread thread) {
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  private static void wakeWaiters(Object all, int bits) {
    if (all instanceof Waiter waiter) {
      waiter.wake(bits);
    } else {
      for (Waiter waiter : (Waiter[]) all) {
        waiter.wake(bits);
      }
    }
  }

  private static Object with(Object old, Waiter added) {
    if (old == null) {
      return added;
    }
    if (old instanceof Waiter only) {
      return new Waiter[] {only, added};
    }
    Waiter[] many = (Waiter[]) old;
    Waiter[] more = Arrays.copyOf(many, many.length + 1);
    more[many.length] = added;
    return more;
  }

  private static Object without(Object old, Waiter removed) {
    if (old == removed) {
      return null;
    }
    if (!(old instanceof Waiter[] many)) {
      return old;
    }
    for (int at = 0; at < many.length; at++) {
      if (many[at] == removed) {
        return without(many, at);
      }
    }
    return old;
  }

  /** Needs no memory if one is left: a thread may stop waiting because there is none. */
  private static Object without(Waiter[] many, int at) {
    if (many.length == 2) {
      return many[1 - at];
    }
    Waiter[] fewer = Arrays.copyOf(many, many.length - 1);
    System.arraycopy(many, at + 1, fewer, at, fewer.length - at);
    return fewer;
  }
}
