package io.nioring.internal.core;

import io.nioring.internal.platform.PosixIdentity;
import io.nioring.socket.PeerCredentials;
import java.net.SocketOption;
import java.util.HashMap;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/**
 * The socket options of the module {@code jdk.net}, with their default values. A separate class,
 * since that module may be missing from a trimmed run time.
 */
final class ExtendedOptions {
  private static final int MOST_SECONDS = 32_767;
  private static final int MOST_PROBES = 127;

  private ExtendedOptions() {}

  /** The extended TCP options and their defaults on Linux; empty without the module. */
  static Map<SocketOption<?>, Object> tcpDefaults() {
    try {
      return Tcp.DEFAULTS;
    } catch (LinkageError e) {
      return Map.of(); // no jdk.net here: nobody can name these options either
    }
  }

  /** The extended options of datagram sockets and their defaults on Linux. */
  static Map<SocketOption<?>, Object> datagramDefaults() {
    try {
      return Datagrams.defaults();
    } catch (LinkageError e) {
      return Map.of(); // as above
    }
  }

  /** Whether Linux accepts a value of an option (tcp(7)): times and counts have bounds. */
  static boolean isInBounds(SocketOption<?> option, Object value) {
    return switch (option.name()) {
      case "TCP_KEEPIDLE", "TCP_KEEPINTERVAL" -> (int) value >= 1 && (int) value <= MOST_SECONDS;
      case "TCP_KEEPCOUNT" -> (int) value >= 1 && (int) value <= MOST_PROBES;
      default -> true;
    };
  }

  /** Whether an option is the peer's credentials. */
  static boolean isPeerCredentials(SocketOption<?> option) {
    return option.name().equals("SO_PEERCRED");
  }

  /** The option for the peer's credentials; null without the module. */
  static SocketOption<?> peerCredentials() {
    try {
      return Unix.PEERCRED;
    } catch (LinkageError e) {
      return null;
    }
  }

  /** Credentials in the form in which the option returns them. */
  static Object principal(PeerCredentials credentials) {
    return PosixIdentity.of(credentials).principal();
  }

  private static final class Tcp {
    static final Map<SocketOption<?>, Object> DEFAULTS =
        Map.of(
            ExtendedSocketOptions.TCP_QUICKACK, true,
            ExtendedSocketOptions.TCP_KEEPIDLE, 7200,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 75,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 9,
            ExtendedSocketOptions.SO_INCOMING_NAPI_ID, 0);
  }

  private static final class Datagrams {
    static Map<SocketOption<?>, Object> defaults() {
      Map<SocketOption<?>, Object> all = new HashMap<>();
      all.put(ExtendedSocketOptions.SO_INCOMING_NAPI_ID, 0);
      try { // since JDK 19
        Object field = ExtendedSocketOptions.class.getField("IP_DONTFRAGMENT").get(null);
        all.put((SocketOption<?>) field, false);
      } catch (ReflectiveOperationException e) {
        // an older one
      }
      return all;
    }
  }

  private static final class Unix {
    static final SocketOption<?> PEERCRED = ExtendedSocketOptions.SO_PEERCRED;
  }
}
