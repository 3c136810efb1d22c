package io.nioring.internal.network;

import io.nioring.internal.network.ChannelRegistry.Entry;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.RightsReceiver;
import java.util.Arrays;

/**
 * Goes round all open channels now and then: gives the memory of idle rings back, lets channels
 * hold what is in flight to them, and closes dropped channels whose close failed before. Used by
 * the housekeeping thread alone.
 */
final class Rounds {
  private final ChannelList[] lists;
  private final DroppedChannels dropped;
  private final MemoryPool memory;

  /** Kept from round to round, so that one needs no memory: it is there to give some back. */
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
      } catch (OutOfMemoryError e) {
        return; // this round gets as far as the room goes
      }
    }
  }

  /** Looks without {@code get}, which would keep the channel from a collection that goes on. */
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

  /** One that was dropped meanwhile, or whose channel cannot hold anything, is left as it is. */
  private static void hold(Entry entry) {
    if (entry.get() instanceof RightsReceiver receiver) {
      entry.holdChannels(receiver.heldChannels());
    }
  }
}
