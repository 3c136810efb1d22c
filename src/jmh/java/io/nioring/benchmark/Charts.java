package io.nioring.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the results of {@link Benchmarks}: {@code Charts [<results> [<charts>]]}, by default from
 * {@code target/benchmarks} to {@code docs/benchmarks}, one SVG file a workload and {@code
 * speed-ups.svg} with all ratios.
 */
public final class Charts {
  private Charts() {}

  /**
   * Draws the charts.
   *
   * @param args the folder of results, and the folder that the charts are written to
   * @throws IOException if either cannot be used
   */
  public static void main(String[] args) throws IOException {
    Path results = Path.of(args.length > 0 ? args[0] : "target/benchmarks");
    Path charts = Files.createDirectories(Path.of(args.length > 1 ? args[1] : "docs/benchmarks"));
    List<Measurement> measurements = Measurement.readAll(results);

    Map<String, BarChart> byWorkload = new LinkedHashMap<>();
    BarChart speedUps =
        new BarChart("Times as fast as kernel sockets", "JDK " + measurements.get(0).javaVersion());
    Comparison.rows(measurements)
        .forEach(
            (row, measured) -> {
              int space = row.indexOf(' ');
              byWorkload
                  .computeIfAbsent(row.substring(0, space), name -> scoreChart(name, measured))
                  .addGroup(row.substring(space + 1), scoreBars(measured));
              List<BarChart.Bar> bars = speedUpBars(measured);
              if (!bars.isEmpty()) {
                speedUps.addGroup(row, bars);
              }
            });
    for (Map.Entry<String, BarChart> entry : byWorkload.entrySet()) {
      Files.writeString(charts.resolve(entry.getKey() + ".svg"), entry.getValue().toSvg());
    }
    Files.writeString(charts.resolve("speed-ups.svg"), speedUps.toSvg());
  }

  private static BarChart scoreChart(String workload, List<Measurement> measured) {
    Measurement first = measured.get(0);
    String better = first.higherIsBetter() ? "more is better" : "less is better";
    return new BarChart(
        workload.replace('-', ' '), first.unit() + ", " + better + ", JDK " + first.javaVersion());
  }

  private static List<BarChart.Bar> scoreBars(List<Measurement> measured) {
    return measured.stream()
        .map(each -> new BarChart.Bar(each.transport(), each.score(), isOurs(each)))
        .toList();
  }

  private static List<BarChart.Bar> speedUpBars(List<Measurement> measured) {
    return Comparison.within(measured).stream()
        .map(
            each ->
                new BarChart.Bar(
                    each.ours().transport() + " / " + each.theirs().transport(),
                    each.speedUp(),
                    true))
        .toList();
  }

  private static boolean isOurs(Measurement measurement) {
    return switch (measurement.transport()) {
      case "tcp", "udp", "uds", "local", "platform" -> false;
      default -> true;
    };
  }
}
