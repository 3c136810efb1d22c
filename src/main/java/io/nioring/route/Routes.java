package io.nioring.route;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Rules that give addresses a mode other than that of their network.
 *
 * <h2>The rules</h2>
 *
 * Rules are written {@code <address>=<mode>} and separated by semicolons; the first one that
 * matches an address wins:
 *
 * <pre>tcp:127.0.0.1:9000-9100=ring; unix:/run/app/*=hybrid; tcp:*:443=kernel</pre>
 *
 * <ul>
 *   <li>{@code tcp:<host>:<port>} is for internet addresses of streams, {@code udp:<host>:<port>}
 *       for those of datagrams. The port is {@code *}, a number, or a range {@code N-M} that
 *       includes both. The host is one of
 *       <ul>
 *         <li>{@code *} for every host,
 *         <li>an address, {@code 127.0.0.1} or {@code [::1]},
 *         <li>a block of addresses, {@code 10.0.0.0/8} or {@code [fd00::]/8},
 *         <li>a name, which is compared with {@link java.net.InetSocketAddress#getHostString()}
 *             without regard to case. Names are not looked up: the rule for {@code localhost} is
 *             not one for {@code 127.0.0.1}.
 *       </ul>
 *   <li>{@code unix:<path>} is for Unix domain addresses. In the path {@code *} stands for any
 *       characters and {@code ?} for one, slashes included. The path is compared as the address has
 *       it and, if that is relative, also in its absolute form; {@code ..} and links are not
 *       followed. {@code unix:*} is for all paths and for unnamed sockets.
 *   <li>The mode is the name of a {@link Mode}. For datagrams {@code hybrid} means {@code kernel}.
 * </ul>
 *
 * White space around rules and around their equals signs, blank rules, and the case of schemes,
 * host names and modes do not matter. There is no escape: a path that contains a semicolon can be
 * matched by {@code ?}. An IPv4-mapped IPv6 address equals its IPv4 address. Wildcard addresses are
 * treated like any other: a bind to {@code 0.0.0.0} matches {@code *}, {@code 0.0.0.0} and blocks
 * that contain it. A bind to port 0, which lets the system choose one, matches {@code *} and what
 * includes 0, whatever port is chosen later.
 *
 * <p>Instances are immutable values, safe for use by many threads. They never resolve a name and
 * never touch a file system.
 */
public final class Routes {

  private static final Routes NONE = new Routes(List.of());

  private final List<Route> rules;

  private Routes(List<Route> rules) {
    this.rules = rules;
  }

  /**
   * Returns the routes without any rule.
   *
   * @return routes for which {@link #isEmpty()} is true
   */
  public static Routes none() {
    return NONE;
  }

  /**
   * Parses rules.
   *
   * @param text rules as the class describes; may be blank
   * @return the routes
   * @throws IllegalArgumentException if a rule is malformed; the message quotes the rule, gives its
   *     number counted from 1, and says what was expected
   */
  public static Routes parse(String text) {
    Objects.requireNonNull(text, "text");
    List<Route> rules = new ArrayList<>();
    for (String piece : text.split(";", -1)) {
      String rule = piece.strip();
      if (!rule.isEmpty()) {
        rules.add(parseRule(rule, rules.size() + 1));
      }
    }
    return rules.isEmpty() ? NONE : new Routes(List.copyOf(rules));
  }

  private static Route parseRule(String rule, int number) {
    try {
      return Route.parse(rule);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Route " + number + " \"" + rule + "\" is malformed: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the mode for an address.
   *
   * @param address the address to bind or to connect to
   * @param otherwise the mode where no rule matches
   * @return the mode of the first rule that matches, else {@code otherwise}
   */
  public Mode modeFor(SocketAddress address, Mode otherwise) {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(otherwise, "otherwise");
    for (Route rule : rules) {
      if (rule.pattern().matches(address)) {
        return rule.mode();
      }
    }
    return otherwise;
  }

  /**
   * Returns the mode for an address of datagrams, by the {@code udp:} rules.
   *
   * @param address the address to bind, to connect or to send to
   * @param otherwise the mode where no rule matches
   * @return the mode of the first rule that matches, else {@code otherwise}
   */
  public Mode datagramModeFor(SocketAddress address, Mode otherwise) {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(otherwise, "otherwise");
    for (Route rule : rules) {
      if (rule.pattern().matchesDatagrams(address)) {
        return rule.mode();
      }
    }
    return otherwise;
  }

  /**
   * Tells whether any address of datagrams may have mode {@code ring}.
   *
   * @param otherwise whether addresses that no rule matches have it
   * @return false if no address has it
   */
  public boolean mayBeDatagramsInRing(boolean otherwise) {
    for (Route rule : rules) {
      if (rule.pattern().isForDatagrams() && rule.mode() == Mode.RING) {
        return true;
      }
      if (rule.pattern().matchesAllDatagrams()) {
        return false;
      }
    }
    return otherwise;
  }

  /**
   * Returns whether there is no rule, so that the mode of the network applies everywhere.
   *
   * @return true if there is none
   */
  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Tells whether the other object has the same rules in the same order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Routes routes && rules.equals(routes.rules);
  }

  @Override
  public int hashCode() {
    return rules.hashCode();
  }

  /** Returns the rules in their canonical form, which {@link #parse} turns into equal routes. */
  @Override
  public String toString() {
    return rules.stream().map(Route::toString).collect(Collectors.joining("; "));
  }
}
