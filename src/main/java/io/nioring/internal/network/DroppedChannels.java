package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * The channels that the garbage collector found unreachable without a close, and that are freed
 * here. Used by the housekeeping thread; {@link #free(int)} by any thread.
 */
final class DroppedChannels {
  private final ReferenceQueue<Channel> queue = new ReferenceQueue<>();

  /** Those that are not completely freed yet. */
  private final List<Entry> unfinished = new ArrayList<>();

  /** Whether an unfreed one is missing from the unfinished ones: a round finds it. */
  private volatile boolean lost;

  /**
   * The collector's queue of the entries of dropped channels, and of references to those in flight.
   */
  ReferenceQueue<Channel> queue() {
    return queue;
  }

  /** Frees the next dropped channel, waiting for one until a timeout. */
  void freeNext(long waitMillis) throws InterruptedException {
    Reference<? extends Channel> found = queue.poll();
    if (found == null) {
      freeUnfinished();
      found = queue.remove(waitMillis);
    }
    if (found != null) {
      Entry entry = ChannelRegistry.dropped(found);
      boolean done = false;
      try {
        done = freed(entry);
      } finally {
        if (!done) {
          keep(entry);
        }
      }
    }
  }

  /** Including those whose peers were just dropped. */
  private void freeUnfinished() {
    if (!unfinished.isEmpty()) {
      unfinished.removeIf(DroppedChannels::freed);
    }
  }

  private void keep(Entry entry) {
    try {
      unfinished.add(entry);
    } catch (VirtualMachineError | LinkageError e) {
      lost = true;
    }
  }

  /** Frees up to that many of those in the queue, without waiting. */
  void free(int most) {
    for (int i = 0; i < most; i++) {
      Reference<? extends Channel> found = queue.poll();
      if (found == null) {
        return;
      }
      freeAgain(ChannelRegistry.dropped(found));
    }
  }

  /** Frees one that is, or may be, missing from the unfinished ones. */
  void freeAgain(Entry entry) {
    boolean done = false;
    try {
      done = freed(entry);
    } finally {
      if (!done) {
        lost = true;
      }
    }
  }

  /** Some that are missing from the unfinished ones may not have been found by a round. */
  void lookAgain() {
    lost = true;
  }

  /** How many channels were dropped and stay open until others close. */
  int kept() {
    return unfinished.size();
  }

  /** Whether one was lost since the last call. */
  boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /**
   * Frees what is left of a dropped channel; false if that has to be repeated, as it has to be if
   * this throws, for want of memory for a log's text.
   */
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
