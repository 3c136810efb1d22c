package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;

/**
 * The fields that a list writes; the padding is in a subclass, so that it is laid out after them.
 */
abstract class ChannelListFields {
  Entry first;
  int size;

  /** The bytes read by the entries that were removed. */
  long bytesReadByRemoved;

  /** Those that go on, each a link to another one. */
  ChannelList.Walk walks;

  /** What the entries say that were counted in the last sum, or were added since. */
  boolean summed;

  boolean isSumming;

  /** The sum so far. */
  long sum;
}

/**
 * A doubly linked list of entries under its own monitor, which also sums up the bytes that they
 * have read. Padded so that threads that use different lists do not share a cache line.
 *
 * <p>It may have hundreds of thousands of entries, far apart in memory. So whoever looks at all of
 * them does it in steps, each of which has the monitor for some microseconds. An entry that is
 * there all the time is met once; one that comes or goes meanwhile, at most once.
 */
@SuppressWarnings("UnusedVariable") // the padding
final class ChannelList extends ChannelListFields {
  /** A walk over the list, whose monitor guards it. May be used again once it has ended. */
  static final class Walk {
    /** The entry that it meets next; null at the end. */
    private Entry next;

    /** Another walk over the same list; null if there is none. */
    private Walk other;

    /** Steps over an entry that is about to be removed. */
    private void leave(Entry removed) {
      if (next == removed) {
        next = removed.next;
      }
    }
  }

  private long p0;
  private long p1;
  private long p2;
  private long p3;
  private long p4;
  private long p5;
  private long p6;
  private long p7;
  private long p8;
  private long p9;
  private long p10;
  private long p11;
  private long p12;
  private long p13;

  synchronized void add(Entry entry) {
    entry.setSummed(summed);
    entry.next = first;
    if (first != null) {
      first.previous = entry;
    }
    first = entry;
    size++;
  }

  synchronized boolean remove(Entry entry) {
    if (entry.previous == null && first != entry) {
      return false;
    }
    for (Walk walk = walks; walk != null; walk = walk.other) {
      walk.leave(entry);
    }
    if (entry.previous == null) {
      first = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next != null) {
      entry.next.previous = entry.previous;
    }
    entry.previous = null;
    entry.next = null;
    size--;
    remember(entry.bytesRead(), entry.isSummed());
    return true;
  }

  /** In the step that removes an entry, so that no sum misses it. */
  private void remember(long bytesRead, boolean entryIsSummed) {
    bytesReadByRemoved += bytesRead;
    if (isSumming && entryIsSummed != summed) {
      sum += bytesRead;
    }
  }

  synchronized int size() {
    return size;
  }

  /** The most recently added entry; null if there is none. */
  synchronized Entry first() {
    return first;
  }

  /** Begins a walk, which is to be ended. */
  synchronized void begin(Walk walk) {
    walk.next = first;
    walk.other = walks;
    walks = walk;
  }

  /**
   * Takes the next entries of a walk.
   *
   * @param room for these entries; few of them, since who opens or closes a channel waits
   * @return how many there are; 0 at the end
   */
  synchronized int take(Walk walk, Entry[] room) {
    int count = 0;
    Entry entry = walk.next;
    for (; entry != null && count < room.length; entry = entry.next) {
      room[count++] = entry;
    }
    walk.next = entry;
    return count;
  }

  /** Ends a walk, also before it is through. */
  synchronized void end(Walk walk) {
    walk.next = null;
    if (walks == walk) {
      walks = walk.other;
      return;
    }
    for (Walk each = walks; each != null; each = each.other) {
      if (each.other == walk) {
        each.other = walk.other;
      }
    }
  }

  // -- the sum

  /**
   * Begins to sum up what the channels have read, with those that were removed.
   *
   * <p>An entry that is removed meanwhile is counted by the walk, or as one that was removed: each
   * has a bit that tells in which sums it was. So there is one sum at a time.
   */
  synchronized void beginSum(Walk walk) {
    begin(walk);
    summed = !summed;
    isSumming = true;
    sum = bytesReadByRemoved;
  }

  /**
   * Adds what some entries have read.
   *
   * @param most how many of them; few, as for {@link #take}
   * @return whether there are more
   */
  synchronized boolean add(Walk walk, int most) {
    Entry entry = walk.next;
    for (int i = 0; entry != null && i < most; i++) {
      sum += entry.bytesRead();
      entry.setSummed(summed);
      entry = entry.next;
    }
    walk.next = entry;
    return entry != null;
  }

  /** Ends the sum, also before it is whole. */
  synchronized void endSum(Walk walk) {
    end(walk);
    isSumming = false;
  }

  /** The last sum: the bytes that these channels have read, and those removed; only grows. */
  synchronized long sum() {
    return sum;
  }
}
