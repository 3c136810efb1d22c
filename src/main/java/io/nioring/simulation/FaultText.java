package io.nioring.simulation;

import io.nioring.route.Routes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Faults as text, for the command line and for properties.
 *
 * <pre>{@code
 * faults = fault { ";" fault }
 * fault  = addresses ": " word { "," word }        addresses as in routes: tcp:10.0.0.7:5432,
 *                                                 udp:*:53
 * }</pre>
 *
 * The words are those of {@link FaultBuilder}, and those of Toxiproxy as synonyms. The guide has
 * them with their arguments.
 */
final class FaultText {
  /** All words, in the order of the guide. */
  static final List<String> WORDS =
      List.of(
          "refuse",
          "blackHole",
          "unreachable",
          "acceptFails",
          "connectDelay",
          "acceptDelay",
          "closeDelay",
          "latency",
          "bandwidth",
          "loss",
          "duplication",
          "reordering",
          "sliceReads",
          "sliceWrites",
          "spuriousReadiness",
          "halfOpen",
          "resetAfterBytes",
          "resetAfter",
          "closeAfterBytes",
          "closeAfter",
          "connection",
          "first",
          "probability",
          "afterBytes",
          "afterTime",
          "upstream",
          "downstream",
          "down",
          "timeout",
          "reset_peer",
          "limit_data",
          "slicer",
          "slow_close",
          "toxicity");

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
    Objects.requireNonNull(text, "faults");
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
      FaultBuilder builder = servers(fault.substring(0, words)).text(fault);
      for (String text : fault.substring(words + 2).split(",", -1)) {
        FaultWord word = FaultWord.parse(text);
        builder = apply(word, builder);
        word.ensureAllRead();
      }
      builder.check(); // before any of them is installed
      return builder;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException("\"" + fault + "\" is not a fault: " + e.getMessage(), e);
    }
  }

  private FaultBuilder servers(String addresses) {
    FaultBuilder builder = new FaultBuilder(world).routes(routes(addresses));
    String scheme = addresses.substring(0, addresses.indexOf(':')).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "tcp" -> builder.streams();
      case "udp" -> builder.datagrams();
      default -> throw new IllegalArgumentException(scheme + " has no faults, tcp and udp have");
    };
  }

  private static Routes routes(String addresses) {
    try {
      return Routes.parse(addresses + "=ring");
    } catch (IllegalArgumentException e) { // which quotes a rule and a mode that nobody has written
      throw new IllegalArgumentException(e.getCause().getMessage(), e.getCause());
    }
  }

  private static FaultBuilder apply(FaultWord word, FaultBuilder builder) {
    return switch (word.key()) {
      case "latency" -> latency(word, builder);
      case "bandwidth" -> builder.bandwidth(word.rate(1, "rate"));
      case "loss" -> builder.loss(word.probability(1));
      case "duplication", "duplicate" -> builder.duplication(word.probability(1));
      case "reordering", "reorder" -> {
        double probability = word.probability(1);
        yield builder.reordering(probability, word.duration(2, "delay"));
      }
      case "slicer", "slicereads" -> slices(word, builder);
      case "slicewrites" -> builder.sliceWrites(word.count(1), word.size() > 2 ? word.count(2) : 0);
      case "timeout" -> timeout(word, builder);
      case "halfopen" -> builder.halfOpen();
      case "spuriousreadiness" -> builder.spuriousReadiness(word.probability(1));
      default -> applyToLife(word, builder);
    };
  }

  /** Words about how connections begin and end. */
  private static FaultBuilder applyToLife(FaultWord word, FaultBuilder builder) {
    return switch (word.key()) {
      case "down", "refuse" -> builder.refuse();
      case "blackhole" -> builder.blackHole();
      case "unreachable" -> builder.unreachable();
      case "connectdelay" -> builder.connectDelay(word.duration(1));
      case "acceptdelay" -> builder.acceptDelay(word.duration(1));
      case "acceptfails" -> builder.acceptFails(word.count(1));
      case "slowclose", "closedelay" -> builder.closeDelay(word.duration(1, "delay"));
      case "limitdata", "closeafterbytes" -> builder.closeAfterBytes(word.bytes(1, "bytes"));
      case "closeafter" -> builder.closeAfter(word.duration(1));
      case "resetafterbytes" -> builder.resetAfterBytes(word.bytes(1));
      case "resetpeer", "resetafter" ->
          builder.resetAfter(word.size() > 1 ? word.duration(1, "timeout") : Duration.ZERO);
      default -> restrict(word, builder);
    };
  }

  /** Words that say which connections have the fault, when, and in which direction. */
  private static FaultBuilder restrict(FaultWord word, FaultBuilder builder) {
    return switch (word.key()) {
      case "toxicity", "probability" -> builder.probability(word.probability(1));
      case "connection" -> builder.connection(word.count(1));
      case "first" -> builder.first(word.count(1));
      case "afterbytes" -> builder.afterBytes(word.bytes(1));
      case "aftertime" -> builder.afterTime(word.duration(1));
      case "upstream" -> builder.upstream();
      case "downstream" -> builder.downstream();
      default ->
          throw new IllegalArgumentException(
              "unknown word \"" + word.name() + "\", known are " + String.join(", ", WORDS));
    };
  }

  /** Data stops; with a time the connection is closed then. */
  private static FaultBuilder timeout(FaultWord word, FaultBuilder builder) {
    Duration after = word.size() > 1 ? word.duration(1, "timeout") : Duration.ZERO;
    FaultBuilder silent = builder.halfOpen();
    return after.isZero() ? silent : silent.closeAfter(after);
  }

  /** Toxiproxy's third argument delays slices, which would go unnoticed if it were dropped. */
  private static FaultBuilder slices(FaultWord word, FaultBuilder builder) {
    if (word.size() > 3) {
      throw new IllegalArgumentException(
          word.name() + " has no delay here: use latency or bandwidth");
    }
    return builder.sliceReads(
        word.count(1, "average_size"), word.size() > 2 ? word.count(2, "size_variation") : 0);
  }

  private static FaultBuilder latency(FaultWord word, FaultBuilder builder) {
    String[] parts = word.argument(1, "latency").split("\\+-|±", 2);
    Duration mean = FaultWord.duration(parts[0]);
    Duration jitter = Duration.ZERO;
    if (parts.length > 1) {
      jitter = FaultWord.duration(parts[1]);
    } else if (word.size() > 2) {
      jitter = word.duration(word.argument(2).equals("jitter") ? 3 : 2, "jitter");
    }
    Duration least = mean.minus(jitter);
    return builder.latency(
        jitter.isZero()
            ? Latency.constant(mean)
            : Latency.uniform(least.isNegative() ? Duration.ZERO : least, mean.plus(jitter)));
  }
}
