package io.nioring.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of a {@link FaultText} with its arguments, which are numbered from 1 and may bear their
 * names: {@code latency 20ms}, {@code latency latency=20ms jitter=5ms}.
 *
 * @param parts the word and its arguments
 */
record FaultWord(List<String> parts) {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)?");
  private static final Pattern RATE = Pattern.compile("(\\d+)(B|KB|KiB|MB|MiB)?(?:/s)?");

  static FaultWord parse(String text) {
    return new FaultWord(List.of(text.strip().split("\\s+", -1)));
  }

  /** The word as it was written. */
  String name() {
    return parts.get(0);
  }

  /** The word without differences of spelling. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  /** The number of parts. */
  int size() {
    return parts.size();
  }

  /** An argument without a name. */
  String argument(int index) {
    if (parts.size() <= index) {
      throw new IllegalArgumentException(name() + " needs an argument");
    }
    return parts.get(index);
  }

  /** An argument, with or without its name. */
  String argument(int index, String name) {
    String text = argument(index);
    return text.startsWith(name + "=") ? text.substring(name.length() + 1) : text;
  }

  double number(int index) {
    return number(argument(index));
  }

  int count(int index) {
    return (int) number(argument(index));
  }

  int count(int index, String name) {
    return (int) number(argument(index, name));
  }

  long bytes(int index) {
    return (long) number(argument(index));
  }

  long bytes(int index, String name) {
    return (long) number(argument(index, name));
  }

  Duration duration(int index) {
    return duration(argument(index));
  }

  Duration duration(int index, String name) {
    return duration(argument(index, name));
  }

  Bandwidth rate(int index, String name) {
    return rate(argument(index, name));
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not a number", e);
    }
  }

  /** Without a unit it is milliseconds, as with Toxiproxy. */
  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text + " is not a time, expected for example 20ms");
    }
    String unit = matcher.group(2) == null ? "ms" : matcher.group(2);
    double nanos =
        switch (unit) {
          case "ns" -> 1;
          case "us" -> 1e3;
          case "s" -> 1e9;
          case "m" -> 60e9;
          case "h" -> 3600e9;
          default -> 1e6;
        };
    return Duration.ofNanos((long) (Double.parseDouble(matcher.group(1)) * nanos));
  }

  /** Without a unit it is KB per second, as with Toxiproxy. */
  private static Bandwidth rate(String text) {
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text + " is not a rate, expected for example 256KiB/s");
    }
    String unit = matcher.group(2) == null ? "KB" : matcher.group(2);
    long factor =
        switch (unit) {
          case "B" -> 1;
          case "KiB" -> 1024;
          case "MB" -> 1_000_000;
          case "MiB" -> 1024 * 1024;
          default -> 1000;
        };
    return Bandwidth.bytesPerSecond(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
  }
}
