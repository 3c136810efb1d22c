package io.nioring.internal.ring;

import io.nioring.internal.platform.BackgroundThreads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Who waits for memory, and a thread that looks for it while there is anybody.
 *
 * <p>A thread of its own, since memory comes back in the middle of reads, with locks held under
 * which nobody may be woken; and since other parts of the program may give direct memory back,
 * which nobody tells us. A thread that releases a block looks at one field and nudges the thread.
 *
 * <p>A waiter adds itself and then tries to take memory once more; a block is given back before the
 * field is looked at. Both go through an arena's lock, so one of the two sees the other.
 * Thread-safe.
 */
final class MemoryWaiters {
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How often the system is given time to find memory while there is none: at first, and later. */
  private static final long SHORTEST_SEARCH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LONGEST_SEARCH_NANOS = TimeUnit.SECONDS.toNanos(8);

  /** How many are notified at a time: most of them could not get what the first ones take. */
  private static final int TOLD_AT_ONCE = 16;

  private final Arenas arenas;

  /** Guarded by this object's monitor; who waits longest comes first. */
  private final ArrayDeque<MemoryWaiter> queue = new ArrayDeque<>();

  /** The thread that looks, while there is one; written under the monitor. */
  private volatile Thread thread;

  private volatile boolean waited;

  MemoryWaiters(Arenas arenas) {
    this.arenas = arenas;
  }

  /** Adds one, which then tries once more. */
  void add(MemoryWaiter waiter) {
    synchronized (this) {
      queue.add(waiter);
      waited = true;
    }
    startIfNeeded();
  }

  /** Starts the thread if somebody waits and there is none; it may have failed to start before. */
  synchronized void startIfNeeded() {
    if (thread == null && !queue.isEmpty()) {
      try {
        thread = BackgroundThreads.SYSTEM.start("nioring-memory-waiters", this::look);
      } catch (OutOfMemoryError e) {
        // No thread to be had now: housekeeping and the next waiter try again.
      }
    }
  }

  /** Whether anybody waits. */
  boolean isWaited() {
    return waited;
  }

  /** Memory was given back. */
  void released() {
    if (waited) {
      LockSupport.unpark(thread);
    }
  }

  private void look() {
    long pause = SHORTEST_NANOS;
    long searchPause = 0;
    long searched = System.nanoTime();
    while (!isOver()) {
      List<MemoryWaiter> some = takeSome();
      some.forEach(MemoryWaiters::tell);
      if (!some.isEmpty()) {
        pause = SHORTEST_NANOS;
      } else {
        pause = Math.min(LONGEST_NANOS, 2 * pause);
        if (System.nanoTime() - searched >= searchPause) {
          search(searchPause > 0);
          searched = System.nanoTime();
          searchPause =
              Math.min(LONGEST_SEARCH_NANOS, Math.max(SHORTEST_SEARCH_NANOS, 2 * searchPause));
        }
      }
      LockSupport.parkNanos(this, pause);
    }
  }

  /**
   * Looks for memory that nobody refers to any more. What connections hold that the program has
   * dropped comes back after they were found dropped, and nobody else may have the collector look.
   *
   * @param again whether that was to no avail half a second ago
   */
  private void search(boolean again) {
    arenas.searchSlowly();
    if (arenas.isHopeless()) {
      takeAll().forEach(MemoryWaiters::tell);
    } else if (again) {
      System.gc();
    }
  }

  /** Lets the thread end if nobody waits. */
  private synchronized boolean isOver() {
    if (!queue.isEmpty()) {
      return false;
    }
    waited = false;
    thread = null;
    return true;
  }

  /** Takes some out for whom there may be memory, and drops those that do not wait any more. */
  private synchronized List<MemoryWaiter> takeSome() {
    queue.removeIf(waiter -> !waiter.waits());
    List<MemoryWaiter> some = new ArrayList<>();
    boolean forFirst = arenas.mayHave(Chunk.LEAST_BYTES, true);
    boolean forOthers = forFirst && arenas.mayHave(MemoryPool.SMALL_BLOCK_BYTES, false);
    if (forFirst) {
      queue.removeIf(
          waiter -> {
            boolean told = some.size() < TOLD_AT_ONCE && (forOthers || waiter.wantsFirstBlock());
            return told && some.add(waiter);
          });
    }
    return some;
  }

  private synchronized List<MemoryWaiter> takeAll() {
    List<MemoryWaiter> all = new ArrayList<>(queue);
    queue.clear();
    return all;
  }

  private static void tell(MemoryWaiter waiter) {
    try {
      waiter.memoryMayBeThere();
    } catch (RuntimeException | Error e) { // one waiter's trouble is not the others'
      System.getLogger(MemoryWaiters.class.getName())
          .log(System.Logger.Level.WARNING, "cannot wake a writer that waited for memory", e);
    }
  }
}
