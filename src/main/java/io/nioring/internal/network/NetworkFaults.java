package io.nioring.internal.network;

import java.net.InetAddress;
import java.util.List;
import java.util.SortedMap;

/** The faults of a simulated network, for who manages it from outside. Thread-safe. */
public interface NetworkFaults {
  /** The hosts, each with its name, its addresses, and whether it is down. */
  List<String> hosts();

  /** The name of the host that an address was given to; empty if it was to none. */
  String hostOf(InetAddress address);

  /** The faults that were installed and not taken back, by their numbers. */
  SortedMap<Long, String> installed();

  /**
   * Installs faults.
   *
   * @param text as the property {@code nioring.faults} has them
   * @return their numbers, in their order
   * @throws IllegalArgumentException if one is malformed; none is installed then
   */
  List<Long> install(String text);

  /**
   * Takes a fault back.
   *
   * @return whether there was one of that number
   */
  boolean remove(long number);
}
