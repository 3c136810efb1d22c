package io.nioring.route;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The pattern of a {@code tcp:} route: a host pattern and a range of ports. */
record InetPattern(HostPattern host, PortRange ports) implements AddressPattern {

  static final String SCHEME = "tcp:";

  /**
   * Parses what follows the scheme, {@code host:port}.
   *
   * @throws IllegalArgumentException if it is malformed; the message says what was expected
   */
  static InetPattern parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= text.lastIndexOf(']')) {
      throw new IllegalArgumentException("expected tcp:<host>:<port>, with * for any port");
    }
    return new InetPattern(
        HostPattern.parse(text.substring(0, colon)), PortRange.parse(text.substring(colon + 1)));
  }

  @Override
  public boolean matches(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && ports.contains(inet.getPort())
        && host.matches(inet);
  }

  @Override
  public String toString() {
    return SCHEME + host + ":" + ports;
  }
}
