package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.RightsReceiver;
import java.util.Arrays;

/**
 * Periodically visits all open channels: releases the memory of idle rings, lets channels hold the
 * channels in flight to them, and closes dropped channels whose close failed before. Used only by
 * the housekeeping thread.
 */
final class Rounds {
  private final ChannelList[] lists;
  private final DroppedChannels dropped;
  private final MemoryPool memory;

  // Reused in each round, so that a round, which is to release memory, needs none.

  private final ChannelList.Walk walk = new ChannelList.Walk();
  private final Entry[] some = new Entry[64];

  Rounds(ChannelList[] lists, DroppedChannels dropped, MemoryPool memory) {
    this.lists = lists;
    this.dropped = dropped;
    this.memory = memory;
  }

  void make() {
    memory.lookAfterWaiters();
    memory.prepare();
    boolean again = dropped.takeLost();
    if (memory.bytesInUse() == 0) {
      memory.releaseSpares();
      if (!again) {
        return;
      }
    }
    boolean complete = false;
    try {
      for (ChannelList list : lists) {
        visitAll(list, again);
      }
      complete = true;
    } finally {
      Arrays.fill(some, null);
      if (again && !complete) {
        dropped.lookAgain();
      }
    }
  }

  private void visitAll(ChannelList list, boolean again) {
    list.begin(walk);
    try {
      for (int count = list.take(walk, some); count > 0; count = list.take(walk, some)) {
        for (int i = 0; i < count; i++) {
          visit(some[i], again);
        }
      }
    } finally {
      list.end(walk);
    }
  }

  /** Checks without {@code get}, which would keep the channel alive in a collection in progress. */
  private void visit(Entry entry, boolean again) {
    if (again && entry.refersTo(null)) {
      dropped.freeAgain(entry);
      return;
    }
    Endpoint endpoint = entry.endpoint();
    if (endpoint != null) {
      try {
        endpoint.releaseIdleOutput();
      } catch (Throwable e) {
        BackgroundFailures.log("cannot give the memory of an idle connection back", e);
      }
    }
    try {
      if (entry.hasChannelsToHold()) {
        hold(entry);
      }
    } catch (Throwable e) {
      BackgroundFailures.log("cannot look after channels in flight", e);
    }
  }

  /** Skips one that was dropped meanwhile, or whose channel cannot hold others. */
  private static void hold(Entry entry) {
    if (entry.get() instanceof RightsReceiver receiver) {
      entry.holdChannels(receiver.heldChannels());
    }
  }
}
