package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * The channels that the garbage collector found: dropped without a close, and freed here. Used by
 * the housekeeping thread, {@link #free(int)} by any.
 */
final class DroppedChannels {
  private final ReferenceQueue<Channel> queue = new ReferenceQueue<>();

  /** Those of which something is not freed yet. */
  private final List<Entry> unfinished = new ArrayList<>();

  /** Whether one that is not freed is not among the unfinished: a round finds it. */
  private volatile boolean lost;

  /**
   * Where the collector puts the entries of dropped channels, and references to those in flight.
   */
  ReferenceQueue<Channel> queue() {
    return queue;
  }

  /** Frees the next dropped channel, waiting for one until a time is over. */
  void freeNext(long waitMillis) throws InterruptedException {
    Reference<? extends Channel> found = queue.poll();
    if (found == null) {
      freeUnfinished();
      found = queue.remove(waitMillis);
    }
    if (found != null) {
      Entry entry = ChannelRegistry.dropped(found);
      if (!freed(entry)) {
        keep(entry);
      }
    }
  }

  /** Also if their peers were just dropped. */
  private void freeUnfinished() {
    if (!unfinished.isEmpty()) {
      unfinished.removeIf(DroppedChannels::freed);
    }
  }

  private void keep(Entry entry) {
    try {
      unfinished.add(entry);
    } catch (OutOfMemoryError e) {
      lost = true;
    }
  }

  /** Frees as many of those that are there, without waiting. */
  void free(int most) {
    for (int i = 0; i < most; i++) {
      Reference<? extends Channel> found = queue.poll();
      if (found == null) {
        return;
      }
      freeAgain(ChannelRegistry.dropped(found));
    }
  }

  /** Frees one that is or may be lost. */
  void freeAgain(Entry entry) {
    if (!freed(entry)) {
      lost = true;
    }
  }

  /** How many channels were dropped and stay as they are until others end. */
  int kept() {
    return unfinished.size();
  }

  /** Whether one was lost since this was called last. */
  boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /** Frees what is left of a dropped channel; false if that has to be done again. */
  private static boolean freed(Entry entry) {
    try {
      return entry.freeDropped();
    } catch (IOException e) {
      BackgroundFailures.log("cannot close a channel that was dropped", e);
      return true;
    } catch (Throwable e) {
      BackgroundFailures.log("cannot close a channel that was dropped", e);
      return false;
    }
  }
}
