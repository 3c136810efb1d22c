package io.nioring.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The address of a client that connects from a loopback address with a port chosen for it: a sixth
 * of the size of the {@link InetSocketAddress} that it stands for, which is made when a program
 * asks for it. Few do, and an idle connection should be small.
 *
 * <p>It is never shown to a program: whoever hands out an address passes it through {@link #full}.
 */
@SuppressWarnings("serial") // never serialized
public final class ClientAddress extends SocketAddress {
  private static final int SIX = 1 << 16;

  /** The port, and a bit for the family. */
  private final int portAndFamily;

  /**
   * Makes the address with a port.
   *
   * @param sameFamily an address of the family
   */
  public ClientAddress(InetAddress sameFamily, int port) {
    portAndFamily = sameFamily instanceof Inet6Address ? port | SIX : port;
  }

  /** The port of a client's address, whichever form that has. */
  public static int portOf(SocketAddress client) {
    return client instanceof ClientAddress ours
        ? ours.port()
        : ((InetSocketAddress) client).getPort();
  }

  private int port() {
    return portAndFamily & ~SIX;
  }

  /** Whether an address is one of IPv6, whichever form it has. */
  public static boolean isInet6(SocketAddress address) {
    return address instanceof ClientAddress ours
        ? (ours.portAndFamily & SIX) != 0
        : address instanceof InetSocketAddress ip && ip.getAddress() instanceof Inet6Address;
  }

  /** The address as programs see it: itself, unless it is one of ours. */
  public static SocketAddress full(SocketAddress address) {
    return address instanceof ClientAddress ours ? ours.full() : address;
  }

  /**
   * The address that it stands for; a new object, for the reason of {@link IpAddresses#loopback}.
   */
  private InetSocketAddress full() {
    boolean six = (portAndFamily & SIX) != 0;
    return new InetSocketAddress(six ? IpAddresses.loopback6() : IpAddresses.loopback4(), port());
  }

  @Override
  public String toString() {
    return full().toString();
  }
}
