package io.nioring;

import io.nioring.internal.address.AddressLiteral;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads names of hosts with their addresses from text: {@code db.test=10.1.2.3; mail.test=fd00::7,
 * 10.1.2.4}.
 */
final class Hosts {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private Hosts() {}

  /**
   * Reads the text without using {@link InetAddress}, whose initialization decides where the JVM
   * looks names up.
   *
   * @return the addresses by the names as they are spelled, in order
   * @throws IllegalArgumentException if it is malformed; the message quotes the place
   */
  static Map<String, List<String>> parse(String text) {
    Map<String, List<String>> addresses = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (String piece : text.split(";", -1)) {
      if (!piece.isBlank()) {
        int equals = piece.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException(
              "expected name=address with semicolons between, found \"" + piece.strip() + "\"");
        }
        String spelled = piece.substring(0, equals).strip();
        String name = checkName(spelled);
        if (!names.add(name)) {
          throw new IllegalArgumentException("the host " + name + " is given twice");
        }
        addresses.put(spelled, literals(piece.substring(equals + 1)));
      }
    }
    return addresses;
  }

  private static List<String> literals(String list) {
    List<String> literals = new ArrayList<>();
    for (String each : list.split(",", -1)) {
      literals.add(checkLiteral(each.strip()));
    }
    return literals;
  }

  /** Returns a name in lower case. */
  static String checkName(String name) {
    if (!NAME.matcher(name).matches() || isLiteral(name)) {
      throw new IllegalArgumentException("expected the name of a host, found \"" + name + "\"");
    }
    return name.toLowerCase(Locale.ROOT);
  }

  private static String checkLiteral(String address) {
    if (!isLiteral(address)) {
      throw new IllegalArgumentException("expected an IP address, found \"" + address + "\"");
    }
    return address;
  }

  private static boolean isLiteral(String address) {
    return IPV4.matcher(address).matches() || IPV6.matcher(address).matches();
  }

  /** The addresses that literals denote, with a name. */
  static List<InetAddress> named(String name, List<String> literals) {
    return literals.stream().map(literal -> named(name, address(literal))).distinct().toList();
  }

  private static InetAddress address(String literal) {
    try {
      return AddressLiteral.parse(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("expected an IP address, found \"" + literal + "\"", e);
    }
  }

  /** An address that carries a name. */
  static InetAddress named(String name, InetAddress address) {
    try {
      return InetAddress.getByAddress(name, address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("the bytes of an address are one", e);
    }
  }
}
