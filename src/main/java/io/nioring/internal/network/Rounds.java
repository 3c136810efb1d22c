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

  /** Reused in each round, so that a round, which is to release memory, needs none. */
  private Entry[] copy = new Entry[64];

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
    for (ChannelList list : lists) {
      makeRoom(list.size());
      int count = list.copyTo(copy);
      try {
        for (int i = 0; i < count; i++) {
          visit(copy[i], again);
        }
      } finally {
        Arrays.fill(copy, 0, count, null);
      }
    }
  }

  private void makeRoom(int wanted) {
    if (copy.length < wanted) {
      try {
        copy = new Entry[wanted + wanted / 4];
      } catch (VirtualMachineError | LinkageError e) {
        return; // this round is limited to the room there is
      }
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
