package io.nioring.programs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How long fresh virtual machines take to the first bytes of {@link FirstEchoes} and to all of
 * them, one of each kind of sockets after the other.
 */
final class FirstMoments {
  private static final int MACHINES = 20;
  private static final List<Wire> WIRES = List.of(Wire.PLATFORM, Wire.RING, Wire.HYBRID);

  /**
   * Times since just before a machine was started.
   *
   * @param firstMillis until the first bytes were back
   * @param lastMillis until the last ones were
   */
  private record Moments(double firstMillis, double lastMillis) {}

  private final Map<Wire, List<Moments>> all = new EnumMap<>(Wire.class);

  private FirstMoments() {}

  /** Starts the machines; returns a table in Markdown. */
  static String measure() throws IOException, InterruptedException {
    FirstMoments moments = new FirstMoments();
    for (int i = 0; i < MACHINES; i++) {
      for (Wire wire : WIRES) {
        moments.all.computeIfAbsent(wire, key -> new ArrayList<>()).add(start(wire));
      }
    }
    return moments.table();
  }

  private static Moments start(Wire wire) throws IOException, InterruptedException {
    long start = System.currentTimeMillis();
    for (String line : Contestant.linesOf(wire, FirstEchoes.class)) {
      if (line.startsWith(FirstEchoes.ANSWER)) {
        String[] times = line.substring(FirstEchoes.ANSWER.length()).split(" ", -1);
        return new Moments(Long.parseLong(times[0]) - start, Long.parseLong(times[1]) - start);
      }
    }
    throw new IOException("no times of a machine with the sockets " + wire.text());
  }

  private String table() {
    StringBuilder text =
        new StringBuilder(
            """
            | from the start of the JVM, ms | platform | `ring` | `hybrid` |
            |---|---|---|---|
            """);
    row(text, "first 64 B there and back", Moments::firstMillis);
    row(text, "1,000 times", Moments::lastMillis);
    return text.toString();
  }

  private void row(StringBuilder text, String name, ToDoubleFunction<Moments> figure) {
    text.append("| ").append(name);
    for (Wire wire : WIRES) {
      Spread spread = Spread.of(all.get(wire).stream().mapToDouble(figure));
      text.append(
          String.format(
              Locale.ROOT,
              " | %.0f (%.0f–%.0f)",
              spread.median(),
              spread.lowest(),
              spread.highest()));
    }
    text.append(" |\n");
  }
}
