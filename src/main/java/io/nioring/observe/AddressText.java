package io.nioring.observe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Converts addresses to the text of events, without a name lookup. */
final class AddressText {
  private AddressText() {}

  /** The IP address in numeric form, or the path; empty for a socket without a name. */
  static String address(SocketAddress address) {
    if (address instanceof InetSocketAddress ip) {
      return ip.isUnresolved() ? ip.getHostString() : ip.getAddress().getHostAddress();
    }
    return address == null ? "" : address.toString();
  }

  /** The host's name if the address has one. */
  static String host(SocketAddress address) {
    if (!(address instanceof InetSocketAddress ip)) {
      return "";
    }
    InetAddress resolved = ip.getAddress();
    String text = resolved == null ? ip.getHostString() : resolved.toString();
    int slash = text.indexOf('/');
    return slash < 0 ? text : text.substring(0, slash);
  }

  /**
   * The host by which the views of a recording group, as in JDK 25: the name, or the address if
   * there is none; in JDK 17 it is empty without a name.
   */
  static String eventHost(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? ip.getHostString() : "Unix domain socket";
  }

  /** Whether a connection is a pipe or a socket pair: neither end has a name. */
  static boolean isPipe(SocketAddress client, SocketAddress server) {
    return isNameless(client) && isNameless(server);
  }

  private static boolean isNameless(SocketAddress address) {
    return address == null || address.toString().isEmpty();
  }

  /** The port; 0 for an address without one. */
  static int port(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? ip.getPort() : 0;
  }
}
