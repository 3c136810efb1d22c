package io.nioring;

import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How a {@link RingNetwork} behaves. An immutable value, safe for use by many threads.
 *
 * <pre>{@code
 * RingNetworkConfig config =
 *     RingNetworkConfig.builder().mode(Mode.HYBRID).routes("tcp:*:443=kernel").build();
 * }</pre>
 *
 * The network of the whole JVM is configured by system properties with the same names and bounds,
 * such as {@code nioring.mode} and {@code nioring.spinMicros}; {@code nioring.bufferSize} is {@link
 * #bufferSizeBytes()} and may end in {@code k}, {@code m} or {@code g}.
 */
public final class RingNetworkConfig {

  static final IntRange BUFFER_SIZE = new IntRange(1, 1 << 30, "bytes");
  private static final int DEFAULT_MAX_BUFFER_BYTES = 16 << 20;
  static final IntRange SPIN = new IntRange(0, 10_000, "microseconds");
  static final IntRange IDLE = new IntRange(1, 3_600_000, "milliseconds");

  private final Mode mode;
  private final Routes routes;
  private final int bufferSizeBytes;
  private final int maxBufferBytes;
  private final int spinMicros;
  private final int idleMillis;
  private final boolean directMemory;
  private final boolean sockets;
  private final Map<String, List<InetAddress>> hosts;
  private final boolean jmx;
  private final boolean jdkEventNames;
  private final String capture;

  private RingNetworkConfig(Builder builder) {
    mode = builder.mode;
    routes = builder.routes;
    bufferSizeBytes = BUFFER_SIZE.check("bufferSizeBytes", builder.bufferSizeBytes);
    maxBufferBytes = checkedMaxBuffer(builder.maxBufferBytes, bufferSizeBytes);
    spinMicros = SPIN.check("spinMicros", builder.spinMicros);
    idleMillis = IDLE.check("idleMillis", builder.idleMillis);
    directMemory = builder.directMemory;
    sockets = builder.sockets;
    hosts = Map.copyOf(builder.hosts);
    jmx = builder.jmx;
    jdkEventNames = builder.jdkEventNames;
    capture = builder.capture;
  }

  private static int checkedMaxBuffer(int set, int bufferSizeBytes) {
    if (set == 0) {
      return Math.max(DEFAULT_MAX_BUFFER_BYTES, bufferSizeBytes);
    }
    BUFFER_SIZE.check("maxBufferBytes", set);
    if (set < bufferSizeBytes) {
      throw new IllegalArgumentException(
          "maxBufferBytes is " + set + ", less than bufferSizeBytes, which is " + bufferSizeBytes);
    }
    return set;
  }

  /**
   * Returns a builder that holds the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the mode of addresses that no route matches.
   *
   * @return the mode, by default {@link Mode#RING}
   */
  public Mode mode() {
    return mode;
  }

  /**
   * Returns the routes, which give single addresses another mode.
   *
   * @return the routes, by default {@link Routes#none()}
   */
  public Routes routes() {
    return routes;
  }

  /**
   * Returns how many bytes one direction of a connection holds at most while nobody reads. The
   * rings of a connection grow up to this bound as they fill; no memory is allocated in advance.
   * {@code SO_SNDBUF} and {@code SO_RCVBUF} of a channel take precedence, up to {@link
   * #maxBufferBytes()}.
   *
   * @return the bound in bytes, 1 to 1 GiB, by default 1 MiB
   */
  public int bufferSizeBytes() {
    return bufferSizeBytes;
  }

  /**
   * Returns the largest size that {@code SO_SNDBUF} or {@code SO_RCVBUF} can give a channel. A
   * larger value is reduced to it without an error, as the kernel reduces it to {@code
   * net.core.wmem_max}; {@code getOption} returns the effective size.
   *
   * @return the limit in bytes, from {@link #bufferSizeBytes()} to 1 GiB, by default 16 MiB or
   *     {@code bufferSizeBytes}, whichever is greater
   */
  public int maxBufferBytes() {
    return maxBufferBytes;
  }

  /**
   * Returns how long a thread that has to wait stays busy before it sleeps. A longer time lets
   * answers that come soon arrive sooner, and costs processor time. It is an upper bound: the wait
   * adapts to how often it has paid off.
   *
   * @return the longest busy wait in microseconds, 0 to 10,000, by default 50; 0 never spins
   */
  public int spinMicros() {
    return spinMicros;
  }

  /**
   * Returns how long an empty ring is kept by a connection that does not use it, before its memory
   * returns to the pool.
   *
   * @return the time in milliseconds, 1 to 3,600,000 (an hour), by default 1,000
   */
  public int idleMillis() {
    return idleMillis;
  }

  /**
   * Returns whether rings use direct memory.
   *
   * @return true for memory outside the Java heap, the default; false for the heap
   */
  public boolean directMemory() {
    return directMemory;
  }

  /**
   * Returns whether the Java agent, and in tests the listener of JUnit's launcher, give the JVM's
   * plain sockets to the network, {@link java.net.Socket} and {@link java.net.ServerSocket}, as
   * {@link RingNetwork#installSockets} does. It has no other effect.
   *
   * @return true, the default, if it does; false if they stay with the platform, or with the
   *     program's own factories
   */
  public boolean sockets() {
    return sockets;
  }

  /**
   * Returns the addresses of hosts that the network knows by name: for {@link RingNetwork#address},
   * and where a socket or channel of the network connects to an address that was not resolved.
   *
   * <p>A connect to a name uses the first of its addresses.
   *
   * @return the addresses by the names in lower case, by default none
   */
  public Map<String, List<InetAddress>> hosts() {
    return hosts;
  }

  /**
   * Returns whether the network registers itself with the platform's MBean server when it is
   * opened, as {@link RingNetwork#registerMXBean()} does: the property {@code nioring.jmx}.
   *
   * @return by default false, since that starts JMX
   */
  public boolean jmx() {
    return jmx;
  }

  /**
   * Returns whether reads and writes of rings have the JDK's event names in Flight Recorder: the
   * property {@code nioring.jfr.names}, {@code jdk} or {@code nioring}.
   *
   * @return true for the names of the JDK's events, {@code jdk.SocketRead} and {@code
   *     jdk.SocketWrite}, the default; false for {@code nioring.SocketRead} and {@code
   *     nioring.SocketWrite}
   */
  public boolean jdkEventNames() {
    return jdkEventNames;
  }

  /**
   * Returns whether the network captures its connections from its opening to its close: the
   * property {@code nioring.capture}. The text is the file and then, each after a comma, the words
   * of a filter and options: {@code db.pcapng,port 5432,file-size=50m,files=10}.
   *
   * @return the text; empty, the default, for no capture
   */
  public String capture() {
    return capture;
  }

  /** Whether no address can be over rings. */
  boolean isKernelAlone() {
    return mode == Mode.KERNEL && routes.isEmpty();
  }

  /** Whether the network does nothing at all but hand out the platform's objects. */
  boolean isPlatformAlone() {
    return isKernelAlone() && !jmx && capture.isEmpty();
  }

  /** Returns whether the other object is a configuration with the same values. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RingNetworkConfig config
        && mode == config.mode
        && routes.equals(config.routes)
        && bufferSizeBytes == config.bufferSizeBytes
        && maxBufferBytes == config.maxBufferBytes
        && spinMicros == config.spinMicros
        && idleMillis == config.idleMillis
        && directMemory == config.directMemory
        && sockets == config.sockets
        && hosts.equals(config.hosts)
        && jmx == config.jmx
        && jdkEventNames == config.jdkEventNames
        && capture.equals(config.capture);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        mode,
        routes,
        bufferSizeBytes,
        maxBufferBytes,
        spinMicros,
        idleMillis,
        directMemory,
        sockets,
        hosts,
        jmx,
        jdkEventNames,
        capture);
  }

  /** Returns all values with their names. */
  @Override
  public String toString() {
    return "RingNetworkConfig[mode="
        + mode
        + ", routes="
        + routes
        + ", bufferSizeBytes="
        + bufferSizeBytes
        + ", maxBufferBytes="
        + maxBufferBytes
        + ", spinMicros="
        + spinMicros
        + ", idleMillis="
        + idleMillis
        + ", directMemory="
        + directMemory
        + ", sockets="
        + sockets
        + ", hosts="
        + hosts
        + ", jmx="
        + jmx
        + ", jdkEventNames="
        + jdkEventNames
        + ", capture="
        + capture
        + "]";
  }

  /**
   * Collects the values of a configuration. What is not set keeps the default that is documented at
   * the method of the same name in {@link RingNetworkConfig}. Not safe for concurrent use.
   */
  public static final class Builder {

    private Mode mode = Mode.RING;
    private Routes routes = Routes.none();
    private int bufferSizeBytes = 1 << 20;

    /** 0 while it is not set. */
    private int maxBufferBytes;

    private int spinMicros = 50;
    private int idleMillis = 1_000;
    private boolean directMemory = true;
    private boolean sockets = true;
    private final Map<String, List<InetAddress>> hosts = new HashMap<>();
    private boolean jmx;
    private boolean jdkEventNames = true;
    private String capture = "";

    private Builder() {}

    /**
     * Sets {@link RingNetworkConfig#mode()}.
     *
     * @param mode the mode of addresses that no route matches
     * @return this builder
     */
    public Builder mode(Mode mode) {
      this.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#routes()}, replacing those that were set before.
     *
     * @param routes the routes
     * @return this builder
     */
    public Builder routes(Routes routes) {
      this.routes = Objects.requireNonNull(routes, "routes");
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#routes()}, replacing those that were set before.
     *
     * @param routes rules as {@link Routes} describes them
     * @return this builder
     * @throws IllegalArgumentException if a rule is malformed; the message quotes it
     */
    public Builder routes(String routes) {
      return routes(Routes.parse(Objects.requireNonNull(routes, "routes")));
    }

    /**
     * Sets {@link RingNetworkConfig#bufferSizeBytes()}.
     *
     * @param bufferSizeBytes the bound in bytes, 1 to 1 GiB
     * @return this builder
     */
    public Builder bufferSizeBytes(int bufferSizeBytes) {
      this.bufferSizeBytes = bufferSizeBytes;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#maxBufferBytes()}.
     *
     * @param maxBufferBytes the limit in bytes, from {@code bufferSizeBytes} to 1 GiB
     * @return this builder
     */
    public Builder maxBufferBytes(int maxBufferBytes) {
      this.maxBufferBytes = BUFFER_SIZE.check("maxBufferBytes", maxBufferBytes);
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#spinMicros()}.
     *
     * @param spinMicros the longest busy wait in microseconds, 0 to 10,000
     * @return this builder
     */
    public Builder spinMicros(int spinMicros) {
      this.spinMicros = spinMicros;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#idleMillis()}.
     *
     * @param idleMillis the time in milliseconds, 1 to 3,600,000
     * @return this builder
     */
    public Builder idleMillis(int idleMillis) {
      this.idleMillis = idleMillis;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#jmx()}.
     *
     * @param jmx whether the network registers itself with the platform's MBean server
     * @return this builder
     */
    public Builder jmx(boolean jmx) {
      this.jmx = jmx;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#jdkEventNames()}.
     *
     * @param jdkEventNames whether reads and writes have the names of the JDK's events
     * @return this builder
     */
    public Builder jdkEventNames(boolean jdkEventNames) {
      this.jdkEventNames = jdkEventNames;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#capture()}.
     *
     * @param words the file and, after commas, a filter and options; empty for no capture
     * @return this builder
     */
    public Builder capture(String words) {
      this.capture = Objects.requireNonNull(words, "words");
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#directMemory()}.
     *
     * @param directMemory true for memory outside the Java heap, false for the heap
     * @return this builder
     */
    public Builder directMemory(boolean directMemory) {
      this.directMemory = directMemory;
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#sockets()}.
     *
     * @param sockets whether the Java agent gives the JVM's plain sockets to the network
     * @return this builder
     */
    public Builder sockets(boolean sockets) {
      this.sockets = sockets;
      return this;
    }

    /**
     * Adds to {@link RingNetworkConfig#hosts()}. A name that was given before has only the
     * addresses of the last call.
     *
     * @param name the name of a host, in any case
     * @param address its address
     * @param others further ones
     * @return this builder
     * @throws IllegalArgumentException if it is not a name; the message quotes it
     */
    public Builder host(String name, InetAddress address, InetAddress... others) {
      String checked = Hosts.checkName(Objects.requireNonNull(name, "name"));
      hosts.put(
          checked,
          Stream.concat(Stream.of(address), Stream.of(others))
              .map(each -> Hosts.named(checked, Objects.requireNonNull(each, "address")))
              .distinct()
              .toList());
      return this;
    }

    /**
     * Sets {@link RingNetworkConfig#hosts()}, replacing those that were set before.
     *
     * @param hosts names with their addresses, as {@code db.test=10.1.2.3; mail.test=fd00::7,
     *     10.1.2.4}
     * @return this builder
     * @throws IllegalArgumentException if it is malformed; the message quotes the place
     */
    public Builder hosts(String hosts) {
      Map<String, List<String>> parsed = Hosts.parse(Objects.requireNonNull(hosts, "hosts"));
      this.hosts.clear();
      parsed.forEach(
          (spelled, literals) -> {
            String name = Hosts.checkName(spelled);
            this.hosts.put(name, Hosts.named(name, literals));
          });
      return this;
    }

    /**
     * Returns the configuration. The builder can be used again.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a number is out of bounds; the message gives its name,
     *     its value and the bound
     */
    public RingNetworkConfig build() {
      return new RingNetworkConfig(this);
    }
  }
}
