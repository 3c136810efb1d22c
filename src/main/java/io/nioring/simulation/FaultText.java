package io.nioring.simulation;

import io.nioring.route.Routes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Faults as text, for the command line and for properties.
 *
 * <pre>{@code
 * faults = fault { ";" fault }
 * fault  = addresses ": " word { "," word }        addresses as in routes: tcp:10.0.0.7:5432,
 *                                                 udp:*:53
 * }</pre>
 *
 * The words are those of {@link FaultBuilder}, and those of Toxiproxy as synonyms.
 */
final class FaultText {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)?");
  private static final Pattern RATE = Pattern.compile("(\\d+)(B|KB|KiB|MB|MiB)?(?:/s)?");

  private final World world;

  FaultText(World world) {
    this.world = world;
  }

  /**
   * Reads faults.
   *
   * @throws IllegalArgumentException if one is malformed; the message quotes it
   */
  List<FaultBuilder> parse(String text) {
    List<FaultBuilder> all = new ArrayList<>();
    for (String fault : text.split(";", -1)) {
      if (!fault.isBlank()) {
        all.add(parseOne(fault.strip()));
      }
    }
    return all;
  }

  private FaultBuilder parseOne(String fault) {
    int words = fault.lastIndexOf(": ");
    if (words < 0) {
      throw new IllegalArgumentException(
          "\"" + fault + "\" is not a fault, expected \"ADDRESSES: WORDS\"");
    }
    try {
      Routes routes = Routes.parse(fault.substring(0, words) + "=ring");
      FaultBuilder builder = new FaultBuilder(world).text(fault).routes(routes);
      for (String word : fault.substring(words + 2).split(",", -1)) {
        builder = apply(word.strip().split("\\s+", -1), builder);
      }
      builder.check(); // before any of them is installed
      return builder;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException("\"" + fault + "\" is not a fault: " + e.getMessage(), e);
    }
  }

  private static FaultBuilder apply(String[] word, FaultBuilder builder) {
    return switch (word[0].toLowerCase(Locale.ROOT).replace("_", "")) {
      case "latency" -> latency(word, builder);
      case "bandwidth" -> builder.bandwidth(rate(argument(word, 1, "rate")));
      case "loss" -> builder.loss(number(argument(word, 1, "")));
      case "duplication", "duplicate" -> builder.duplication(number(argument(word, 1, "")));
      case "reordering", "reorder" -> {
        double probability = number(argument(word, 1, ""));
        yield builder.reordering(probability, duration(argument(word, 2, "delay")));
      }
      case "slowclose", "closedelay" -> builder.closeDelay(duration(argument(word, 1, "delay")));
      case "slicer", "slicereads" -> slices(word, builder);
      case "slicewrites" ->
          builder.sliceWrites(
              (int) number(argument(word, 1, "")),
              word.length > 2 ? (int) number(argument(word, 2, "")) : 0);
      case "limitdata", "closeafterbytes" ->
          builder.closeAfterBytes((long) number(argument(word, 1, "bytes")));
      case "resetafterbytes" -> builder.resetAfterBytes((long) number(argument(word, 1, "")));
      case "resetpeer", "resetafter" ->
          builder.resetAfter(
              word.length > 1 ? duration(argument(word, 1, "timeout")) : Duration.ZERO);
      case "closeafter" -> builder.closeAfter(duration(argument(word, 1, "")));
      case "timeout" -> timeout(word, builder);
      case "halfopen" -> builder.halfOpen();
      case "down", "refuse" -> builder.refuse();
      case "blackhole" -> builder.blackHole();
      case "unreachable" -> builder.unreachable();
      case "connectdelay" -> builder.connectDelay(duration(argument(word, 1, "")));
      case "acceptdelay" -> builder.acceptDelay(duration(argument(word, 1, "")));
      case "acceptfails" -> builder.acceptFails((int) number(argument(word, 1, "")));
      case "spuriousreadiness" -> builder.spuriousReadiness(number(argument(word, 1, "")));
      case "toxicity", "probability" -> builder.probability(number(argument(word, 1, "")));
      case "connection" -> builder.connection((int) number(argument(word, 1, "")));
      case "first" -> builder.first((int) number(argument(word, 1, "")));
      case "afterbytes" -> builder.afterBytes((long) number(argument(word, 1, "")));
      case "aftertime" -> builder.afterTime(duration(argument(word, 1, "")));
      case "upstream" -> builder.upstream();
      case "downstream" -> builder.downstream();
      default -> throw new IllegalArgumentException("unknown word " + word[0]);
    };
  }

  /** Data stops; with a time the connection is closed then. */
  private static FaultBuilder timeout(String[] word, FaultBuilder builder) {
    Duration after = word.length > 1 ? duration(argument(word, 1, "timeout")) : Duration.ZERO;
    FaultBuilder silent = builder.halfOpen();
    return after.isZero() ? silent : silent.closeAfter(after);
  }

  /** Toxiproxy's third argument delays slices, which would go unnoticed if it were dropped. */
  private static FaultBuilder slices(String[] word, FaultBuilder builder) {
    if (word.length > 3) {
      throw new IllegalArgumentException(word[0] + " has no delay here: use latency or bandwidth");
    }
    return builder.sliceReads(
        (int) number(argument(word, 1, "average_size")),
        word.length > 2 ? (int) number(argument(word, 2, "size_variation")) : 0);
  }

  private static FaultBuilder latency(String[] word, FaultBuilder builder) {
    String[] parts = argument(word, 1, "latency").split("\\+-|±", -1);
    Duration mean = duration(parts[0]);
    Duration jitter = Duration.ZERO;
    if (parts.length > 1) {
      jitter = duration(parts[1]);
    } else if (word.length > 2) {
      jitter = duration(argument(word, word.length - 1, "jitter"));
    }
    Duration least = mean.minus(jitter);
    return builder.latency(
        jitter.isZero()
            ? Latency.constant(mean)
            : Latency.uniform(least.isNegative() ? Duration.ZERO : least, mean.plus(jitter)));
  }

  /** An argument, with or without its name: "20ms" or "latency=20ms". */
  private static String argument(String[] word, int index, String name) {
    if (word.length <= index) {
      throw new IllegalArgumentException(word[0] + " needs an argument");
    }
    String text = word[index];
    return text.startsWith(name + "=") ? text.substring(name.length() + 1) : text;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is not a number", e);
    }
  }

  /** Without a unit it is milliseconds, as with Toxiproxy. */
  private static Duration duration(String text) {
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

  /** Without a unit it is KB in a second, as with Toxiproxy. */
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
