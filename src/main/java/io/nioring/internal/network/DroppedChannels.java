package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.channels.Channel;

/**
 * The channels that the garbage collector found: dropped without a close, which is made up for
 * here. Thread-safe.
 */
final class DroppedChannels {
  private final ReferenceQueue<Channel> queue = new ReferenceQueue<>();

  /** Whether a close has failed since {@link #takeFailed}: the entry is in the registry still. */
  private volatile boolean failed;

  /** Where the collector puts the entries of dropped channels. */
  ReferenceQueue<Channel> queue() {
    return queue;
  }

  /**
   * Closes the next dropped channel, waiting for one until a time is over.
   *
   * @return false if there was none
   */
  boolean closeNext(long waitMillis) throws InterruptedException {
    return close(queue.remove(waitMillis));
  }

  /** Closes as many of those that are there, without waiting. */
  void close(int most) {
    for (int i = 0; i < most; i++) {
      if (!close(queue.poll())) {
        return;
      }
    }
  }

  /** Whether a close has failed since this was called last. */
  boolean takeFailed() {
    boolean was = failed;
    failed = false;
    return was;
  }

  private boolean close(Reference<? extends Channel> found) {
    if (found == null) {
      return false;
    }
    close((Entry) found);
    return true;
  }

  /** Closes what is left of a dropped channel; a failure is logged. */
  void close(Entry entry) {
    try {
      entry.closeAbandoned();
    } catch (Throwable e) {
      failed = true;
      BackgroundFailures.log("cannot close a channel that was dropped", e);
    }
  }
}
