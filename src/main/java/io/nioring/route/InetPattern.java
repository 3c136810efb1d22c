package io.nioring.route;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The pattern of a {@code tcp:} or {@code udp:} route: a host pattern and a range of ports.
 *
 * @param scheme {@link #TCP} or {@link #UDP}
 */
record InetPattern(String scheme, HostPattern host, PortRange ports) implements AddressPattern {

  static final String TCP = "tcp:";
  static final String UDP = "udp:";

  /**
   * Parses what follows the scheme, {@code host:port}.
   *
   * @throws IllegalArgumentException if it is malformed; the message says what was expected
   */
  static InetPattern parse(String scheme, String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= text.lastIndexOf(']')) {
      throw new IllegalArgumentException(
          "expected " + scheme + "<host>:<port>, with * for any port");
    }
    return new InetPattern(
        scheme,
        HostPattern.parse(text.substring(0, colon)),
        PortRange.parse(text.substring(colon + 1)));
  }

  @Override
  public boolean matches(SocketAddress address) {
    return scheme.equals(TCP) && matchesInet(address);
  }

  @Override
  public boolean matchesDatagrams(SocketAddress address) {
    return scheme.equals(UDP) && matchesInet(address);
  }

  @Override
  public boolean matchesAllDatagrams() {
    return scheme.equals(UDP) && host == HostPattern.Any.HOST && ports.equals(PortRange.ALL);
  }

  private boolean matchesInet(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && ports.contains(inet.getPort())
        && host.matches(inet);
  }

  @Override
  public boolean isForDatagrams() {
    return scheme.equals(UDP);
  }

  @Override
  public String toString() {
    return scheme + host + ":" + ports;
  }
}
