package io.nioring.socket;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * A Unix address in the abstract namespace (unix(7)): a name of bytes without a file, which is free
 * again as soon as its listener closes.
 *
 * <p>Taken by the Unix channels of a ring provider; such an address always exists in this JVM
 * alone, whatever the mode. An immutable value, safe for use by many threads.
 */
public final class AbstractSocketAddress extends SocketAddress {
  /** The most bytes of a name: what {@code sun_path} holds after the zero that marks it. */
  public static final int MAX_NAME_BYTES = 107;

  private static final long serialVersionUID = 1;

  /** The name without the leading zero. */
  private final byte[] name;

  private AbstractSocketAddress(byte[] name) {
    if (name.length == 0 || name.length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "an abstract name of %d bytes, expected 1 to %d".formatted(name.length, MAX_NAME_BYTES));
    }
    this.name = name;
  }

  /**
   * The address with a name of any bytes.
   *
   * @param name the name without the leading zero, 1 to 107 bytes
   * @return the address
   * @throws IllegalArgumentException if it is empty or too long
   */
  public static AbstractSocketAddress of(byte[] name) {
    return new AbstractSocketAddress(name.clone());
  }

  /**
   * The address with a name in UTF-8.
   *
   * @param name the name without the leading {@code @} or zero
   * @return the address
   * @throws IllegalArgumentException if it is empty or longer than 107 bytes
   */
  public static AbstractSocketAddress of(String name) {
    return new AbstractSocketAddress(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * An address that nobody else has.
   *
   * @param prefix what its name starts with, up to 70 bytes
   * @return the address
   * @throws IllegalArgumentException if the prefix is too long
   */
  public static AbstractSocketAddress unique(String prefix) {
    return of(prefix + "-" + UUID.randomUUID());
  }

  /** {@return the name without the leading zero, a copy} */
  public byte[] name() {
    return name.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AbstractSocketAddress address && Arrays.equals(name, address.name);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(name);
  }

  /** {@return the name as tools show it: with a leading {@code @}} */
  @Override
  public String toString() {
    return "@" + new String(name, StandardCharsets.UTF_8);
  }
}
