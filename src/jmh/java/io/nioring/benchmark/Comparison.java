package io.nioring.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
          List.of("ring-inet", "udp"),
          List.of("ring-inet", "uds"),
          List.of("ring-unix", "uds"),
          List.of("ring-inet", "local"),
          List.of("hybrid-inet", "tcp"),
          List.of("hybrid-unix", "uds"),
          List.of("kernel-inet", "tcp"),
          List.of("simulated-inet", "ring-inet"),
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

  /** The two sides, as a heading. */
  String sides() {
    return ours.transport() + " / " + theirs.transport();
  }
}
