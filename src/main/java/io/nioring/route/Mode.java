package io.nioring.route;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Where the channels of a network find their peers.
 *
 * <p>A network has one mode, and {@link Routes} may override it by address. It applies to datagram
 * channels in mode {@code ring} and by {@code udp:} routes to it; otherwise they are the
 * platform's, as the inherited channel always is.
 */
public enum Mode {
  /**
   * Addresses exist in this JVM alone: a bind takes no file descriptor, no file and no port, and
   * any IP address or path may be bound, including ones that this machine does not have. A connect
   * to an address where nobody in this JVM listens is refused; it never reaches the kernel. For
   * hermetic tests, many servers side by side, simulated clusters.
   */
  RING,

  /**
   * A bind takes the address in the kernel and in this JVM. A connect whose listener is in this JVM
   * goes over a ring, every other one to the kernel. For production: nothing changes for other
   * processes, and traffic inside the JVM bypasses the kernel.
   */
  HYBRID,

  /** The platform's own objects are handed out, unwrapped: rings are switched off. */
  KERNEL;

  /**
   * Returns the mode of that name.
   *
   * @param text the name in upper or lower case, such as {@code hybrid}; white space around it is
   *     ignored
   * @return the mode
   * @throws IllegalArgumentException if there is no such mode; the message names the text and the
   *     known modes
   */
  public static Mode parse(String text) {
    String name = text.strip();
    for (Mode mode : values()) {
      if (mode.text().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "unknown mode \"" + name + "\", expected one of " + knownModes());
  }

  /** Returns the name as it is written in routes and properties. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static String knownModes() {
    return Arrays.stream(values()).map(Mode::text).collect(Collectors.joining(", "));
  }
}
