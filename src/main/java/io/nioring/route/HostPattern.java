package io.nioring.route;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The host part of a {@code tcp:} or {@code udp:} route.
 *
 * <p>Host patterns are immutable values. Their {@code toString} is the text that parses back to an
 * equal pattern.
 */
sealed interface HostPattern permits HostPattern.Any, HostPattern.Name, AddressBlock {

  /** Tells whether the host of the address is one of this pattern's. Resolves no names. */
  boolean matches(InetSocketAddress address);

  /**
   * Parses {@code *}, an IPv4 address, an IPv6 address in brackets, a block of either in CIDR
   * notation, or a host name.
   *
   * @throws IllegalArgumentException if it is none of these; the message says what was expected
   */
  static HostPattern parse(String text) {
    if (text.equals("*")) {
      return Any.HOST;
    }
    if (AddressBlock.looksLikeOne(text)) {
      return AddressBlock.parse(text);
    }
    return Name.parse(text);
  }

  /** Every host. */
  enum Any implements HostPattern {
    HOST;

    @Override
    public boolean matches(InetSocketAddress address) {
      return true;
    }

    @Override
    public String toString() {
      return "*";
    }
  }

  /** A host by its name, in lower case. It is compared as text and never looked up. */
  record Name(String name) implements HostPattern {

    private static final Pattern SYNTAX =
        Pattern.compile("[\\p{L}\\p{N}_-]+(\\.[\\p{L}\\p{N}_-]+)*");

    static Name parse(String text) {
      if (!SYNTAX.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "expected a host *, a name, an IPv4 address or an IPv6 address in brackets, each"
                + " address with an optional /<prefix length>, found \""
                + text
                + "\"");
      }
      return new Name(text.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean matches(InetSocketAddress address) {
      return name.equalsIgnoreCase(address.getHostString());
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
