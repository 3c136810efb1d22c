package io.nioring.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks: {@code Benchmarks smoke|quick|full|report [workload …]}.
 *
 * <p>Each workload is run in rounds. A round measures every transport once, each in a virtual
 * machine of its own, one right after the other: a machine that becomes slower meanwhile then slows
 * both sides of a ratio. The property {@code benchmarks.rounds} asks for more rounds than the scale
 * has, where a small difference is to be told from noise.
 *
 * <p>The rounds of a workload become the forks of one JMH result, in {@code
 * target/benchmarks/<workload>.json} below the working directory or in the folder that the property
 * {@code benchmarks.results} names; those of {@code smoke}, which mean nothing, in {@code
 * target/benchmarks-smoke}. {@code report} prints the tables of what such a folder holds.
 */
public final class Benchmarks {
  private static final String USAGE = "usage: Benchmarks smoke|quick|full|report [workload …]";
  private static final String RESULTS = "target/benchmarks";

  /**
   * A heap whose pages are there from the start: benchmarks that allocate would otherwise measure
   * how long the kernel takes to hand out fresh ones.
   */
  private static final String[] HEAP = {
    "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=1g"
  };

  private static final String LARGE_HEAP = "-Xmx6g";
  private static final Path TASKSET = Path.of("/usr/bin/taskset");
  private static final int TIMEOUT_SECONDS = 60;
  private static final long PROGRAM_MINUTES = 5;

  private final Scale scale;
  private final Path results;

  private Benchmarks(Scale scale, Path results) {
    this.scale = scale;
    this.results = results;
  }

  /**
   * Runs the benchmarks, or reports on those that have run.
   *
   * @param args {@code smoke}, {@code quick}, {@code full} or {@code report}, then the names of the
   *     workloads if not all are wanted
   * @throws Exception if a benchmark fails
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      throw new IllegalArgumentException(USAGE);
    }
    List<String> names = Arrays.asList(args).subList(1, args.length);
    switch (args[0]) {
      case "smoke" -> new Benchmarks(Scale.SMOKE, results("target/benchmarks-smoke")).run(names);
      case "quick" -> runAndCompare(Scale.QUICK, names);
      case "full" -> runAndCompare(Scale.FULL, names);
      case "report" -> Tables.print(results(RESULTS), System.out);
      default -> throw new IllegalArgumentException(USAGE);
    }
  }

  private static Path results(String defaultFolder) {
    return Path.of(System.getProperty("benchmarks.results", defaultFolder));
  }

  private static void runAndCompare(Scale scale, List<String> names) throws Exception {
    Path results = results(RESULTS);
    new Benchmarks(scale, results).run(names);
    Tables.print(results, System.out);
  }

  private void run(List<String> names) throws Exception {
    Files.createDirectories(results);
    for (Workload workload : Workload.of(scale)) {
      if (names.isEmpty() || names.contains(workload.name())) {
        run(workload);
      }
    }
    for (Program program : Program.of(scale)) {
      if (names.isEmpty() || names.contains(program.name())) {
        run(program);
      }
    }
  }

  private void run(Workload workload) throws IOException, RunnerException {
    if (workload.setting() == Workload.Setting.ONE_CORE && !Files.isExecutable(TASKSET)) {
      System.out.printf("%-22s left out: no %s here%n", workload.name(), TASKSET);
      return;
    }
    long start = System.nanoTime();
    Map<String, BenchmarkParams> parameters = new LinkedHashMap<>();
    Map<String, Collection<BenchmarkResult>> rounds = new LinkedHashMap<>();
    List<Long> distances = new ArrayList<>();
    int count = Integer.getInteger("benchmarks.rounds", scale.rounds);
    for (int round = 0; round < count; round++) {
      distances.add(Math.round(CoreDistance.roundTripNanos()));
      for (RunResult result : runRound(workload)) {
        String id = result.getParams().id();
        parameters.putIfAbsent(id, result.getParams());
        rounds.computeIfAbsent(id, key -> new ArrayList<>()).addAll(result.getBenchmarkResults());
      }
    }
    List<RunResult> merged = new ArrayList<>();
    rounds.forEach((id, data) -> merged.add(new RunResult(parameters.get(id), data)));
    write(merged, results.resolve(workload.name() + ".json"));
    System.out.printf(
        Locale.ROOT,
        "%-22s %3d measured in %.0f s, cores apart: %s ns%n",
        workload.name(),
        merged.size(),
        (System.nanoTime() - start) / 1e9,
        distances);
  }

  private static void write(List<RunResult> merged, Path file) throws IOException {
    try (PrintStream json =
        new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, json).writeOut(merged);
    }
  }

  private Collection<RunResult> runRound(Workload workload) throws IOException, RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Benchmarks.class.getPackageName() + "." + workload.benchmarks() + "\\.")
            .forks(scale == Scale.SMOKE ? 0 : 1)
            .warmupIterations(scale.warmUpIterations)
            .warmupTime(TimeValue.milliseconds((long) scale.warmUpMillis * workload.warmUpFactor()))
            .measurementIterations(scale.measuredIterations)
            .measurementTime(TimeValue.milliseconds(scale.measuredMillis))
            .timeout(TimeValue.seconds(TIMEOUT_SECONDS))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    workload.parameters().forEach((name, values) -> options.param(name, array(values)));
    if (scale == Scale.SMOKE) {
      return new Runner(options.build()).run();
    }
    options.addProfiler(GCProfiler.class);
    return switch (workload.setting()) {
      case PLAIN -> new Runner(options.jvmArgsAppend(HEAP).build()).run();
      case LARGE_HEAP -> new Runner(options.jvmArgsAppend(LARGE_HEAP).build()).run();
      case ONE_CORE -> runOnOneCore(options);
    };
  }

  private static String[] array(List<String> values) {
    return values.toArray(String[]::new);
  }

  /** JMH starts a Java executable and nothing around it, so the executable is a script. */
  private static Collection<RunResult> runOnOneCore(ChainedOptionsBuilder options)
      throws IOException, RunnerException {
    Path script =
        Files.createTempFile(
            "java-on-one-core",
            ".sh",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      Files.writeString(
          script, "#!/bin/sh\nexec " + TASKSET + " -c 0 '" + javaCommand() + "' \"$@\"\n");
      return new Runner(options.jvm(script.toString()).jvmArgsAppend(HEAP).build()).run();
    } finally {
      Files.delete(script);
    }
  }

  private static String javaCommand() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static void run(Program program) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(javaCommand(), LARGE_HEAP, "-cp", System.getProperty("java.class.path")));
    command.add(program.main().getName());
    command.addAll(program.arguments());
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(PROGRAM_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(program + " took too long");
    }
    if (process.exitValue() != 0) {
      throw new IOException(program + " failed");
    }
  }
}
