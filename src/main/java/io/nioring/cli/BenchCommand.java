package io.nioring.cli;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares rings with the kernel on this machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures rings beside the kernel's TCP on loopback, on this machine.",
    footer = {
      "%nThe channels are blocking, TCP on loopback, and there is no selector; who uses one finds"
          + " other figures in docs/benchmarks.md. Each workload is warmed up, then measured on"
          + " both in turn, round after round. A figure is the median of the rounds with the lowest"
          + " and the highest; a ratio is that of the medians.",
      "--json: workload, unit, ring, ringMin, ringMax, kernel, kernelMin, kernelMax, ratio."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int BAR_WIDTH = 40;
  private static final int FEWEST_ROUNDS = 3;
  private static final int FEWEST_MILLIS = 200;

  @Spec private CommandSpec spec;
  @Mixin private Output output;

  @Option(
      names = "--rounds",
      paramLabel = "COUNT",
      converter = Units.CountConverter.class,
      description = "How many rounds; 5 by default.")
  private int rounds = 5;

  @Option(
      names = "--millis",
      paramLabel = "MILLIS",
      converter = Units.CountConverter.class,
      description = "How long a measurement takes; 500 by default.")
  private int millis = 500;

  @Option(names = "--svg", paramLabel = "FILE", description = "Draws the ratios.")
  private Path svg;

  /**
   * The results of a workload, in operations a second.
   *
   * @param workload its name
   * @param unit the unit of the operations
   */
  private record Result(String workload, String unit, List<Double> ring, List<Double> kernel) {
    static double median(List<Double> sorted) {
      int middle = sorted.size() / 2;
      return sorted.size() % 2 == 1
          ? sorted.get(middle)
          : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double ratio() {
      return median(ring) / median(kernel);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    tellConditions();
    List<Result> results = new ArrayList<>();
    SelectorProvider kernel = SelectorProvider.provider();
    try (RingNetwork network = RingNetwork.open()) {
      for (BenchWorkload each : BenchWorkload.values()) {
        Result result = measure(each, network.provider(), kernel);
        results.add(result);
        output.print(asMap(result), line(result));
      }
    }
    if (!output.isJson()) {
      output.print(plot(results));
    }
    if (svg != null) {
      Files.writeString(svg, draw(results));
    }
    return 0;
  }

  /** Prints what is measured where, and warns of what makes the figures worth little. */
  private void tellConditions() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    int processors = system.getAvailableProcessors();
    double load = system.getSystemLoadAverage();
    if (!output.isJson()) {
      output.print(
          "blocking channels without a selector, TCP on loopback; "
              + Units.counted(processors, "processor")
              + (load < 0 ? "" : String.format(Locale.ROOT, ", load %.1f", load)));
    }
    if (rounds < FEWEST_ROUNDS || millis < FEWEST_MILLIS) {
      warn(
          Units.counted(rounds, "round")
              + " of "
              + millis
              + " ms: too little for figures to rely on");
    }
    if (load > processors / 2.0) {
      warn("others use the processors too: the figures are lower than on an idle machine");
    }
  }

  private void warn(String text) {
    spec.commandLine().getErr().println("nioring: " + text);
  }

  private Result measure(BenchWorkload workload, SelectorProvider ring, SelectorProvider kernel)
      throws IOException, InterruptedException {
    List<Double> onRing = new ArrayList<>();
    List<Double> inKernel = new ArrayList<>();
    workload.perSecond(ring, 2L * millis);
    workload.perSecond(kernel, 2L * millis);
    for (int i = 0; i < rounds; i++) {
      onRing.add(workload.perSecond(ring, millis));
      inKernel.add(workload.perSecond(kernel, millis));
    }
    onRing.sort(null);
    inKernel.sort(null);
    return new Result(workload.title(), workload.unit(), onRing, inKernel);
  }

  private static String line(Result result) {
    return String.format(
        Locale.ROOT,
        "%-36s ring %s  kernel %s  %s  %s times",
        result.workload,
        spread(result.ring),
        spread(result.kernel),
        result.unit,
        times(result.ratio()));
  }

  /** A ratio with as many digits that one below one is not nothing. */
  private static String times(double ratio) {
    return String.format(Locale.ROOT, ratio < 1 ? "%.3f" : "%.1f", ratio);
  }

  private static String spread(List<Double> sorted) {
    return String.format(
        Locale.ROOT,
        "%,.0f (%,.0f–%,.0f)",
        Result.median(sorted),
        sorted.get(0),
        sorted.get(sorted.size() - 1));
  }

  private static Map<String, Object> asMap(Result result) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("workload", result.workload);
    row.put("unit", result.unit);
    put(row, "ring", result.ring);
    put(row, "kernel", result.kernel);
    row.put("ratio", result.ratio());
    return row;
  }

  private static void put(Map<String, Object> row, String name, List<Double> sorted) {
    row.put(name, Result.median(sorted));
    row.put(name + "Min", sorted.get(0));
    row.put(name + "Max", sorted.get(sorted.size() - 1));
  }

  /** The length of a bar on a logarithmic scale: that of 100 is twice that of 10. */
  private static int barLength(double ratio, int width) {
    return (int) Math.round(Math.max(0, Math.min(1, Math.log10(Math.max(1, ratio)) / 3)) * width);
  }

  private static String plot(List<Result> results) {
    StringBuilder text = new StringBuilder("\ntimes as fast as the kernel (1 to 1,000)");
    for (Result each : results) {
      int length = barLength(each.ratio(), BAR_WIDTH);
      text.append(
          String.format(
              Locale.ROOT,
              "%n%-36s %s %s",
              each.workload,
              "#".repeat(length),
              times(each.ratio())));
    }
    return text.toString();
  }

  private static String draw(List<Result> results) {
    int height = 40 + 24 * results.size();
    StringBuilder text = new StringBuilder();
    text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"");
    text.append(height).append("\" font-family=\"sans-serif\" font-size=\"13\">\n");
    text.append("<text x=\"10\" y=\"20\">times as fast as kernel sockets (log scale)</text>\n");
    for (int i = 0; i < results.size(); i++) {
      Result each = results.get(i);
      int y = 52 + 24 * i;
      int length = Math.max(1, barLength(each.ratio(), 420));
      text.append(
          String.format(
              Locale.ROOT,
              "<text x=\"10\" y=\"%d\">%s</text><rect x=\"270\" y=\"%d\" width=\"%d\" height=\"16\""
                  + " fill=\"#3b7dd8\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
              y,
              each.workload,
              y - 13,
              length,
              278 + length,
              y,
              times(each.ratio())));
    }
    return text.append("</svg>\n").toString();
  }
}
