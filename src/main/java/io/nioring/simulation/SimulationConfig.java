package io.nioring.simulation;

import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link Simulation} behaves. An immutable value, safe for use by many threads.
 *
 * <pre>{@code
 * SimulationConfig config = SimulationConfig.builder().seed(42).virtualTime(true).build();
 * }</pre>
 */
public final class SimulationConfig {
  private final long seed;
  private final boolean virtualTime;
  private final boolean advanceWhenIdle;
  private final boolean isolatedLoopback;
  private final Duration connectTimeout;
  private final Duration giveUp;
  private final int segmentBytes;
  private final boolean recordOpenings;
  private final RingNetworkConfig network;

  private SimulationConfig(Builder builder) {
    seed = builder.seed;
    virtualTime = builder.virtualTime;
    advanceWhenIdle = builder.advanceWhenIdle;
    isolatedLoopback = builder.isolatedLoopback;
    connectTimeout = builder.connectTimeout;
    giveUp = builder.giveUp;
    segmentBytes = builder.segmentBytes;
    recordOpenings = builder.recordOpenings;
    network = builder.network;
  }

  /** {@return a new builder that holds the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a new builder that holds these values} */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.seed = seed;
    builder.virtualTime = virtualTime;
    builder.advanceWhenIdle = advanceWhenIdle;
    builder.isolatedLoopback = isolatedLoopback;
    builder.connectTimeout = connectTimeout;
    builder.giveUp = giveUp;
    builder.segmentBytes = segmentBytes;
    builder.recordOpenings = recordOpenings;
    builder.network = network;
    return builder;
  }

  /** {@return what all random choices of the simulation come from, by default 0} */
  public long seed() {
    return seed;
  }

  /**
   * Returns whether the simulation has a time of its own, which stands still until {@link
   * Simulation#advance} or, with {@link #advanceWhenIdle()}, until all threads of its hosts wait.
   *
   * @return true for virtual time; false, the default, for the system's
   */
  public boolean virtualTime() {
    return virtualTime;
  }

  /**
   * Returns whether virtual time jumps to the next event once every thread of every host waits in
   * an operation of its channels or selectors. Without virtual time it has no effect.
   *
   * @return by default true
   */
  public boolean advanceWhenIdle() {
    return advanceWhenIdle;
  }

  /**
   * Returns whether each host has loopback addresses of its own.
   *
   * @return by default false: loopback is one for all hosts, and belongs to "localhost"
   */
  public boolean isolatedLoopback() {
    return isolatedLoopback;
  }

  /**
   * Returns how long a connect waits for an answer before it fails with "Connection timed out".
   *
   * @return by default 127 seconds, as on Linux
   */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /**
   * Returns how long bytes stay unacknowledged before the end that has written them gives the
   * connection up with "Connection timed out".
   *
   * @return by default 924 seconds, as on Linux
   */
  public Duration giveUp() {
    return giveUp;
  }

  /**
   * Returns the size of the segments that latency and loss are drawn for.
   *
   * @return bytes, 1 to 65,536, by default 1,460
   */
  public int segmentBytes() {
    return segmentBytes;
  }

  /**
   * Returns whether it is recorded where channels are opened, for {@link
   * Simulation#openChannels()}. An open then takes some microseconds more.
   *
   * @return by default false
   */
  public boolean recordOpenings() {
    return recordOpenings;
  }

  /** {@return the configuration of the network, whose mode is {@code ring}} */
  public RingNetworkConfig network() {
    return network;
  }

  /** Returns the values that tell one run from another. */
  @Override
  public String toString() {
    return "SimulationConfig[seed="
        + seed
        + ", virtualTime="
        + virtualTime
        + ", advanceWhenIdle="
        + advanceWhenIdle
        + ", isolatedLoopback="
        + isolatedLoopback
        + ", connectTimeout="
        + connectTimeout
        + ", giveUp="
        + giveUp
        + ", segmentBytes="
        + segmentBytes
        + ", recordOpenings="
        + recordOpenings
        + ", network="
        + network
        + "]";
  }

  /** Collects the values of a configuration. Not safe for use by many threads. */
  public static final class Builder {
    private static final int MOST_SEGMENT_BYTES = 1 << 16;

    private long seed;
    private boolean virtualTime;
    private boolean advanceWhenIdle = true;
    private boolean isolatedLoopback;
    private Duration connectTimeout = Duration.ofSeconds(127);
    private Duration giveUp = Duration.ofSeconds(924);
    private int segmentBytes = 1460;
    private boolean recordOpenings;
    private RingNetworkConfig network = RingNetworkConfig.builder().build();

    private Builder() {}

    /**
     * Sets {@link SimulationConfig#seed()}.
     *
     * @param seed any number
     * @return this builder
     */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#virtualTime()}.
     *
     * @param virtualTime whether the simulation has a time of its own
     * @return this builder
     */
    public Builder virtualTime(boolean virtualTime) {
      this.virtualTime = virtualTime;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#advanceWhenIdle()}.
     *
     * @param advanceWhenIdle whether virtual time jumps when all wait
     * @return this builder
     */
    public Builder advanceWhenIdle(boolean advanceWhenIdle) {
      this.advanceWhenIdle = advanceWhenIdle;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#isolatedLoopback()}.
     *
     * @param isolatedLoopback whether each host has loopback addresses of its own
     * @return this builder
     */
    public Builder isolatedLoopback(boolean isolatedLoopback) {
      this.isolatedLoopback = isolatedLoopback;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#connectTimeout()}.
     *
     * @param connectTimeout from 0 to 365 days
     * @return this builder
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder connectTimeout(Duration connectTimeout) {
      Latency.nanos("connectTimeout", connectTimeout);
      this.connectTimeout = connectTimeout;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#giveUp()}.
     *
     * @param giveUp from 0 to 365 days
     * @return this builder
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder giveUp(Duration giveUp) {
      Latency.nanos("giveUp", giveUp);
      this.giveUp = giveUp;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#segmentBytes()}.
     *
     * @param segmentBytes 1 to 65,536
     * @return this builder
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder segmentBytes(int segmentBytes) {
      if (segmentBytes < 1 || segmentBytes > MOST_SEGMENT_BYTES) {
        throw new IllegalArgumentException(
            "segmentBytes is " + segmentBytes + ", expected 1 to 65536");
      }
      this.segmentBytes = segmentBytes;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#recordOpenings()}.
     *
     * @param recordOpenings whether it is recorded where channels are opened
     * @return this builder
     */
    public Builder recordOpenings(boolean recordOpenings) {
      this.recordOpenings = recordOpenings;
      return this;
    }

    /**
     * Sets {@link SimulationConfig#network()}. With virtual time its busy waits are disabled.
     *
     * @param network a configuration in mode {@code ring} without routes
     * @return this builder
     * @throws IllegalArgumentException if it could reach the kernel
     */
    public Builder network(RingNetworkConfig network) {
      Objects.requireNonNull(network, "network");
      if (network.mode() != Mode.RING || !network.routes().isEmpty()) {
        throw new IllegalArgumentException("a simulated network is in mode ring without routes");
      }
      this.network = network;
      return this;
    }

    /** {@return the configuration} */
    public SimulationConfig build() {
      return new SimulationConfig(this);
    }
  }
}
