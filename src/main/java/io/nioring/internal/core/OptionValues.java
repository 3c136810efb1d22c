package io.nioring.internal.core;

import io.nioring.internal.network.AddressFamily;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The socket options of one channel: the supported ones and the values set.
 *
 * <p>Most have no effect on a ring; it stores and returns the values, since programs set and read
 * them as a matter of course. Values are checked as the platform's channels check them. Immutable:
 * {@link #with} returns a changed copy.
 */
public final class OptionValues {
  /** The kinds of channel, each with its options and their default values. */
  @SuppressWarnings("ImmutableEnumChecker") // the map is an unmodifiable copy
  private enum Kind {
    INET_STREAM(
        Map.of(
            StandardSocketOptions.SO_KEEPALIVE,
            false,
            StandardSocketOptions.SO_REUSEADDR,
            false,
            StandardSocketOptions.SO_REUSEPORT,
            false,
            StandardSocketOptions.SO_LINGER,
            -1,
            StandardSocketOptions.TCP_NODELAY,
            false,
            StandardSocketOptions.IP_TOS,
            0,
            StandardSocketOptions.SO_SNDBUF,
            0,
            StandardSocketOptions.SO_RCVBUF,
            0),
        ExtendedOptions.tcpDefaults()),
    /** As above: what an accepted socket has of a listening one on which nothing was set. */
    INET_ACCEPTED(acceptedDefaults(), Map.of()),
    INET_SERVER(
        Map.of(
            StandardSocketOptions.SO_RCVBUF, 0,
            StandardSocketOptions.SO_REUSEADDR, true,
            StandardSocketOptions.SO_REUSEPORT, false),
        ExtendedOptions.tcpDefaults()),
    /** As above, with the options that a ServerSocket has and a channel does not. */
    INET_PLAIN_SERVER(
        Map.of(
            StandardSocketOptions.SO_RCVBUF,
            0,
            StandardSocketOptions.SO_REUSEADDR,
            true,
            StandardSocketOptions.SO_REUSEPORT,
            false,
            StandardSocketOptions.IP_TOS,
            0),
        ExtendedOptions.tcpDefaults()),
    UNIX_STREAM(
        Map.of(
            StandardSocketOptions.SO_SNDBUF, 0,
            StandardSocketOptions.SO_RCVBUF, 0,
            StandardSocketOptions.SO_LINGER, -1),
        peerCredentials()),
    UNIX_SERVER(Map.of(StandardSocketOptions.SO_RCVBUF, 0), Map.of()),
    INET_DATAGRAM(datagramDefaults(), ExtendedOptions.datagramDefaults());

    /** The default of both sizes on Linux, half of its internal value (socket(7)). */
    private static final int DATAGRAM_BUFFER_BYTES = 106_496;

    private final Map<SocketOption<?>, Object> defaults;

    Kind(Map<? extends SocketOption<?>, ?> standard, Map<SocketOption<?>, Object> extended) {
      Map<SocketOption<?>, Object> all = new HashMap<>(standard);
      all.putAll(extended);
      defaults = Collections.unmodifiableMap(all);
    }

    private static Map<SocketOption<?>, Object> acceptedDefaults() {
      Map<SocketOption<?>, Object> all = new HashMap<>(INET_STREAM.defaults);
      all.put(StandardSocketOptions.SO_REUSEADDR, true);
      return all;
    }

    private static Map<SocketOption<?>, Object> datagramDefaults() {
      Map<SocketOption<?>, Object> all = new HashMap<>();
      all.put(StandardSocketOptions.SO_SNDBUF, DATAGRAM_BUFFER_BYTES);
      all.put(StandardSocketOptions.SO_RCVBUF, DATAGRAM_BUFFER_BYTES);
      all.put(StandardSocketOptions.SO_REUSEADDR, false);
      all.put(StandardSocketOptions.SO_REUSEPORT, false);
      all.put(StandardSocketOptions.SO_BROADCAST, false);
      all.put(StandardSocketOptions.IP_TOS, 0);
      all.put(StandardSocketOptions.IP_MULTICAST_IF, null);
      all.put(StandardSocketOptions.IP_MULTICAST_TTL, 1);
      all.put(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      return all;
    }

    private static Map<SocketOption<?>, Object> peerCredentials() {
      SocketOption<?> option = ExtendedOptions.peerCredentials();
      return option == null ? Map.of() : Map.of(option, "asked when needed");
    }

    Set<SocketOption<?>> options() {
      return defaults.keySet();
    }
  }

  private static final int CONGESTION_BITS = 3;

  private static final OptionValues INET_STREAM = new OptionValues(Kind.INET_STREAM, Map.of());
  private static final OptionValues INET_ACCEPTED = new OptionValues(Kind.INET_ACCEPTED, Map.of());
  private static final OptionValues INET_SERVER = new OptionValues(Kind.INET_SERVER, Map.of());
  private static final OptionValues INET_PLAIN_SERVER =
      new OptionValues(Kind.INET_PLAIN_SERVER, Map.of());
  private static final OptionValues UNIX_STREAM = new OptionValues(Kind.UNIX_STREAM, Map.of());
  private static final OptionValues UNIX_SERVER = new OptionValues(Kind.UNIX_SERVER, Map.of());
  private static final OptionValues INET_DATAGRAM = new OptionValues(Kind.INET_DATAGRAM, Map.of());

  private final Kind kind;
  private final Map<SocketOption<?>, Object> values;

  // Cached, since each connection asks for it.

  private final int sendBytes;
  private final int receiveBytes;
  private final int lingerSeconds;

  /** What an accepted socket has of these; null for what listens to none, or has none to give. */
  private final OptionValues inherited;

  private OptionValues(Kind kind, Map<SocketOption<?>, Object> values) {
    this.kind = kind;
    this.values = values;
    this.sendBytes = intOrZero(StandardSocketOptions.SO_SNDBUF);
    this.receiveBytes = intOrZero(StandardSocketOptions.SO_RCVBUF);
    this.lingerSeconds =
        kind.defaults.containsKey(StandardSocketOptions.SO_LINGER)
            ? (int) get(StandardSocketOptions.SO_LINGER)
            : -1;
    this.inherited = inheritedFrom(kind, values);
  }

  /** A size is left out: the connection was made with it, and tells it itself. */
  private static OptionValues inheritedFrom(Kind kind, Map<SocketOption<?>, Object> values) {
    if (kind != Kind.INET_SERVER && kind != Kind.INET_PLAIN_SERVER) {
      return null;
    }
    Map<SocketOption<?>, Object> given = new HashMap<>(values);
    given.remove(StandardSocketOptions.SO_RCVBUF);
    return given.isEmpty()
        ? INET_ACCEPTED
        : new OptionValues(Kind.INET_ACCEPTED, Collections.unmodifiableMap(given));
  }

  private int intOrZero(SocketOption<Integer> option) {
    return get(option) instanceof Integer value ? value : 0;
  }

  /** Those of a stream socket, none of them set. */
  public static OptionValues ofStream(AddressFamily family) {
    return family.isUnix() ? UNIX_STREAM : INET_STREAM;
  }

  /** Those of a listening socket, none of them set. */
  public static OptionValues ofServer(AddressFamily family) {
    return family.isUnix() ? UNIX_SERVER : INET_SERVER;
  }

  /** Those of a {@link java.net.ServerSocket}, none of them set. */
  public static OptionValues ofPlainServer() {
    return INET_PLAIN_SERVER;
  }

  /** Those of a datagram socket, none of them set. */
  public static OptionValues ofDatagram() {
    return INET_DATAGRAM;
  }

  /**
   * Those of a socket that a listening one with these accepts, as the kernel copies them; null if
   * it has the defaults.
   */
  OptionValues inherited() {
    return inherited;
  }

  /** The supported options. */
  public Set<SocketOption<?>> supported() {
    return kind.options();
  }

  /**
   * Refuses what is not an option of this kind of channel.
   *
   * @throws UnsupportedOperationException naming the option
   */
  public void ensureSupported(SocketOption<?> option) {
    Objects.requireNonNull(option);
    if (!kind.options().contains(option)) {
      throw new UnsupportedOperationException("'" + option + "' not supported");
    }
  }

  /**
   * These options with a new value of a supported one.
   *
   * @throws IllegalArgumentException if the value is null, of another type than the option's, or
   *     out of its bounds
   * @throws SocketException if the option is read-only
   */
  public OptionValues with(SocketOption<?> option, Object value) throws SocketException {
    ensureTypeOf(option, value);
    Map<SocketOption<?>, Object> changed = new HashMap<>(values);
    changed.put(option, masked(option, check(option, value)));
    return new OptionValues(kind, Collections.unmodifiableMap(changed));
  }

  /** Refuses null, which no option accepts, and values of other types. */
  public static void ensureTypeOf(SocketOption<?> option, Object value) {
    if (value == null) {
      throw new IllegalArgumentException("Invalid option value: null for " + option);
    }
    if (!option.type().isInstance(value)) {
      throw new IllegalArgumentException(
          "Invalid value '%s' for %s: it takes %s"
              .formatted(value, option, option.type().getSimpleName()));
    }
  }

  /** The kernel keeps the congestion bits of a stream's type of service to itself (ip(7)). */
  private Object masked(SocketOption<?> option, Object checked) {
    boolean isStreams = kind != Kind.INET_DATAGRAM && option == StandardSocketOptions.IP_TOS;
    return isStreams ? (Object) ((int) checked & ~CONGESTION_BITS) : checked;
  }

  private static Object check(SocketOption<?> option, Object value) throws SocketException {
    if (option == StandardSocketOptions.SO_SNDBUF || option == StandardSocketOptions.SO_RCVBUF) {
      if ((int) value < 0) {
        throw new IllegalArgumentException("Invalid send/receive buffer size: " + value);
      }
      return Math.max(1, (int) value);
    }
    if (option == StandardSocketOptions.SO_LINGER) {
      return Math.max(-1, Math.min(65535, (int) value));
    }
    if (option == StandardSocketOptions.IP_TOS && ((int) value < 0 || (int) value > 255)) {
      throw new IllegalArgumentException("Invalid IP_TOS value: " + value);
    }
    if (option == StandardSocketOptions.IP_MULTICAST_TTL
        && ((int) value < 0 || (int) value > 255)) {
      throw new IllegalArgumentException("Invalid TTL/hop value: " + value);
    }
    if (option.name().equals("SO_INCOMING_NAPI_ID") || ExtendedOptions.isPeerCredentials(option)) {
      throw new SocketException(option + " is a read-only option");
    }
    if (!ExtendedOptions.isInBounds(option, value)) {
      throw new SocketException("Invalid argument");
    }
    return value;
  }

  /** The value of a supported option: the one set, or the default. */
  public Object get(SocketOption<?> option) {
    Object value = values.get(option);
    return value != null ? value : kind.defaults.get(option);
  }

  /** The values set so far. */
  public Map<SocketOption<?>, Object> explicit() {
    return values;
  }

  /** The values set so far, by the names of the options. */
  Map<String, Object> named() {
    if (values.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> named = new TreeMap<>();
    values.forEach((option, value) -> named.put(option.name(), value));
    return named;
  }

  /** The send buffer size that was set, in bytes; 0 for a stream socket without one. */
  public int sendBytes() {
    return sendBytes;
  }

  /** The size of the receive buffer, as {@link #sendBytes}. */
  public int receiveBytes() {
    return receiveBytes;
  }

  /** The linger time that was set, in seconds; -1 if it is off. */
  public int lingerSeconds() {
    return lingerSeconds;
  }

  /** The value of a boolean option. */
  public boolean getBoolean(SocketOption<Boolean> option) {
    return kind.defaults.containsKey(option) && (boolean) get(option);
  }
}
