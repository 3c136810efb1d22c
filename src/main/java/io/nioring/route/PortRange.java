package io.nioring.route;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ports from {@code first} to {@code last}, both included.
 *
 * <p>Port 0, which asks the system to choose at bind, is a port like the others here.
 */
record PortRange(int first, int last) {

  private static final int MAX_PORT = 65_535;

  static final PortRange ALL = new PortRange(0, MAX_PORT);

  private static final String EXPECTED =
      "expected a port *, N or N-M with numbers of 0 to " + MAX_PORT;
  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  /**
   * Parses {@code *}, {@code N} or {@code N-M}.
   *
   * @throws IllegalArgumentException if it is none of these, a port is out of range, or the range
   *     runs backwards
   */
  static PortRange parse(String text) {
    if (text.equals("*")) {
      return ALL;
    }
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(EXPECTED + ", found \"" + text + "\"");
    }
    int first = port(matcher.group(1));
    int last = matcher.group(2) == null ? first : port(matcher.group(2));
    if (first > last) {
      throw new IllegalArgumentException(
          "expected a range of ports N-M with N no greater than M, found " + text);
    }
    return new PortRange(first, last);
  }

  private static int port(String digits) {
    int port = Integer.parseInt(digits);
    if (port > MAX_PORT) {
      throw new IllegalArgumentException(EXPECTED + ", found " + port);
    }
    return port;
  }

  boolean contains(int port) {
    return first <= port && port <= last;
  }

  @Override
  public String toString() {
    if (equals(ALL)) {
      return "*";
    }
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
