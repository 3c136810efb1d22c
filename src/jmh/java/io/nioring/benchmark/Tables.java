package io.nioring.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prints results as Markdown: a table for each set of transports that were measured together, with
 * a line for each workload. A figure is the median, with the lowest and the highest in brackets.
 */
final class Tables {
  private Tables() {}

  /** Prints what the folder of results holds. */
  static void print(Path folder, PrintStream out) throws IOException {
    Map<String, List<Measurement>> rows = Comparison.rows(Measurement.readAll(folder));
    Map<List<String>, List<List<Measurement>>> tables = new LinkedHashMap<>();
    for (List<Measurement> row : rows.values()) {
      List<String> transports = row.stream().map(Measurement::transport).toList();
      tables.computeIfAbsent(transports, key -> new ArrayList<>()).add(row);
    }
    tables.forEach((transports, table) -> print(transports, table, out));
  }

  private static void print(
      List<String> transports, List<List<Measurement>> table, PrintStream out) {
    List<String> headings = new ArrayList<>(List.of("workload", "unit"));
    headings.addAll(transports);
    Comparison.within(table.get(0)).forEach(each -> headings.add(each.sides()));
    headings.add("B/op");
    out.println();
    out.println(line(headings));
    out.println("|" + "---|".repeat(headings.size()));
    for (List<Measurement> row : table) {
      List<String> cells = new ArrayList<>(List.of(row.get(0).row(), row.get(0).unit()));
      row.forEach(each -> cells.add(cell(each.score())));
      Comparison.within(row).forEach(each -> cells.add("**" + cell(each.speedUp()) + "**"));
      cells.add(allocated(row));
      out.println(line(cells));
    }
  }

  private static String line(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String cell(Spread spread) {
    return figure(spread.median())
        + " ("
        + figure(spread.low())
        + "–"
        + figure(spread.high())
        + ")";
  }

  private static String allocated(List<Measurement> row) {
    return row.stream()
        .map(each -> Double.isNaN(each.allocatedBytes()) ? "" : figure(each.allocatedBytes()))
        .collect(Collectors.joining(", "));
  }

  private static String figure(double value) {
    String format = value < 10 ? "%.2f" : value < 1_000 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, value);
  }
}
