package io.nioring.contract;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Literal IP addresses, made without a name service. */
final class Addresses {
  static final InetAddress IPV4_LOOPBACK = ip(127, 0, 0, 1);
  static final InetAddress OTHER_IPV4_LOOPBACK = ip(127, 0, 0, 2);
  static final InetAddress IPV4_WILDCARD = ip(0, 0, 0, 0);
  static final InetAddress IPV6_LOOPBACK = ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

  private Addresses() {}

  private static InetAddress ip(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
