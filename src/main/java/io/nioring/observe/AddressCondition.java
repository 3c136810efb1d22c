package io.nioring.observe;

import io.nioring.internal.address.AddressLiteral;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A condition of a {@link SocketFilter} on one address. */
final class AddressCondition {
  private static final String UNIX = "unix:";

  private final Predicate<SocketAddress> predicate;

  private AddressCondition(Predicate<SocketAddress> predicate) {
    this.predicate = predicate;
  }

  /**
   * Reads a condition.
   *
   * @throws IllegalArgumentException if it is not an address; names are not looked up
   */
  static AddressCondition parse(String word) {
    if (word.startsWith(UNIX) || word.startsWith("/") || word.startsWith("@")) {
      return new AddressCondition(unix(word.startsWith(UNIX) ? word.substring(5) : word));
    }
    int colon = portColon(word);
    String host = colon < 0 ? word : word.substring(0, colon);
    String port = colon < 0 ? "" : word.substring(colon);
    Predicate<InetSocketAddress> both = host(unbracketed(host), word);
    if (!port.isEmpty() && !port.equals(":*")) {
      int wanted = FilterParser.port(port);
      both = both.and(address -> address.getPort() == wanted);
    }
    Predicate<InetSocketAddress> condition = both;
    return new AddressCondition(
        address -> address instanceof InetSocketAddress ip && condition.test(ip));
  }

  /** The index where the port begins; -1 without one, as in an IPv6 address without brackets. */
  private static int portColon(String word) {
    int last = word.lastIndexOf(':');
    boolean several = word.indexOf(':') != last;
    return last > word.indexOf(']') && (!several || word.startsWith("[")) ? last : -1;
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static Predicate<SocketAddress> unix(String glob) {
    Pattern pattern = Pattern.compile("\\Q" + glob.replace("*", "\\E.*\\Q") + "\\E");
    return address ->
        address != null
            && !(address instanceof InetSocketAddress)
            && pattern.matcher(address.toString()).matches();
  }

  private static Predicate<InetSocketAddress> host(String host, String word) {
    if (host.isEmpty() || host.equals("*")) {
      return address -> true;
    }
    int slash = host.indexOf('/');
    byte[] wanted = bytesOf(slash < 0 ? host : host.substring(0, slash), word);
    int bits = slash < 0 ? 8 * wanted.length : prefix(host.substring(slash + 1), wanted, word);
    return address ->
        !address.isUnresolved() && startsWith(address.getAddress().getAddress(), wanted, bits);
  }

  private static byte[] bytesOf(String host, String word) {
    try {
      return AddressLiteral.parse(host).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + word + "' is not an address, in the filter", e);
    }
  }

  private static int prefix(String bits, byte[] address, String word) {
    int parsed = bits.matches("\\d{1,3}") ? Integer.parseInt(bits) : -1;
    if (parsed < 0 || parsed > 8 * address.length) {
      throw new IllegalArgumentException(
          "'" + word + "' is not a block of addresses, in the filter");
    }
    return parsed;
  }

  private static boolean startsWith(byte[] address, byte[] wanted, int bits) {
    if (address.length != wanted.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i & 7);
      if (((address[i >> 3] ^ wanted[i >> 3]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  boolean test(SocketAddress address) {
    return predicate.test(address);
  }
}
