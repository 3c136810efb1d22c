package io.nioring.internal.ring;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.poll.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The waiters for memory, and a thread that looks for memory while there are any.
 *
 * <p>A separate thread, since memory is released in the middle of reads, with locks held under
 * which no thread may be woken; and since other parts of the program may free direct memory without
 * notice. A thread that releases a block checks one field and signals the thread.
 *
 * <p>A waiter adds itself and then tries to take memory once more; a block is released before the
 * field is read. Both go through an arena's lock, so at least one of the two sees the other.
 * Thread-safe.
 */
final class MemoryWaiters {
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long AFTER_FAILURE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How often the system is given time to find memory while there is none: at first, and later. */
  private static final long SHORTEST_SEARCH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LONGEST_SEARCH_NANOS = TimeUnit.SECONDS.toNanos(8);

  /** How often it is looked for what the collector found. */
  private static final int MOST_LOOKS = 50;

  /** How many are notified at a time: most of the others would get nothing after the first ones. */
  private static final int TOLD_AT_ONCE = 16;

  private final Arenas arenas;

  /**
   * Guarded by this object's monitor; the longest waiting comes first. An {@link
   * java.util.ArrayDeque} that fails to grow loses its elements; a list keeps them.
   */
  private final List<MemoryWaiter> queue = new ArrayList<>();

  /** The thread that looks for memory, while there is one; written under the monitor. */
  private volatile Thread thread;

  private volatile boolean waited;

  /** How long the next search waits for; 0 if the last one found some. For the thread alone. */
  private long searchPause;

  /** When the last search ended. For the thread alone, as above; threads follow one another. */
  private long searched = System.nanoTime();

  MemoryWaiters(Arenas arenas) {
    this.arenas = arenas;
  }

  /** Adds a waiter, which then tries once more. */
  void add(MemoryWaiter waiter) {
    synchronized (this) {
      queue.add(waiter);
      waited = true;
    }
    startIfNeeded();
  }

  /**
   * Starts the thread if there are waiters and it is not running; it may have failed to start
   * before.
   */
  synchronized void startIfNeeded() {
    if (thread == null && !queue.isEmpty()) {
      try {
        thread = BackgroundThreads.SYSTEM.start("nioring-memory-waiters", new Looking());
      } catch (VirtualMachineError | LinkageError e) {
        // No thread available now: housekeeping and the next waiter try again.
      }
    }
  }

  /** Whether there are waiters. */
  boolean isWaited() {
    return waited;
  }

  /** Called after memory was released. */
  void released() {
    if (waited) {
      LockSupport.unpark(thread);
    }
  }

  /** If it fails, usually the heap is short too, and the waiters are still in the queue. */
  private final class Looking extends RepeatedTask {
    Looking() {
      super(AFTER_FAILURE_NANOS);
    }

    @Override
    protected boolean step() {
      try {
        lookWhileWaited();
        return true;
      } catch (Throwable e) {
        searched = System.nanoTime();
        logFailure(e);
        throw e;
      }
    }
  }

  private void lookWhileWaited() {
    long pause = SHORTEST_NANOS;
    while (!isOver()) {
      if (tellSome()) {
        pause = SHORTEST_NANOS;
      } else {
        pause = Math.min(LONGEST_NANOS, 2 * pause);
        searchIfDue();
      }
      LockSupport.parkNanos(this, pause);
    }
  }

  /** Notifies some waiters for which there may be memory; returns whether there were any. */
  private boolean tellSome() {
    List<MemoryWaiter> some = takeSome();
    tellAll(some);
    return !some.isEmpty();
  }

  /** Searches after a longer pause each time, also if other waiters come, until some is found. */
  private void searchIfDue() {
    long elapsed = System.nanoTime() - searched;
    if (elapsed >= searchPause) {
      boolean again = searchPause > 0 && elapsed < 2 * LONGEST_SEARCH_NANOS;
      searchPause =
          again
              ? Math.min(LONGEST_SEARCH_NANOS, Math.max(SHORTEST_SEARCH_NANOS, 2 * searchPause))
              : SHORTEST_SEARCH_NANOS;
      search(again);
      searched = System.nanoTime();
    }
  }

  /**
   * Looks for unreferenced memory. Memory held by connections that the program has dropped is
   * released only after the collector found them, and nothing else may trigger a collection.
   *
   * @param again whether that found nothing half a second ago
   */
  private void search(boolean again) {
    if (arenas.searchSlowly()) {
      searchPause = SHORTEST_SEARCH_NANOS; // who comes next is told after it, and not much later
      tellAll(takeAll());
    } else if (isFound() || (again && isFoundByCollector())) {
      searchPause = 0;
    }
  }

  private boolean isFound() {
    return arenas.mayHave(MemoryPool.SMALL_BLOCK_BYTES, false);
  }

  /** What the collector finds, the housekeeping gives back. */
  private boolean isFoundByCollector() {
    System.gc();
    for (int i = 0; i < MOST_LOOKS && !isFound(); i++) {
      LockSupport.parkNanos(this, SHORTEST_NANOS);
    }
    return isFound();
  }

  /** Lets the thread end if there are no waiters. */
  private synchronized boolean isOver() {
    if (!queue.isEmpty()) {
      return false;
    }
    waited = false;
    thread = null;
    return true;
  }

  /** Removes some waiters for which there may be memory, and drops those that no longer wait. */
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

  /**
   * The waiters are no longer in the queue, and a failure of one does not affect the others. Avoids
   * an iterator, for which there may be no room.
   */
  private static void tellAll(List<MemoryWaiter> waiters) {
    Throwable failure = null;
    for (int i = 0; i < waiters.size(); i++) {
      try {
        waiters.get(i).memoryMayBeThere();
      } catch (Throwable e) {
        failure = e;
      }
    }
    Failures.rethrow(failure);
  }

  /** Logs a failure if possible: when memory is short it may not be. Never throws. */
  private static void logFailure(Throwable failure) {
    try {
      System.getLogger(MemoryWaiters.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "cannot look for memory, or wake writers that wait for it",
              failure);
    } catch (Throwable e) {
      return; // the background work goes on
    }
  }
}
