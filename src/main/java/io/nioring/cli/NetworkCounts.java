package io.nioring.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The statistics of a network at a moment.
 *
 * @param nanos the time, by {@link System#nanoTime}
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

  /** The values by their names in RingNetworkStatistics. */
  Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    values.forEach(
        (name, value) ->
            named.put(
                name.equals("ListenerCount")
                    ? "listeners"
                    : Character.toLowerCase(name.charAt(0)) + name.substring(1),
                value));
    return named;
  }

  /** The values, and their rates since an earlier moment. */
  Map<String, Object> named(NetworkCounts since) {
    Map<String, Object> named = named();
    for (String each : List.of("RingBytes", "RingConnections", "KernelConnections")) {
      named.put(
          Character.toLowerCase(each.charAt(0)) + each.substring(1) + "PerSecond",
          rate(each, since));
    }
    return named;
  }

  /** The rate of an attribute since an earlier moment, a second. */
  double rate(String attribute, NetworkCounts since) {
    double seconds = (nanos - since.nanos) / 1e9;
    return seconds <= 0 ? 0 : (get(attribute) - since.get(attribute)) / seconds;
  }
}
