package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import java.util.List;

/**
 * The fields that a list writes; the padding is in a subclass, so that it is laid out after them.
 */
abstract class ChannelListFields {
  Entry first;
  int size;

  /** The bytes read by the entries that were removed. */
  long bytesReadByRemoved;
}

/**
 * A doubly linked list of entries under its own monitor, which also sums up the bytes that they
 * have read. Padded so that threads that use different lists do not share a cache line.
 */
@SuppressWarnings("UnusedVariable") // the padding
final class ChannelList extends ChannelListFields {
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
    bytesReadByRemoved += entry.bytesRead(); // in the same step: a reader never misses it in both
    return true;
  }

  /** Adds the entries to a list. */
  synchronized void copyTo(List<Entry> all) {
    for (Entry entry = first; entry != null; entry = entry.next) {
      all.add(entry);
    }
  }

  /** The bytes that these channels have read, including the removed ones; only grows. */
  synchronized long bytesRead() {
    long sum = bytesReadByRemoved;
    for (Entry entry = first; entry != null; entry = entry.next) {
      sum += entry.bytesRead();
    }
    return sum;
  }

  synchronized int size() {
    return size;
  }

  /** The most recently added entry; null if there is none. */
  synchronized Entry first() {
    return first;
  }

  /**
   * Copies as many entries as there is room for.
   *
   * @return the number of entries copied
   */
  synchronized int copyTo(Entry[] room) {
    int count = 0;
    for (Entry entry = first; entry != null && count < room.length; entry = entry.next) {
      room[count++] = entry;
    }
    return count;
  }
}
