package io.nioring.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One side of a benchmark compared with another.
 *
 * @param ours what is judged
 * @param theirs what it is measured against
 */
record Comparison(Measurement ours, Measurement theirs) {
  /** Which transport is compared with which: each first one with the second. */
  private static final List<List<String>> PAIRS =
      List.of(
          List.of("ring-inet", "tcp"),
          List.of("ring-inet", "uds"),
          List.of("ring-unix", "uds"),
          List.of("ring-inet", "local"),
          List.of("connects", "platform"),
          List.of("accepts", "platform"));

  /** The measurements by row, in the order in which they are given. */
  static Map<String, List<Measurement>> rows(List<Measurement> measurements) {
    Map<String, List<Measurement>> rows = new LinkedHashMap<>();
    for (Measurement each : measurements) {
      rows.computeIfAbsent(each.row(), row -> new ArrayList<>()).add(each);
    }
    return rows;
  }

  /** All comparisons that can be made within one row. */
  static List<Comparison> within(List<Measurement> row) {
    List<Comparison> comparisons = new ArrayList<>();
    for (List<String> pair : PAIRS) {
      for (Measurement ours : row) {
        for (Measurement theirs : row) {
          if (pair.equals(List.of(ours.transport(), theirs.transport()))) {
            comparisons.add(new Comparison(ours, theirs));
          }
        }
      }
    }
    return comparisons;
  }

  Spread speedUp() {
    return ours.speedUpOver(theirs);
  }

  /** Prints what the folder of results holds: the scores, then the ratios. */
  static void print(Path folder, PrintStream out) throws IOException {
    Map<String, List<Measurement>> rows = rows(Measurement.readAll(folder));
    out.printf("%n%-62s %-10s %14s  %-26s %s%n", "", "", "median", "(lowest … highest)", "heap");
    rows.values().forEach(row -> row.forEach(each -> out.println(describe(each))));
    out.printf("%n%-62s %-23s %s%n", "", "times as fast", "median (lowest … highest)");
    for (List<Measurement> row : rows.values()) {
      within(row).forEach(each -> out.println(each.describe()));
    }
  }

  private static String describe(Measurement measurement) {
    Spread score = measurement.score();
    String line =
        String.format(
            Locale.ROOT,
            "%-62s %-10s %14s  %-26s",
            measurement.row(),
            measurement.transport(),
            figure(score.median()) + " " + measurement.unit(),
            "(" + figure(score.low()) + " … " + figure(score.high()) + ")");
    return Double.isNaN(measurement.allocatedBytes())
        ? line
        : line + String.format(Locale.ROOT, " %.1f B/op", measurement.allocatedBytes());
  }

  private String describe() {
    Spread speedUp = speedUp();
    return String.format(
        Locale.ROOT,
        "%-62s %-23s %8.2f  (%.2f … %.2f)",
        ours.row(),
        ours.transport() + " / " + theirs.transport(),
        speedUp.median(),
        speedUp.low(),
        speedUp.high());
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 1_000 ? "%.1f" : "%,.0f", value);
  }
}
