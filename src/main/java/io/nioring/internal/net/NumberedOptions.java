package io.nioring.internal.net;

import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.util.Map;

/**
 * The options that {@link SocketOptions} numbers, as {@link SocketOption}s. Those without a
 * counterpart belong to the sockets: the timeout, urgent data in band, the bound address.
 */
final class NumberedOptions {
  private static final Map<Integer, SocketOption<?>> BY_NUMBER =
      Map.of(
          SocketOptions.TCP_NODELAY,
          StandardSocketOptions.TCP_NODELAY,
          SocketOptions.SO_KEEPALIVE,
          StandardSocketOptions.SO_KEEPALIVE,
          SocketOptions.SO_REUSEADDR,
          StandardSocketOptions.SO_REUSEADDR,
          SocketOptions.SO_REUSEPORT,
          StandardSocketOptions.SO_REUSEPORT,
          SocketOptions.SO_LINGER,
          StandardSocketOptions.SO_LINGER,
          SocketOptions.IP_TOS,
          StandardSocketOptions.IP_TOS,
          SocketOptions.SO_SNDBUF,
          StandardSocketOptions.SO_SNDBUF,
          SocketOptions.SO_RCVBUF,
          StandardSocketOptions.SO_RCVBUF);

  private NumberedOptions() {}

  /** The option of a number. */
  static SocketOption<?> of(int number) throws SocketException {
    SocketOption<?> option = BY_NUMBER.get(number);
    if (option == null) {
      throw new SocketException("Unknown option " + number);
    }
    return option;
  }

  /** The value of an option that is set by its number: there, false means no lingering. */
  static Object toSet(SocketOption<?> option, Object value) throws SocketException {
    if (option == StandardSocketOptions.SO_LINGER && Boolean.FALSE.equals(value)) {
      return -1;
    }
    if (!option.type().isInstance(value)) {
      throw new SocketException("Bad value for " + option + ": " + value);
    }
    if (isSize(option) && (int) value <= 0) {
      throw new SocketException(option + " <= 0: " + value);
    }
    return value;
  }

  private static boolean isSize(SocketOption<?> option) {
    return option == StandardSocketOptions.SO_SNDBUF || option == StandardSocketOptions.SO_RCVBUF;
  }

  /** The reverse conversion. */
  static Object asGot(SocketOption<?> option, Object value) {
    boolean lingersNot = option == StandardSocketOptions.SO_LINGER && value.equals(-1);
    return lingersNot ? false : value;
  }

  /** The value of a number that is not in the table. */
  static <T> T checked(int number, Class<T> type, Object value) throws SocketException {
    if (!type.isInstance(value)) {
      throw new SocketException("Bad value for option " + number + ": " + value);
    }
    return type.cast(value);
  }
}
