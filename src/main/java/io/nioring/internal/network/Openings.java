package io.nioring.internal.network;

import java.nio.channels.Channel;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.WeakHashMap;

/** Records where the channels of a registry were opened. Thread-safe. */
final class Openings {
  /** Guarded by this object's monitor. An entry is equal only to itself. */
  private final Map<ChannelRegistry.Entry, Opening> all = new WeakHashMap<>();

  void add(ChannelRegistry.Entry entry) {
    Opening opening = Opening.here();
    synchronized (this) {
      all.put(entry, opening);
    }
  }

  /** Where the channel of an entry was opened; null if unknown. */
  synchronized Opening of(ChannelRegistry.Entry entry) {
    return all.get(entry);
  }

  /** The records of the channels that still exist. */
  @SuppressWarnings(
      "IdentityHashMapUsage") // compared by identity, whatever equals the channel's class defines
  synchronized Map<Channel, Opening> byChannel() {
    Map<Channel, Opening> known = new IdentityHashMap<>();
    all.forEach(
        (entry, opening) -> {
          Channel channel = entry.get();
          if (channel != null) {
            known.put(channel, opening);
          }
        });
    return known;
  }
}
