package io.nioring.route;

import java.net.SocketAddress;

/**
 * The left side of a route: the addresses that it is for.
 *
 * <p>Patterns are immutable values. Their {@code toString} is the text that parses back to an equal
 * pattern.
 */
sealed interface AddressPattern permits InetPattern, UnixPattern {

  /**
   * Tells whether the address of a stream is one of this pattern's. Resolves no names, never
   * blocks.
   */
  boolean matches(SocketAddress address);

  /** Tells the same of an address of datagrams. */
  default boolean matchesDatagrams(SocketAddress address) {
    return false;
  }

  /** Tells whether the pattern is for datagrams. */
  default boolean isForDatagrams() {
    return false;
  }

  /** Tells whether every address of datagrams is one of this pattern's. */
  default boolean matchesAllDatagrams() {
    return false;
  }
}
