package io.nioring.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The IP addresses that share their first bits with a base address: a single address or a CIDR
 * block (RFC 4632, section 3.1).
 *
 * <p>An IPv4-mapped IPv6 address ({@code ::ffff:a.b.c.d}) is its IPv4 address here, whether it
 * stands in the block or is looked up. Apart from these, a block contains only addresses of its own
 * family. Zones of IPv6 addresses are ignored.
 *
 * @param base the first address of the block: all bits after the prefix are 0
 * @param prefixLength the number of bits that count, up to 32 or 128
 */
record AddressBlock(InetAddress base, int prefixLength) implements HostPattern {

  private static final Pattern LITERAL_START = Pattern.compile("\\[.*|[0-9.]+|[^/]*/.*|.*:.*");
  private static final Pattern IPV4 =
      Pattern.compile("([0-9]+)\\.([0-9]+)\\.([0-9]+)\\.([0-9]+)(?:/([0-9]{1,3}))?");
  private static final Pattern IPV6 = Pattern.compile("(\\[[0-9a-fA-F:.]+])(?:/([0-9]{1,3}))?");
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;
  private static final int MAPPED_BITS = IPV6_BITS - IPV4_BITS;

  /** Tells a text that is meant as an address, well-formed or not, from a host name. */
  static boolean looksLikeOne(String text) {
    return LITERAL_START.matcher(text).matches();
  }

  /**
   * Parses {@code a.b.c.d}, {@code [IPv6]}, or either followed by {@code /<prefix length>}. Bits of
   * the address after the prefix are dropped.
   *
   * @throws IllegalArgumentException if it is none of these; the message says what was expected
   */
  static AddressBlock parse(String text) {
    Matcher ipv4 = IPV4.matcher(text);
    if (ipv4.matches()) {
      return parseIpv4(ipv4);
    }
    Matcher ipv6 = IPV6.matcher(text);
    if (ipv6.matches()) {
      return parseIpv6(ipv6);
    }
    throw malformed(text);
  }

  private static AddressBlock parseIpv4(Matcher matcher) {
    byte[] bytes = new byte[Integer.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) octet(matcher.group(i + 1), matcher.group());
    }
    return of(bytes, prefixLength(matcher.group(5), 0, IPV4_BITS));
  }

  private static int octet(String digits, String text) {
    // A leading zero means octal to some parsers and nothing to others, so it is refused.
    if (digits.length() > 3
        || (digits.length() > 1 && digits.startsWith("0"))
        || Integer.parseInt(digits) > 255) {
      throw malformed(text);
    }
    return Integer.parseInt(digits);
  }

  private static AddressBlock parseIpv6(Matcher matcher) {
    InetAddress address;
    try {
      // With brackets around it the text is taken as a literal or refused, never looked up.
      address = InetAddress.getByName(matcher.group(1));
    } catch (UnknownHostException e) {
      throw malformed(matcher.group(), e);
    }
    if (address instanceof Inet4Address) {
      int length = prefixLength(matcher.group(2), MAPPED_BITS, IPV6_BITS);
      return of(address.getAddress(), length - MAPPED_BITS);
    }
    return of(address.getAddress(), prefixLength(matcher.group(2), 0, IPV6_BITS));
  }

  private static int prefixLength(String digits, int min, int max) {
    if (digits == null) {
      return max;
    }
    int length = Integer.parseInt(digits);
    if (length < min || length > max) {
      throw new IllegalArgumentException(
          "expected a prefix length of " + min + " to " + max + ", found " + length);
    }
    return length;
  }

  private static AddressBlock of(byte[] bytes, int prefixLength) {
    for (int bit = prefixLength; bit < bytes.length * Byte.SIZE; bit++) {
      bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
    }
    try {
      return new AddressBlock(InetAddress.getByAddress(bytes), prefixLength);
    } catch (UnknownHostException e) {
      throw new AssertionError("addresses of 4 and 16 bytes are legal", e);
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return malformed(text, null);
  }

  private static IllegalArgumentException malformed(String text, Throwable cause) {
    return new IllegalArgumentException(
        "expected an IPv4 address a.b.c.d, or an IPv6 address in brackets and without a zone, each"
            + " with an optional /<prefix length>, found \""
            + text
            + "\"",
        cause);
  }

  @Override
  public boolean matches(InetSocketAddress address) {
    // An unresolved address has no bits to compare; a name pattern may be meant for it.
    return !address.isUnresolved() && contains(unmapped(address.getAddress().getAddress()));
  }

  private boolean contains(byte[] bytes) {
    byte[] prefix = base.getAddress();
    if (bytes.length != prefix.length) {
      return false;
    }
    int wholeBytes = prefixLength / Byte.SIZE;
    int restBits = prefixLength % Byte.SIZE;
    return Arrays.equals(bytes, 0, wholeBytes, prefix, 0, wholeBytes)
        && (restBits == 0
            || (bytes[wholeBytes] ^ prefix[wholeBytes]) >> (Byte.SIZE - restBits) == 0);
  }

  /** {@code Inet6Address.getByAddress} can make a mapped address that stays an IPv6 one. */
  private static byte[] unmapped(byte[] bytes) {
    if (bytes.length * Byte.SIZE != IPV6_BITS || bytes[10] != -1 || bytes[11] != -1) {
      return bytes;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return bytes;
      }
    }
    return Arrays.copyOfRange(bytes, 12, 16);
  }

  @Override
  public String toString() {
    boolean ipv4 = base instanceof Inet4Address;
    String text = ipv4 ? base.getHostAddress() : "[" + Ipv6Text.of(base.getAddress()) + "]";
    return prefixLength == (ipv4 ? IPV4_BITS : IPV6_BITS) ? text : text + "/" + prefixLength;
  }
}
