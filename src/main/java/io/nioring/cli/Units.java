package io.nioring.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses and formats times, counts and amounts of bytes. */
final class Units {
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

  private Units() {}

  /**
   * Parses a time, such as {@code 500ms}, {@code 2s}, {@code 5m}, {@code 1h}; seconds without a
   * unit.
   */
  static final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher matcher = TIME.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is not a time, expected as 500ms, 2s or 5m");
      }
      long number = Long.parseLong(matcher.group(1));
      String unit = matcher.group(2) == null ? "s" : matcher.group(2);
      Duration time =
          switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
          };
      if (time.isZero()) {
        throw new TypeConversionException("'" + text + "' is not a time, expected above 0");
      }
      return time;
    }
  }

  /** Parses a number. */
  static final class NumberConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return number(text);
    }
  }

  /** The number that a word is. */
  static long number(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + word + "' is not a number");
    }
  }

  /** Parses a count of at least one. */
  static final class CountConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.matches("\\d{1,9}") && Integer.parseInt(text) > 0) {
        return Integer.valueOf(text);
      }
      throw new TypeConversionException("'" + text + "' is not a count, expected 1 or more");
    }
  }

  /** Formats bytes in the largest binary unit that is not above them, with one decimal. */
  static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? String.format(Locale.ROOT, "%.0f B", value)
        : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  /** A number with a noun, in the plural unless it is one. */
  static String counted(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** Formats a number with groups of three digits. */
  static String count(double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }
}
