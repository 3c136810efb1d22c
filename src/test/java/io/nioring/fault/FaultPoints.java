package io.nioring.fault;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where woven classes ask whether to fail: {@link FaultWeaver} puts a call of {@link #hit} in front
 * of each allocation, system call and callback.
 *
 * <p>One thread at a time is armed; all others pass.
 */
public final class FaultPoints {
  /** What fails at a site. */
  enum Kind {
    /** An allocation, or a thread that is to start. */
    MEMORY,
    /** A call of the platform that may throw an {@link IOException}. */
    SYSTEM,
    /** A call of the user's code. */
    CALLBACK
  }

  private record Site(Kind kind, String where) {}

  private static final List<Site> SITES = new ArrayList<>();
  private static final BitSet HIT = new BitSet();

  private static volatile Thread armed;
  private static int left;
  private static Site failed;

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

  /** Lets the n-th site that this thread comes to fail. */
  static void arm(int n) {
    left = n;
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
    return failed == null ? null : failed.kind + " at " + failed.where;
  }

  /** Called by the woven classes. */
  public static void hit(int site) throws IOException {
    if (Thread.currentThread() == armed && --left == 0) {
      fail(site);
    }
  }

  private static synchronized void fail(int site) throws IOException {
    HIT.set(site);
    failed = SITES.get(site);
    switch (failed.kind) {
      case MEMORY -> throw new OutOfMemoryError("injected at " + failed.where);
      case SYSTEM -> throw new IOException("injected at " + failed.where);
      case CALLBACK -> throw new IllegalArgumentException("injected at " + failed.where);
    }
  }
}
