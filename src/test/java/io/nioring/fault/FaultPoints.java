package io.nioring.fault;

import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * Where woven classes ask whether to fail: {@link FaultWeaver} puts a call of {@link #hit} in front
 * of each allocation, system call and callback, and behind what may grow.
 *
 * <p>One thread at a time is armed, and with it each {@link FaultThread} and the thread of a
 * capture; all others pass.
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

  private static final Set<String> GROWING_AFTERWARDS =
      Set.of(
          "java.util.ArrayDeque",
          "java.util.Collections$SetFromMap",
          "java.util.Collections$SynchronizedSet",
          "java.util.HashMap",
          "java.util.HashSet",
          "java.util.LinkedHashMap",
          "java.util.LinkedHashSet",
          "java.util.WeakHashMap",
          "java.util.concurrent.ConcurrentHashMap"); // where threads meet

  /** The thread that writes a capture's file. */
  static final String CAPTURE = "nioring-capture";

  private record Site(Kind kind, String where) {}

  /** The JVM throws the same one again and again where it has no memory for another. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // as the JVM does
  private static final OutOfMemoryError SHORT_OF_MEMORY =
      new OutOfMemoryError("injected, with those that follow");

  private static final List<Site> SITES = new ArrayList<>();
  private static final BitSet HIT = new BitSet();

  private static final AtomicInteger LEFT = new AtomicInteger();

  private static volatile int inARow = 1;
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

  /**
   * Lets the n-th site fail that this thread, or one of the operation's, comes to.
   *
   * @param most how many sites in a row fail at most if that one is an allocation: those are
   *     allocations too
   */
  static void arm(int n, int most) {
    LEFT.set(n);
    inARow = most;
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
    if (isArmed(Thread.currentThread())) {
      int left = LEFT.decrementAndGet();
      if (left <= 0 && left > -inARow) {
        fail(site, left == 0);
      }
    }
  }

  /** Called by the woven classes in place of {@link Collection#add}. */
  public static <E> boolean add(Collection<E> collection, E element, int site) throws IOException {
    boolean added = collection.add(element);
    if (added && growsAfterwards(collection)) {
      hit(site);
    }
    return added;
  }

  /** Called by the woven classes in place of {@link Map#put}. */
  public static <K, V> V put(Map<K, V> map, K key, V value, int site) throws IOException {
    int before = map.size();
    V replaced = map.put(key, value);
    if (growsAfterwards(map) && map.size() > before) {
      hit(site);
    }
    return replaced;
  }

  /** Called by the woven classes in place of {@link Map#putIfAbsent}. */
  public static <K, V> V putIfAbsent(Map<K, V> map, K key, V value, int site) throws IOException {
    V present = map.putIfAbsent(key, value);
    if (growsAfterwards(map) && present == null) {
      hit(site);
    }
    return present;
  }

  /** Called by the woven classes in place of {@link Map#compute}. */
  public static <K, V> V compute(
      Map<K, V> map, K key, BiFunction<? super K, ? super V, ? extends V> change, int site)
      throws IOException {
    int before = map.size();
    V computed = map.compute(key, change);
    if (growsAfterwards(map) && map.size() > before) {
      hit(site);
    }
    return computed;
  }

  /** Whether it makes room when an element is in, so that the element stays if there is none. */
  private static boolean growsAfterwards(Object collection) {
    return GROWING_AFTERWARDS.contains(collection.getClass().getName());
  }

  private static boolean isArmed(Thread current) {
    Thread operating = armed;
    return operating != null
        && (current == operating
            || current instanceof FaultThread
            || current.getName().equals(CAPTURE));
  }

  private static synchronized void fail(int site, boolean first) throws IOException {
    Site failing = SITES.get(site);
    if (first) {
      failed = failing;
    } else if (failed == null || failed.kind != Kind.MEMORY || failing.kind != Kind.MEMORY) {
      return; // null while the thread that comes first is on its way here
    }
    HIT.set(site);
    String message = "injected at " + failing.where;
    switch (failing.kind) {
      case MEMORY -> throw inARow == 1 ? new OutOfMemoryError(message) : SHORT_OF_MEMORY;
      case SYSTEM -> throw new IOException(message);
      case SOCKET -> throw new SocketException(message);
      case CALLBACK -> throw new IllegalArgumentException(message);
    }
  }
}
