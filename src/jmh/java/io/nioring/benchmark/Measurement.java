package io.nioring.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one benchmark gave with one transport, as a file of JMH results tells it.
 *
 * @param row what was measured: the workload, the method, and the parameters but for the transport
 * @param transport on what it was measured
 * @param unit of the scores
 * @param rounds the scores, by round and iteration
 * @param allocatedBytes heap bytes an operation; NaN if they were not measured
 * @param javaVersion of the virtual machine that ran it
 */
record Measurement(
    String row,
    String transport,
    String unit,
    List<double[]> rounds,
    double allocatedBytes,
    String javaVersion) {

  /** The parameters by which the benchmarks tell the two sides of a comparison apart. */
  private static final List<String> TRANSPORT_PARAMETERS = List.of("transport", "hybrid");

  /** Reads all the files of results in a folder, in the order of their names. */
  static List<Measurement> readAll(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    List<Measurement> measurements = new ArrayList<>();
    for (Path file : files) {
      measurements.addAll(read(file));
    }
    return measurements;
  }

  /** Reads one file of results. */
  static List<Measurement> read(Path file) throws IOException {
    String workload = file.getFileName().toString().replace(".json", "");
    return Json.parse(Files.readString(file)).elements().stream()
        .map(result -> of(workload, result))
        .toList();
  }

  private static Measurement of(String workload, Json result) {
    Map<String, String> parameters = new TreeMap<>();
    result.get("params").fields().forEach((name, value) -> parameters.put(name, value.string()));
    String transport = "";
    for (String name : TRANSPORT_PARAMETERS) {
      String value = parameters.remove(name);
      transport = value == null ? transport : value;
    }
    String benchmark = result.get("benchmark").string();
    StringBuilder row = new StringBuilder(workload);
    row.append(' ').append(benchmark.substring(benchmark.lastIndexOf('.') + 1));
    parameters.forEach((name, value) -> row.append(' ').append(name).append('=').append(value));

    Json primary = result.get("primaryMetric");
    Json allocated = result.get("secondaryMetrics").get("gc.alloc.rate.norm");
    return new Measurement(
        row.toString(),
        transport,
        primary.get("scoreUnit").string(),
        primary.get("rawData").elements().stream().map(Json::numbers).toList(),
        allocated.equals(Json.NULL) ? Double.NaN : allocated.get("score").number(),
        result.get("jdkVersion").string());
  }

  boolean higherIsBetter() {
    return unit.startsWith("ops/");
  }

  Spread score() {
    return Spread.of(rounds.stream().flatMapToDouble(Arrays::stream).toArray());
  }

  /**
   * How many times as fast this is as another one. Each round is divided by the other's same round,
   * iteration by iteration.
   */
  Spread speedUpOver(Measurement other) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < Math.min(rounds.size(), other.rounds.size()); round++) {
      double[] own = rounds.get(round);
      double[] others = other.rounds.get(round);
      for (int i = 0; i < Math.min(own.length, others.length); i++) {
        ratios.add(higherIsBetter() ? own[i] / others[i] : others[i] / own[i]);
      }
    }
    return Spread.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
