package io.nioring.route;

import java.util.List;

/** One rule of {@link Routes}: the mode of the addresses that match a pattern. */
record Route(AddressPattern pattern, Mode mode) {

  /**
   * Parses {@code <address pattern>=<mode>}.
   *
   * @throws IllegalArgumentException if it is malformed; the message says what was expected
   */
  static Route parse(String text) {
    // The last sign counts, since a path may contain others.
    int equals = text.lastIndexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException("expected <address>=<mode>");
    }
    Mode mode = Mode.parse(text.substring(equals + 1));
    return new Route(parsePattern(text.substring(0, equals).strip()), mode);
  }

  private static AddressPattern parsePattern(String text) {
    for (String scheme : List.of(InetPattern.TCP, InetPattern.UDP)) {
      if (startsWithIgnoreCase(text, scheme)) {
        return InetPattern.parse(scheme, text.substring(scheme.length()));
      }
    }
    if (startsWithIgnoreCase(text, UnixPattern.SCHEME)) {
      return UnixPattern.parse(text.substring(UnixPattern.SCHEME.length()));
    }
    throw new IllegalArgumentException("expected an address that starts with tcp:, udp: or unix:");
  }

  private static boolean startsWithIgnoreCase(String text, String prefix) {
    return text.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  @Override
  public String toString() {
    return pattern + "=" + mode.text();
  }
}
