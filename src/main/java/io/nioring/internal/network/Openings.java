package io.nioring.internal.network;

import java.nio.channels.Channel;
import java.util.Map;
import java.util.WeakHashMap;

/** Remembers of the channels of a registry who opened them. Thread-safe. */
final class Openings {
  /** Guarded by this object's monitor. An entry is equal to itself alone. */
  private final Map<ChannelRegistry.Entry, Opening> all = new WeakHashMap<>();

  void add(ChannelRegistry.Entry entry) {
    Opening opening = Opening.here();
    synchronized (this) {
      all.put(entry, opening);
    }
  }

  /** Who opened a channel; null if nobody is known. */
  synchronized Opening of(Channel channel) {
    for (Map.Entry<ChannelRegistry.Entry, Opening> each : all.entrySet()) {
      if (each.getKey().get() == channel) {
        return each.getValue();
      }
    }
    return null;
  }
}
