package io.nioring.internal.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * IP addresses as texts. Unlike {@link InetAddress#getByName}, which takes what is no address for
 * the name of a host, as {@code 1.2.3.256} or {@code db:80}, and asks for its address.
 */
public final class AddressLiteral {
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)";

  /** Four numbers: what the JDK makes of fewer, as of {@code 1.2.3}, nobody expects. */
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

  private AddressLiteral() {}

  /**
   * Parses an address; nobody is asked about a name.
   *
   * @param text of IPv4, or of IPv6 with or without brackets and a scope
   * @throws UnknownHostException if it is not an address
   */
  public static InetAddress parse(String text) throws UnknownHostException {
    if (IPV4.matcher(text).matches()) {
      return InetAddress.getByName(text);
    }
    if (text.indexOf(':') < 0) {
      throw new UnknownHostException(text + ": not an IP address");
    }
    // With brackets around it the text is taken as a literal or refused, never looked up.
    return InetAddress.getByName(text.startsWith("[") ? text : "[" + text + "]");
  }
}
