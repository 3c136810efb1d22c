package io.nioring.fault;

import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where woven classes ask whether to fail: {@link FaultWeaver} puts a call of {@link #hit} in front
 * of each allocation, system call and callback.
 *
 * <p>One thread at a time is armed, and with it each {@link FaultThread}; all others pass.
 */
public final class FaultPoints {
  /** What fails at a site. */
  enum Kind {
    /** An allocation, or a thread that is to start. */
    MEMORY,
    /** A call of the platform that may throw an {@link IOException}. */
    SYSTEM,
    /** A call of the platform's sockets, which throw a {@link SocketException}. */
    SOCKET,
    /** A call of the user's code. */
    CALLBACK
  }

  private record Site(Kind kind, String where) {}

  private static final List<Site> SITES = new ArrayList<>();
  private static final BitSet HIT = new BitSet();

  private static final AtomicInteger LEFT = new AtomicInteger();

  private static volatile Thread armed;
  private static volatile Site failed;

  private FaultPoints() {}

  static synchronized int add(Kind kind, String where) {
    SITES.add(new Site(kind, where));
    return SITES.size() - 1;
  }

  /** How many sites were woven into classes that were loaded. */
  static synchronized int sites() {
    return SITES.size();
  }

  /** How many different sites have failed. */
  static synchronized int sitesFailed() {
    return HIT.cardinality();
  }

  /** Lets the n-th site fail that this thread, or one of the operation's, comes to. */
  static void arm(int n) {
    LEFT.set(n);
    failed = null;
    armed = Thread.currentThread();
  }

  /**
   * Lets nothing fail any more.
   *
   * @return where it failed; null if the thread did not come that far
   */
  static String disarm() {
    armed = null;
    Site site = failed;
    return site == null ? null : site.kind + " at " + site.where;
  }

  /** Called by the woven classes. */
  public static void hit(int site) throws IOException {
    if (isArmed(Thread.currentThread()) && LEFT.decrementAndGet() == 0) {
      fail(site);
    }
  }

  private static boolean isArmed(Thread current) {
    Thread operating = armed;
    return operating != null && (current == operating || current instanceof FaultThread);
  }

  private static synchronized void fail(int site) throws IOException {
    HIT.set(site);
    Site failing = SITES.get(site);
    failed = failing;
    String message = "injected at " + failing.where;
    switch (failing.kind) {
      case MEMORY -> throw new OutOfMemoryError(message);
      case SYSTEM -> throw new IOException(message);
      case SOCKET -> throw new SocketException(message);
      case CALLBACK -> throw new IllegalArgumentException(message);
    }
  }
}
