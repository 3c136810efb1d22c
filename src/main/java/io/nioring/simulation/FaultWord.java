package io.nioring.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of a {@link FaultText} with its arguments, which are numbered from 1 and may bear their
 * names: {@code latency 20ms}, {@code latency latency=20ms jitter=5ms}. Not safe for use by many
 * threads.
 */
final class FaultWord {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)?");
  private static final Pattern SIZE = Pattern.compile("(\\d+)(B|KB|KiB|MB|MiB)?");
  private static final Pattern RATE = Pattern.compile(SIZE + "(?:/s)?");
  private static final double PER_CENT = 100;

  private final List<String> parts;

  /** The last of the arguments that were asked for. */
  private int read;

  private FaultWord(List<String> parts) {
    this.parts = parts;
  }

  static FaultWord parse(String text) {
    return new FaultWord(List.of(text.strip().split("\\s+", -1)));
  }

  /** Throws if there are arguments that nobody has asked for. */
  void ensureAllRead() {
    if (parts.size() > read + 1) {
      throw new IllegalArgumentException(
          "\"" + parts.get(read + 1) + "\" is too much in \"" + String.join(" ", parts) + "\"");
    }
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
      throw new IllegalArgumentException(
          name() + (index == 1 ? " needs an argument" : " needs " + index + " arguments"));
    }
    read = Math.max(read, index);
    return parts.get(index);
  }

  /** An argument, with or without its name. */
  String argument(int index, String name) {
    String text = argument(index);
    return text.startsWith(name + "=") ? text.substring(name.length() + 1) : text;
  }

  /** A number from 0 to 1, or a percentage. */
  double probability(int index) {
    String text = argument(index);
    try {
      return text.endsWith("%")
          ? Double.parseDouble(text.substring(0, text.length() - 1)) / PER_CENT
          : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          text + " is not a probability, expected for example 0.1 or 10%", e);
    }
  }

  int count(int index) {
    return count(argument(index));
  }

  int count(int index, String name) {
    return count(argument(index, name));
  }

  long bytes(int index) {
    return bytes(argument(index));
  }

  long bytes(int index, String name) {
    return bytes(argument(index, name));
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

  private static int count(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not a whole number", e);
    }
  }

  private static long bytes(String text) {
    return size(text, SIZE, "B", "is not a number of bytes, expected for example 4096 or 4KiB");
  }

  /** Without a unit it is milliseconds, as with Toxiproxy. */
  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          text + " is not a time, expected for example 20ms; the units are ns, us, ms, s, m and h");
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
    return Duration.ofNanos(Math.round(Double.parseDouble(matcher.group(1)) * nanos));
  }

  /** Without a unit it is KB per second, as with Toxiproxy. */
  private static Bandwidth rate(String text) {
    return Bandwidth.bytesPerSecond(
        size(text, RATE, "KB", "is not a rate, expected for example 256KiB/s"));
  }

  private static long size(String text, Pattern pattern, String unitIfNone, String reproach) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          text + " " + reproach + "; the units are B, KB, KiB, MB and MiB");
    }
    String unit = matcher.group(2) == null ? unitIfNone : matcher.group(2);
    long factor =
        switch (unit) {
          case "KB" -> 1000;
          case "KiB" -> 1024;
          case "MB" -> 1_000_000;
          case "MiB" -> 1024 * 1024;
          default -> 1;
        };
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(text + " is too much", e);
    }
  }
}
