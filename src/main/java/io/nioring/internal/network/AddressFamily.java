package io.nioring.internal.network;

import io.nioring.internal.address.IpAddresses;
import io.nioring.socket.AbstractSocketAddress;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Which addresses a channel takes. */
public enum AddressFamily {
  /** IPv4 addresses alone. */
  INET4,
  /** IPv6 and IPv4 addresses, as a dual-stack socket does. */
  INET,
  /** Unix paths and abstract names. */
  UNIX;

  private static final InetAddress ANY4 = literal(new byte[4]);
  private static final InetAddress ANY6 = literal(new byte[16]);

  private static InetAddress literal(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * The family for a protocol family named in {@code openSocketChannel(family)}.
   *
   * @param hasIpv6 whether this machine has IPv6; queried only if that matters
   * @throws UnsupportedOperationException if it is not a standard one, or is IPv6 and this machine
   *     has none
   */
  public static AddressFamily of(ProtocolFamily family, BooleanSupplier hasIpv6) {
    Objects.requireNonNull(family, "'family' is null");
    if (family == StandardProtocolFamily.INET) {
      return INET4;
    } else if (family == StandardProtocolFamily.INET6) {
      if (!hasIpv6.getAsBoolean()) {
        throw new UnsupportedOperationException("IPv6 not available");
      }
      return INET;
    } else if (family == StandardProtocolFamily.UNIX) {
      return UNIX;
    }
    throw new UnsupportedOperationException("Protocol family not supported: " + family.name());
  }

  /** The family that the platform opens such a channel with; null for its default. */
  public ProtocolFamily protocolFamily() {
    if (this == INET) {
      return null;
    }
    return isUnix() ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
  }

  /** Whether it is the family of paths and abstract names. */
  public boolean isUnix() {
    return this == UNIX;
  }

  /** The address that {@code bind(null)} means for an IP family: the wildcard and any port. */
  public InetSocketAddress anyAddress() {
    return new InetSocketAddress(this == INET ? ANY6 : ANY4, 0);
  }

  /**
   * Checks an address that is given to bind or connect.
   *
   * @return the address; for an IPv4-mapped IPv6 address the IPv4 address, as in the kernel
   * @throws UnresolvedAddressException for an unresolved host name
   * @throws UnsupportedAddressTypeException for an address that the channel cannot take
   */
  public SocketAddress check(SocketAddress address) {
    Objects.requireNonNull(address);
    if (isUnix()) {
      if (!(address instanceof UnixDomainSocketAddress)
          && !(address instanceof AbstractSocketAddress)) {
        throw new UnsupportedAddressTypeException();
      }
      return address;
    }
    return checkInet(address);
  }

  /**
   * Checks an address that is given to a plain socket or an asynchronous channel, whose family the
   * platform leaves to the kernel.
   *
   * @return the address, as {@link #check}
   * @throws UnresolvedAddressException for an unresolved host name
   * @throws UnsupportedAddressTypeException for one that is no IP address
   * @throws SocketException "Protocol family unavailable" for an IPv6 address without IPv6
   */
  public InetSocketAddress checkAvailable(SocketAddress address) throws SocketException {
    InetSocketAddress checked = INET.checkInet(Objects.requireNonNull(address));
    if (this == INET4 && checked.getAddress() instanceof Inet6Address) {
      throw new SocketException("Protocol family unavailable");
    }
    return checked;
  }

  private InetSocketAddress checkInet(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      throw new UnsupportedAddressTypeException();
    }
    if (inet.isUnresolved()) {
      throw new UnresolvedAddressException();
    }
    if (inet.getAddress() instanceof Inet4Address) {
      return inet;
    }
    if (this == INET4) {
      throw new UnsupportedAddressTypeException();
    }
    InetAddress unmapped = literal(inet.getAddress().getAddress()); // IPv4 if it is mapped
    return unmapped instanceof Inet4Address
        ? new InetSocketAddress(unmapped, inet.getPort())
        : inet;
  }

  /**
   * The address that a bind takes: a dual-stack socket bound to 0.0.0.0 is bound to {@code ::}, as
   * on the platform, and covers both families.
   */
  public InetSocketAddress toBind(InetSocketAddress address) {
    return this == INET && address.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(ANY6, address.getPort())
        : address;
  }

  /**
   * The address that a connect goes to: an IP wildcard means the loopback address of its family.
   */
  public static SocketAddress toConnect(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? toConnect(inet) : address;
  }

  private static InetSocketAddress toConnect(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (!ip.isAnyLocalAddress()) {
      return address;
    }
    return new InetSocketAddress(IpAddresses.loopback(ip), address.getPort());
  }
}
