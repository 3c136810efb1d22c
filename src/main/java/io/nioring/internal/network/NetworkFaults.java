package io.nioring.internal.network;

import java.net.InetAddress;
import java.util.List;
import java.util.SortedMap;

/** The faults of a simulated network, for management tools. Thread-safe. */
public interface NetworkFaults {
  /** The hosts, each with its name, its addresses, and whether it is down. */
  List<String> hosts();

  /** The name of the host that has an address; empty if there is none. */
  String hostOf(InetAddress address);

  /** The faults that were installed and not removed, by number. */
  SortedMap<Long, String> installed();

  /** How often a fault has fired; 0 if it was removed. */
  long timesFired(long fault);

  /**
   * Installs faults.
   *
   * @param text the faults, in the syntax of the property {@code nioring.faults}
   * @return their numbers, in order
   * @throws IllegalArgumentException if one is malformed; none is installed then
   */
  List<Long> install(String text);

  /**
   * Removes a fault.
   *
   * @return whether there was a fault with that number
   */
  boolean remove(long number);
}
