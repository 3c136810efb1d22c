package io.nioring.internal.names;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntPredicate;

/**
 * The ports that clients get when they do not ask for one, in Linux's default range.
 *
 * <p>Each open connection has a port of its own as long as the range lasts. With more connections
 * than ports, ports are shared: a ring needs no port to tell connections apart, and refusing the
 * connection would help nobody. Thread-safe, without locks.
 */
final class EphemeralPorts {
  static final int FIRST = 32768;
  static final int COUNT = 60999 - FIRST + 1;

  /** How far a search for an unused port goes before it settles for a shared one. */
  private static final int SEARCH = 128;

  private final AtomicIntegerArray users = new AtomicIntegerArray(COUNT);
  private final AtomicInteger cursor = new AtomicInteger();
  private final AtomicInteger inUse = new AtomicInteger();

  /** The next port in turn, free or not. */
  int next() {
    return FIRST + Math.floorMod(cursor.getAndIncrement(), COUNT);
  }

  /** Whether no client uses a port. */
  boolean isFree(int port) {
    return users.get(port - FIRST) == 0;
  }

  /**
   * Takes a port for a client.
   *
   * @param bound tells which ports are bound and must be left alone
   */
  int take(IntPredicate bound) {
    int searches = inUse.incrementAndGet() <= COUNT ? COUNT : SEARCH;
    int port = next();
    for (int i = 0; i < searches; i++, port = next()) {
      if (!bound.test(port) && users.compareAndSet(port - FIRST, 0, 1)) {
        return port;
      }
    }
    for (int i = 0; i < COUNT && bound.test(port); i++, port = next()) {
      // a bound port is shared only if the whole range is bound
    }
    users.incrementAndGet(port - FIRST);
    return port;
  }

  /** Gives a port back. */
  void give(int port) {
    users.decrementAndGet(port - FIRST);
    inUse.decrementAndGet();
  }
}
