package io.nioring.simulation;

/**
 * How many bytes a link carries per second, in one direction. Immutable, safe for use by many
 * threads.
 *
 * <p>The connections of a link share it, first come, first served; {@link #perConnection()} gives
 * each its own.
 */
public final class Bandwidth {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long MOST = 1L << 40;
  private static final Bandwidth UNLIMITED = new Bandwidth(0, false);

  private final long bytesPerSecond;
  private final boolean perConnection;

  private Bandwidth(long bytesPerSecond, boolean perConnection) {
    this.bytesPerSecond = bytesPerSecond;
    this.perConnection = perConnection;
  }

  /** {@return no limit} */
  public static Bandwidth unlimited() {
    return UNLIMITED;
  }

  /**
   * A rate in bytes.
   *
   * @param rate bytes per second, from 1 to 2<sup>40</sup>
   * @return the bandwidth
   * @throws IllegalArgumentException if it is out of bounds
   */
  public static Bandwidth bytesPerSecond(long rate) {
    if (rate < 1 || rate > MOST) {
      throw new IllegalArgumentException("rate is " + rate + ", expected 1 to 2^40 bytes/s");
    }
    return new Bandwidth(rate, false);
  }

  /**
   * A rate in KiB.
   *
   * @param rate KiB (1,024 bytes) per second, from 1 to 2<sup>30</sup>
   * @return the bandwidth
   * @throws IllegalArgumentException if it is out of bounds
   */
  public static Bandwidth kibPerSecond(long rate) {
    return bytesPerSecond(Math.multiplyExact(rate, 1024L));
  }

  /**
   * A rate in MiB.
   *
   * @param rate MiB (1,048,576 bytes) per second, from 1 to 2<sup>20</sup>
   * @return the bandwidth
   * @throws IllegalArgumentException if it is out of bounds
   */
  public static Bandwidth mibPerSecond(long rate) {
    return bytesPerSecond(Math.multiplyExact(rate, 1024L * 1024));
  }

  /** {@return the same rate for each connection alone} */
  public Bandwidth perConnection() {
    return isUnlimited() ? this : new Bandwidth(bytesPerSecond, true);
  }

  boolean isUnlimited() {
    return bytesPerSecond == 0;
  }

  boolean isPerConnection() {
    return perConnection;
  }

  /** How long a number of bytes takes, rounded up. */
  long nanosFor(long bytes) {
    long seconds = bytes / bytesPerSecond;
    long rest = bytes % bytesPerSecond;
    long nanos =
        rest < Long.MAX_VALUE / NANOS_PER_SECOND
            ? roundedUp(rest * NANOS_PER_SECOND, bytesPerSecond)
            : (long) Math.ceil((double) rest / bytesPerSecond * NANOS_PER_SECOND);
    return seconds * NANOS_PER_SECOND + nanos;
  }

  /** Adds nothing to the dividend, which may be almost the largest number. */
  private static long roundedUp(long dividend, long divisor) {
    return dividend / divisor + (dividend % divisor > 0 ? 1 : 0);
  }

  @Override
  public String toString() {
    return isUnlimited()
        ? "unlimited"
        : bytesPerSecond + " bytes/s" + (perConnection ? " per connection" : "");
  }
}
