package io.nioring.observe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as events tell them: as text, without a look-up. */
final class AddressText {
  private AddressText() {}

  /** The IP address as a number; or the path, of which a socket without a name has none. */
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
   * The host by which views of a recording group, as JDK 25 has it: the name, else the address; JDK
   * 17 leaves it empty without a name.
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

  /** The port; 0 of an address that has none. */
  static int port(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? ip.getPort() : 0;
  }
}
