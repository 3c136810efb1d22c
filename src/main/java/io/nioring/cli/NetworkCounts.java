package io.nioring.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of a network at a moment.
 *
 * @param nanos when, by {@link System#nanoTime}
 * @param values by the attributes' names
 */
record NetworkCounts(long nanos, Map<String, Long> values) {
  private static final String[] ATTRIBUTES = {
    "RingConnections",
    "RingAccepted",
    "KernelConnections",
    "KernelAccepted",
    "RingBytes",
    "OpenChannels",
    "ListenerCount",
    "MemoryInUseBytes"
  };

  static NetworkCounts of(NetworkBean network) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (String each : ATTRIBUTES) {
      values.put(each, network.number(each));
    }
    return new NetworkCounts(System.nanoTime(), values);
  }

  long get(String attribute) {
    return values.get(attribute);
  }

  /** How much an attribute grew a second since an earlier moment. */
  double rate(String attribute, NetworkCounts since) {
    double seconds = (nanos - since.nanos) / 1e9;
    return seconds <= 0 ? 0 : (get(attribute) - since.get(attribute)) / seconds;
  }
}
