package io.nioring.simulation;

import io.nioring.internal.address.AddressLiteral;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The IP addresses of a simulation's hosts: which host has which, and the next free one. Changed
 * under the world's lock, and read by any thread.
 */
final class HostAddresses {
  private static final int HOSTS_PER_BYTE = 256;

  private final Map<InetAddress, RingHost> owners = new ConcurrentHashMap<>();
  private int given;

  static List<InetAddress> parse(String name, List<String> literals) {
    if (literals.isEmpty()) {
      throw new IllegalArgumentException("a host needs an address");
    }
    return literals.stream().map(each -> parse(name, each)).toList();
  }

  private static InetAddress parse(String name, String text) {
    try {
      return checked(literal(name, AddressLiteral.parse(text).getAddress()));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text + " is no IP address", e);
    }
  }

  private static InetAddress checked(InetAddress address) {
    String text = address.getHostAddress();
    if (address.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          text + " is a loopback address, which is given to no host");
    }
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw new IllegalArgumentException(
          text + " is a wildcard or multicast address, which is given to no host");
    }
    return address;
  }

  private static InetAddress literal(String name, byte[] bytes) {
    try {
      return InetAddress.getByAddress(name, bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + bytes.length + " bytes", e);
    }
  }

  static InetAddress withoutName(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("the address of an address", e);
    }
  }

  /** The loopback addresses of both families. */
  static List<InetAddress> loopback(String name) {
    byte[] ipv6 = new byte[16];
    ipv6[15] = 1;
    return List.of(literal(name, new byte[] {127, 0, 0, 1}), literal(name, ipv6));
  }

  /** The next address of 10.0.0.0/16 that no host has. */
  InetAddress next(String name) {
    InetAddress next;
    do {
      given++;
      byte high = (byte) (given / HOSTS_PER_BYTE);
      next = literal(name, new byte[] {10, 0, high, (byte) given});
    } while (owners.containsKey(next));
    return next;
  }

  /** Refuses addresses of which a host has one. */
  void ensureFree(List<InetAddress> addresses) {
    for (InetAddress each : addresses) {
      if (owners.containsKey(each)) {
        throw new IllegalArgumentException(each + " is an address of " + owners.get(each));
      }
    }
  }

  void give(List<InetAddress> addresses, RingHost host) {
    addresses.forEach(each -> owners.put(each, host));
  }

  /** The host that an address was given to; null if it was to none. */
  RingHost ownerOf(InetAddress ip) {
    return owners.get(ip);
  }
}
