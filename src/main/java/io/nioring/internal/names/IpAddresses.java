package io.nioring.internal.names;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;

/** IP addresses as the kernel would tell them: without the host names that programs gave them. */
final class IpAddresses {
  /** 255.255.255.255. */
  static final InetAddress LIMITED_BROADCAST = of(255, 255, 255, 255);

  /** 127.255.255.255, which the interface does not name. */
  static final InetAddress LOOPBACK_BROADCAST = of(127, 255, 255, 255);

  private static final InetAddress LOOPBACK4 = of(127, 0, 0, 1);
  private static final InetAddress LOOPBACK6 = of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  private static final int NO_SCOPE = -1;

  private IpAddresses() {}

  private static InetAddress of(int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) numbers[i];
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The loopback address of another address's family. */
  static InetAddress loopback(InetAddress sameFamily) {
    return sameFamily instanceof Inet6Address ? LOOPBACK6 : LOOPBACK4;
  }

  /** The same address and port without a name. */
  static InetSocketAddress withoutName(InetSocketAddress address) {
    return new InetSocketAddress(withoutName(address.getAddress()), address.getPort());
  }

  /** The same address without a name; an IPv6 address keeps its scope. */
  static InetAddress withoutName(InetAddress ip) {
    try {
      if (!(ip instanceof Inet6Address ip6)) {
        return InetAddress.getByAddress(ip.getAddress());
      }
      NetworkInterface scope = ip6.getScopedInterface();
      int scopeId = ip6.getScopeId() == 0 ? NO_SCOPE : ip6.getScopeId();
      return scope == null
          ? Inet6Address.getByAddress(null, ip.getAddress(), scopeId)
          : Inet6Address.getByAddress(null, ip.getAddress(), scope);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address of this machine: " + ip, e);
    }
  }
}
