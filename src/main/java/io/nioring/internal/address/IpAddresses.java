package io.nioring.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * IP addresses as the kernel reports them: without the host names that programs gave them, and with
 * a scope only where it distinguishes addresses.
 */
public final class IpAddresses {
  /** 255.255.255.255. */
  public static final InetAddress LIMITED_BROADCAST = of(255, 255, 255, 255);

  /** 127.255.255.255, which the interface does not name. */
  public static final InetAddress LOOPBACK_BROADCAST = of(127, 255, 255, 255);

  private static final byte[] LOOPBACK4 = {127, 0, 0, 1};
  private static final byte[] LOOPBACK6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  private static final int NO_SCOPE = -1;

  private IpAddresses() {}

  private static InetAddress of(int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) numbers[i];
    }
    return of(bytes);
  }

  private static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(bytes.length + " bytes are no address", e);
    }
  }

  /**
   * The loopback address of the family of an address. A new object each time: an address keeps the
   * name that a program looks up, and shows it from then on.
   */
  public static InetAddress loopback(InetAddress sameFamily) {
    return sameFamily instanceof Inet6Address ? loopback6() : loopback4();
  }

  static InetAddress loopback4() {
    return of(LOOPBACK4);
  }

  static InetAddress loopback6() {
    return of(LOOPBACK6);
  }

  /** The same address and port as the kernel reports them. */
  public static InetSocketAddress withoutName(InetSocketAddress address) {
    return new InetSocketAddress(withoutName(address.getAddress()), address.getPort());
  }

  /**
   * The same address without a name. The scope of an IPv6 address is kept, or found, for a
   * link-local one and dropped for all others (ipv6(7): {@code sin6_scope_id}).
   */
  public static InetAddress withoutName(InetAddress ip) {
    try {
      return ip instanceof Inet6Address ip6
          ? Inet6Address.getByAddress(null, ip.getAddress(), scopeOf(ip6))
          : InetAddress.getByAddress(ip.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address of this machine: " + ip, e);
    }
  }

  private static int scopeOf(Inet6Address ip) {
    if (!ip.isLinkLocalAddress()) {
      return NO_SCOPE;
    }
    return ip.getScopeId() == 0 ? scopeOnThisMachine(ip) : ip.getScopeId();
  }

  private static int scopeOnThisMachine(Inet6Address ip) {
    try {
      NetworkInterface owner = NetworkInterface.getByInetAddress(ip);
      return owner == null ? NO_SCOPE : owner.getIndex();
    } catch (SocketException e) {
      return NO_SCOPE; // a machine that cannot name its interfaces: the address stays as it is
    }
  }
}
