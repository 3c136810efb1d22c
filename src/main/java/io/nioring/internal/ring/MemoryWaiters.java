package io.nioring.internal.ring;

import io.nioring.internal.platform.BackgroundThreads;
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

  private static final long AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How often the system is given time to find memory while there is none: at first, and later. */
  private static final long SHORTEST_SEARCH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LONGEST_SEARCH_NANOS = TimeUnit.SECONDS.toNanos(8);

  /** How many are notified at a time: most of them could not get what the first ones take. */
  private static final int TOLD_AT_ONCE = 16;

  private final Arenas arenas;

  /**
   * Guarded by this object's monitor; who waits longest comes first. An {@link
   * java.util.ArrayDeque} that cannot grow is empty afterwards; a list has what it had.
   */
  private final List<MemoryWaiter> queue = new ArrayList<>();

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

  /** Goes on whatever fails: nobody would start another thread while this one is known. */
  private void look() {
    long pause = SHORTEST_NANOS;
    long searchPause = 0;
    long searched = System.nanoTime();
    while (!isOver()) {
      try {
        if (tellSome()) {
          pause = SHORTEST_NANOS;
        } else {
          pause = Math.min(LONGEST_NANOS, 2 * pause);
          if (System.nanoTime() - searched >= searchPause) {
            boolean again = searchPause > 0;
            searchPause =
                Math.min(LONGEST_SEARCH_NANOS, Math.max(SHORTEST_SEARCH_NANOS, 2 * searchPause));
            search(again);
            searched = System.nanoTime();
          }
        }
      } catch (Throwable e) { // mostly the heap is short too, and who waits is still in the queue
        log("cannot look for memory", e);
        pause = AFTER_FAILURE_NANOS;
        searched = System.nanoTime();
      }
      LockSupport.parkNanos(this, pause);
    }
  }

  /** Tells some for whom there may be memory; whether there were any. */
  private boolean tellSome() {
    List<MemoryWaiter> some = takeSome();
    tellAll(some);
    return !some.isEmpty();
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
      tellAll(takeAll());
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
    List<MemoryWaiter> some = new ArrayList<>(TOLD_AT_ONCE);
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

  /** They are out of the queue: without an iterator, for which there may be no room. */
  private static void tellAll(List<MemoryWaiter> waiters) {
    for (int i = 0; i < waiters.size(); i++) {
      tell(waiters.get(i));
    }
  }

  private static void tell(MemoryWaiter waiter) {
    try {
      waiter.memoryMayBeThere();
    } catch (Throwable e) { // one waiter's trouble is not the others'
      log("cannot wake a writer that waited for memory", e);
    }
  }

  /** Logs a failure if that is possible: without memory it may not be. Never throws. */
  private static void log(String message, Throwable failure) {
    try {
      System.getLogger(MemoryWaiters.class.getName())
          .log(System.Logger.Level.WARNING, message, failure);
    } catch (Throwable e) {
      return; // what is done in the background goes on
    }
  }
}
