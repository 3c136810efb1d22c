package io.nioring.internal.network;

import java.nio.channels.Channel;
import java.util.IdentityHashMap;
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

  /** Who opened the channel of an entry; null if that is not known. */
  synchronized Opening of(ChannelRegistry.Entry entry) {
    return all.get(entry);
  }

  /** What is known of the channels that still exist. */
  @SuppressWarnings(
      "IdentityHashMapUsage") // a channel is equal to itself only, whatever its class says
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
