package io.nioring.simulation;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;

/**
 * How long bytes are on their way in one direction: a constant, or a distribution from which each
 * segment of a stream draws. Immutable, safe for use by many threads.
 *
 * <p>What is drawn is a function of the simulation's seed, the connection and the segment's place
 * in the stream: the same bytes take the same time whenever they are written and however the writes
 * are cut. No draw is negative. Later bytes never overtake earlier ones.
 */
public final class Latency {
  private enum Kind {
    CONSTANT,
    UNIFORM,
    NORMAL,
    EXPONENTIAL,
    PARETO
  }

  private static final int NANO_DIGITS_OF_MILLIS = 6;
  private static final long LONGEST = Duration.ofDays(365).toNanos();
  private static final Latency NONE = new Latency(Kind.CONSTANT, 0, 0);

  private final Kind kind;
  private final double a;
  private final double b;

  private Latency(Kind kind, double a, double b) {
    this.kind = kind;
    this.a = a;
    this.b = b;
  }

  /** {@return no latency: bytes arrive when they are written} */
  public static Latency none() {
    return NONE;
  }

  /**
   * The same for all bytes.
   *
   * @param delay the latency, from 0 to 365 days
   * @return the latency
   * @throws IllegalArgumentException if it is out of bounds
   */
  public static Latency constant(Duration delay) {
    return new Latency(Kind.CONSTANT, nanos("delay", delay), 0);
  }

  /**
   * Any time between two, all equally likely.
   *
   * @param shortest the shortest, from 0 to 365 days
   * @param longest the longest, not below {@code shortest}
   * @return the distribution
   * @throws IllegalArgumentException if a bound is violated
   */
  public static Latency uniform(Duration shortest, Duration longest) {
    long from = nanos("shortest", shortest);
    long to = nanos("longest", longest);
    if (to < from) {
      throw new IllegalArgumentException("longest is " + longest + ", below " + shortest);
    }
    return new Latency(Kind.UNIFORM, from, to - from);
  }

  /**
   * A normal distribution, cut at 0.
   *
   * @param mean its mean, from 0 to 365 days
   * @param deviation its standard deviation, from 0 to 365 days
   * @return the distribution
   * @throws IllegalArgumentException if a bound is violated
   */
  public static Latency normal(Duration mean, Duration deviation) {
    return new Latency(Kind.NORMAL, nanos("mean", mean), nanos("deviation", deviation));
  }

  /**
   * An exponential distribution.
   *
   * @param mean its mean, from 0 to 365 days
   * @return the distribution
   * @throws IllegalArgumentException if a bound is violated
   */
  public static Latency exponential(Duration mean) {
    return new Latency(Kind.EXPONENTIAL, nanos("mean", mean), 0);
  }

  /**
   * A Pareto distribution: mostly short, now and then very long.
   *
   * @param shortest the shortest time, from 0 to 365 days
   * @param shape how soon long times become rare, above 0; around 2 is usual
   * @return the distribution
   * @throws IllegalArgumentException if a bound is violated
   */
  public static Latency pareto(Duration shortest, double shape) {
    if (!(shape > 0)) {
      throw new IllegalArgumentException("shape is " + shape + ", expected above 0");
    }
    return new Latency(Kind.PARETO, nanos("shortest", shortest), shape);
  }

  static long nanos(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative() || value.compareTo(Duration.ofNanos(LONGEST)) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 to 365 days");
    }
    return value.toNanos();
  }

  boolean isNone() {
    return kind == Kind.CONSTANT && a == 0;
  }

  boolean isRandom() {
    return kind != Kind.CONSTANT;
  }

  /**
   * The latency that random bits stand for, in nanoseconds. {@code StrictMath}: the same on every
   * machine.
   */
  long nanosOf(long bits) {
    double value =
        switch (kind) {
          case CONSTANT -> a;
          case UNIFORM -> a + Draws.unit(bits) * b;
          case NORMAL -> a + Draws.gaussian(bits) * b;
          case EXPONENTIAL -> -a * StrictMath.log(1 - Draws.unit(bits));
          case PARETO -> a / StrictMath.pow(1 - Draws.unit(bits), 1 / b);
        };
    return (long) Math.max(0, Math.min((double) LONGEST, value));
  }

  @Override
  public String toString() {
    return switch (kind) {
      case CONSTANT -> "constant " + text(a);
      case UNIFORM -> "uniform " + text(a) + " to " + text(a + b);
      case NORMAL -> "normal " + text(a) + " with deviation " + text(b);
      case EXPONENTIAL -> "exponential " + text(a);
      case PARETO -> "pareto " + text(a) + " with shape " + b;
    };
  }

  private static String text(double nanos) {
    return millis((long) nanos) + "ms";
  }

  /** A time in milliseconds with all its nanoseconds. */
  static String millis(long nanos) {
    return BigDecimal.valueOf(nanos, NANO_DIGITS_OF_MILLIS).stripTrailingZeros().toPlainString();
  }
}
