package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * The IP addresses that the two ends of a connection have in a capture, and their names.
 *
 * <p>Unix sockets have addresses of one prefix of the unique local addresses (RFC 4193): that of a
 * path or an abstract name is computed from its text, so that it is the same in each capture; that
 * of a client, and its port, from the connection's number.
 *
 * <pre>
 *   fd00:6e69:6f72:0:HHHH:HHHH:HHHH:HHHH   port 1      a name, by its hash
 *   fd00:6e69:6f72:1:NNNN:NNNN:NNNN:NNNN   port 49152+ a connection's client
 * </pre>
 *
 * An immutable value.
 */
final class CaptureAddresses {
  private static final int PREFIX_HIGH = 0xfd006e69;
  private static final int PREFIX_LOW = 0x6f720000;
  private static final int NAME_PORT = 1;
  private static final int FIRST_CLIENT_PORT = 49_152;
  private static final int CLIENT_PORT_BITS = 14;
  private static final String UNNAMED = "unnamed Unix socket";

  private final InetSocketAddress client;
  private final InetSocketAddress server;
  private final List<PcapngWriter.Name> names;
  private final String remark;

  private CaptureAddresses(
      InetSocketAddress client,
      InetSocketAddress server,
      List<PcapngWriter.Name> names,
      String remark) {
    this.client = client;
    this.server = server;
    this.names = names;
    this.remark = remark;
  }

  /**
   * Finds the addresses of a connection.
   *
   * @param client the connecting end's; null if it has none
   * @param server the other's
   * @param askedFor the address that the client asked for, which may carry a host name
   * @param number the connection's number
   */
  static CaptureAddresses of(
      SocketAddress client, SocketAddress server, SocketAddress askedFor, long number) {
    if (server instanceof InetSocketAddress ip && !ip.isUnresolved()) {
      InetSocketAddress from =
          client instanceof InetSocketAddress own && !own.isUnresolved()
              ? own
              : unknownClient(ip, number);
      return new CaptureAddresses(from, ip, hostName(ip, askedFor).stream().toList(), "");
    }
    String name = nameOf(server);
    InetAddress address = address(0, hash(name));
    return new CaptureAddresses(
        new InetSocketAddress(address(1, number >>> CLIENT_PORT_BITS), clientPort(number)),
        new InetSocketAddress(address, NAME_PORT),
        List.of(new PcapngWriter.Name(address, name)),
        "from " + nameOf(client) + " to " + name);
  }

  InetSocketAddress client() {
    return client;
  }

  InetSocketAddress server() {
    return server;
  }

  /** The names of the addresses. */
  List<PcapngWriter.Name> names() {
    return names;
  }

  /** A comment for a connection whose addresses are not IP addresses; empty for others. */
  String remark() {
    return remark;
  }

  private static InetSocketAddress unknownClient(InetSocketAddress server, long number) {
    byte[] wildcard = new byte[server.getAddress().getAddress().length];
    return new InetSocketAddress(inetAddress(wildcard), clientPort(number));
  }

  private static int clientPort(long number) {
    return FIRST_CLIENT_PORT + (int) (number & ((1 << CLIENT_PORT_BITS) - 1));
  }

  /** The name that the program has used, if any; names are never looked up. */
  private static Optional<PcapngWriter.Name> hostName(
      InetSocketAddress server, SocketAddress askedFor) {
    if (!(askedFor instanceof InetSocketAddress asked) || asked.isUnresolved()) {
      return Optional.empty();
    }
    String text = asked.getAddress().toString();
    int slash = text.indexOf('/');
    return slash <= 0
        ? Optional.empty()
        : Optional.of(new PcapngWriter.Name(server.getAddress(), text.substring(0, slash)));
  }

  private static String nameOf(SocketAddress address) {
    String name = address == null ? "" : address.toString();
    return name.isEmpty() ? UNNAMED : name;
  }

  private static InetAddress address(int kind, long rest) {
    return inetAddress(
        ByteBuffer.allocate(16)
            .putInt(PREFIX_HIGH)
            .putInt(PREFIX_LOW | kind)
            .putLong(rest)
            .array());
  }

  private static InetAddress inetAddress(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  private static long hash(String name) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
