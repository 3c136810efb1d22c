package io.nioring.observe;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.SettingControl;

/**
 * The setting {@code throttle}, with the values that JDK 25 has for its own events: {@code 100/s},
 * {@code 10/m}, {@code off}. The JDK's own binds no event of others.
 */
final class ThrottleControl extends SettingControl {
  private static final String OFF = "off";
  private static final String DEFAULT = "100/s";
  private static final Pattern RATE = Pattern.compile("(\\d{1,9})/(ns|us|ms|s|m|h|d)");

  private volatile String value = DEFAULT;
  private volatile RateLimit limit = limit(DEFAULT);

  /** Whether one more is within the limit now. */
  boolean admits() {
    RateLimit present = limit;
    return present == null || present.admits();
  }

  /** The value that admits most; those that cannot be read are left out. */
  @Override
  public String combine(Set<String> values) {
    return values.stream()
        .filter(each -> each.equals(OFF) || RATE.matcher(each).matches())
        .max(Comparator.comparingDouble(ThrottleControl::perNano))
        .orElse(DEFAULT);
  }

  @Override
  public void setValue(String changed) {
    if (!changed.equals(value) && (changed.equals(OFF) || RATE.matcher(changed).matches())) {
      value = changed;
      limit = limit(changed);
    }
  }

  @Override
  public String getValue() {
    return value;
  }

  private static double perNano(String value) {
    return value.equals(OFF) ? Double.POSITIVE_INFINITY : (double) count(value) / period(value);
  }

  /** Null if there is none. */
  private static RateLimit limit(String value) {
    return value.equals(OFF) ? null : new RateLimit(count(value), period(value));
  }

  private static long count(String rate) {
    return Long.parseLong(matched(rate).group(1));
  }

  private static long period(String rate) {
    return switch (matched(rate).group(2)) {
      case "ns" -> 1;
      case "us" -> TimeUnit.MICROSECONDS.toNanos(1);
      case "ms" -> TimeUnit.MILLISECONDS.toNanos(1);
      case "s" -> TimeUnit.SECONDS.toNanos(1);
      case "m" -> TimeUnit.MINUTES.toNanos(1);
      case "h" -> TimeUnit.HOURS.toNanos(1);
      default -> TimeUnit.DAYS.toNanos(1);
    };
  }

  private static Matcher matched(String rate) {
    Matcher matcher = RATE.matcher(rate);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(rate);
    }
    return matcher;
  }
}
