package io.nioring.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The ports that clients get when they do not ask for one, in Linux's default range, and which of
 * the range's ports are bound.
 *
 * <p>Each open connection has its own port until the range is used up. With more connections than
 * ports, ports are shared: a ring does not need ports to tell connections apart, so there is no
 * reason to refuse one. Thread-safe, without locks.
 *
 * <pre>{@code
 * the state of a port     31      30 .. 15            14 .. 0
 *                       bound   the users' address    how many clients use it
 * }</pre>
 *
 * The address is kept as a digest, or as 0 if the users have several: a bind of a different address
 * of the port is mistaken for theirs in one case of 32,767. One compare-and-set changes a state, so
 * that a bind and a client that want a port at the same time never both get it.
 *
 * <p>The states are in pages, each made when a port of it is first used: all of them are 110 KiB,
 * and a simulation may have thousands of hosts with a few connections each.
 */
public final class EphemeralPorts {
  public static final int FIRST = 32768;
  public static final int COUNT = 60999 - FIRST + 1;

  /** How many ports a search for an unused one tries before it takes a shared one. */
  private static final int SEARCH = 128;

  private static final int PAGE_SHIFT = 8;
  private static final int PAGE = 1 << PAGE_SHIFT;

  private static final int BOUND = 1 << 31;
  private static final int USERS = (1 << 15) - 1;
  private static final int ADDRESS_SHIFT = 15;
  private static final int ADDRESS = 0xffff;
  private static final int SIX = 1 << 15;
  private static final int SEVERAL = 0;

  /** The digest of 127.0.0.1, whose hash code is the address. */
  private static final int LOOPBACK4 = digest4(0x7f000001);

  private final AtomicReferenceArray<AtomicIntegerArray> pages =
      new AtomicReferenceArray<>((COUNT + PAGE - 1) >> PAGE_SHIFT);

  private final AtomicInteger cursor = new AtomicInteger();
  private final AtomicInteger inUse = new AtomicInteger();

  public static boolean contains(int port) {
    return port >= FIRST && port < FIRST + COUNT;
  }

  /** The next port in the range, whether free or not. */
  public int next() {
    return FIRST + Math.floorMod(cursor.getAndIncrement(), COUNT);
  }

  /** Whether a port of the range is neither used nor bound. */
  public boolean isFree(int port) {
    return state(port) == 0;
  }

  private int state(int port) {
    AtomicIntegerArray page = pages.get((port - FIRST) >> PAGE_SHIFT);
    return page == null ? 0 : page.get((port - FIRST) & (PAGE - 1));
  }

  /** Needs memory for the first port of a page that is not 0. */
  private boolean changes(int port, int expected, int next) {
    int number = (port - FIRST) >> PAGE_SHIFT;
    AtomicIntegerArray page = pages.get(number);
    if (page == null) {
      pages.compareAndSet(number, null, new AtomicIntegerArray(PAGE));
      page = pages.get(number);
    }
    return page.compareAndSet((port - FIRST) & (PAGE - 1), expected, next);
  }

  /**
   * Takes a port for a client: a bound one only if the whole range is bound.
   *
   * @param ip the client's address
   */
  public int take(InetAddress ip) {
    return take(digest(ip));
  }

  /**
   * Takes a port for a client with the loopback address of a family, as above.
   *
   * @param sameFamily a loopback address of the family
   */
  public int takeLoopback(InetAddress sameFamily) {
    return take(sameFamily instanceof Inet6Address ? digest(sameFamily) : LOOPBACK4);
  }

  private int take(int digest) {
    boolean taken = false;
    int searches = inUse.incrementAndGet() <= COUNT ? COUNT : SEARCH;
    try {
      int port = take(digest, searches);
      taken = true;
      return port;
    } finally {
      if (!taken) {
        inUse.decrementAndGet();
      }
    }
  }

  private int take(int digest, int searches) {
    int port = next();
    for (int i = 0; i < searches; i++, port = next()) {
      if (changes(port, 0, (digest << ADDRESS_SHIFT) | 1)) {
        return port;
      }
    }
    for (int i = 0; i < COUNT && (state(port) & BOUND) != 0; i++, port = next()) {
      // a bound port is shared only if the whole range is bound
    }
    int state;
    do {
      state = state(port);
    } while (!changes(port, state, withUser(state, digest)));
    return port;
  }

  private static int withUser(int state, int digest) {
    boolean same = (state & USERS) == 0 || addressOf(state) == digest;
    return withAddress(state + 1, same ? digest : SEVERAL);
  }

  private static int addressOf(int state) {
    return (state >>> ADDRESS_SHIFT) & ADDRESS;
  }

  private static int withAddress(int state, int digest) {
    return (state & ~(ADDRESS << ADDRESS_SHIFT)) | (digest << ADDRESS_SHIFT);
  }

  /** 16 bits, never {@link #SEVERAL}: the family, and a hash of the address. */
  private static int digest(InetAddress ip) {
    int hash = digest4(ip.hashCode());
    return ip instanceof Inet6Address ? hash | SIX : hash;
  }

  private static int digest4(int hash) {
    return Math.floorMod(hash * 0x9E3779B9, SIX - 1) + 1;
  }

  /** Gives a port back. */
  public void give(int port) {
    int state;
    do {
      state = state(port);
    } while (!changes(port, state, withoutUser(state)));
    inUse.decrementAndGet();
  }

  private static int withoutUser(int state) {
    int fewer = state - 1;
    return (fewer & USERS) == 0 ? withAddress(fewer, SEVERAL) : fewer;
  }

  /**
   * Keeps clients away from a port that is about to be bound, until {@link #unbind}. Does nothing
   * for one outside of the range.
   *
   * @param ip the address to bind
   * @param bothFamilies whether it stands for the addresses of both families, if it is a wildcard
   * @return false if a client uses the address
   */
  public boolean bind(int port, InetAddress ip, boolean bothFamilies) {
    if (!contains(port)) {
      return true;
    }
    while (true) {
      int state = state(port);
      if ((state & USERS) != 0 && isUsed(addressOf(state), ip, bothFamilies)) {
        return false;
      }
      if (changes(port, state, state | BOUND)) {
        return true;
      }
    }
  }

  private static boolean isUsed(int users, InetAddress ip, boolean bothFamilies) {
    if (users == SEVERAL || (ip.isAnyLocalAddress() && bothFamilies)) {
      return true;
    }
    return ip.isAnyLocalAddress() ? (users & SIX) == (digest(ip) & SIX) : users == digest(ip);
  }

  /** Marks a port as no longer bound. */
  public void unbind(int port) {
    if (!contains(port)) {
      return;
    }
    int state;
    do {
      state = state(port);
    } while ((state & BOUND) != 0 && !changes(port, state, state & ~BOUND));
  }
}
