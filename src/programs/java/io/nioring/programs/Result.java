package io.nioring.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What a program did on each kind of sockets, round by round. */
final class Result {
  private final Programs program;
  private final int warmUps;
  private final Map<Wire, List<Slice>> slices = new EnumMap<>(Wire.class);

  Result(Programs program, int warmUps) {
    this.program = program;
    this.warmUps = warmUps;
  }

  void add(Wire wire, Slice slice) {
    slices.computeIfAbsent(wire, unused -> new ArrayList<>()).add(slice);
  }

  Programs program() {
    return program;
  }

  Set<Wire> wires() {
    return slices.keySet();
  }

  /** The median of a figure over the rounds. */
  double median(Wire wire, ToDoubleFunction<Slice> figure) {
    return Spread.of(slices.get(wire).stream().mapToDouble(figure)).median();
  }

  /** A figure in relation to the platform's of the same round. */
  Spread ratio(Wire wire, ToDoubleFunction<Slice> figure) {
    List<Slice> platform = slices.get(Wire.PLATFORM);
    List<Slice> others = slices.get(wire);
    double[] ratios = new double[others.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(others.get(i)) / figure.applyAsDouble(platform.get(i));
    }
    return Spread.of(Arrays.stream(ratios));
  }

  /** A line for each kind of sockets. */
  String describe() {
    StringBuilder text = new StringBuilder();
    for (Wire wire : wires()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-16s %-8s %,10.0f a second, %7.1f us of processors each, compiler %2.0f %%, "
                  + "median %,d us, p99 %,d us, %d warm-ups%n",
              program.text(),
              wire.text(),
              median(wire, Slice::rate),
              median(wire, Slice::processorMicros),
              100 * median(wire, Slice::compilerShare),
              Math.round(median(wire, Slice::medianNanos) / 1e3),
              Math.round(median(wire, Slice::p99Nanos) / 1e3),
              warmUps));
    }
    return text.toString();
  }

  String toJson() {
    List<String> contestants = new ArrayList<>();
    slices.forEach(
        (wire, rounds) ->
            contestants.add(
                String.format(
                    "\"%s\": [%s]",
                    wire.text(), String.join(", ", rounds.stream().map(Result::json).toList()))));
    return String.format(
        "{\"program\": \"%s\", \"warmUps\": %d, %s}",
        program.text(), warmUps, String.join(", ", contestants));
  }

  private static String json(Slice slice) {
    return String.format(
        Locale.ROOT,
        "{\"operations\": %d, \"seconds\": %.6f, \"processorSeconds\": %.3f, "
            + "\"compilerSeconds\": %.3f, \"medianNanos\": %d, \"p99Nanos\": %d}",
        slice.operations(),
        slice.seconds(),
        slice.processorSeconds(),
        slice.compilerSeconds(),
        slice.medianNanos(),
        slice.p99Nanos());
  }
}
