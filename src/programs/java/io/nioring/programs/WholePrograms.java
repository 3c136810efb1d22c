package io.nioring.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures whole programs: {@code WholePrograms smoke|quick|full|start [program …]}.
 *
 * <p>Of a program one virtual machine for each kind of sockets is started. They warm up in turn,
 * until the rates are level and the compiler has come to rest, or the longest warm-up is over; then
 * they are measured in turn, in rounds, so that a machine that becomes slower meanwhile slows all.
 * {@code start} measures the first seconds instead: how long a fresh virtual machine takes from its
 * start to the first bytes of a small echo and to its 1,000th round trip, and to the 1,000th
 * operation of the programs that are named.
 *
 * <p>{@code smoke} runs each program for a moment on rings, all in one virtual machine, to show
 * that they work. The others print tables in Markdown and write {@code
 * target/benchmarks/programs/*.json}.
 */
public final class WholePrograms {
  private static final String USAGE = "usage: WholePrograms smoke|quick|full|start [program …]";
  private static final long SMOKE_OPERATIONS = 20;
  private static final int STARTS = 5;
  private static final long FIRST_OPERATIONS = 1_000;

  private WholePrograms() {}

  /**
   * Runs the benchmarks.
   *
   * @param args the scale, then the names of the programs if not all are wanted
   * @throws Exception if a program fails
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      throw new IllegalArgumentException(USAGE);
    }
    List<Programs> programs =
        args.length == 1
            ? Programs.runnable()
            : Arrays.stream(args).skip(1).map(Programs::named).toList();
    switch (args[0]) {
      case "smoke" -> Contestant.inheritingIo(Wire.RING, WholePrograms.class, "smoke-here");
      case "smoke-here" -> smoke(programs);
      case "quick" -> measure(programs, Warmth.QUICK, "quick");
      case "full" -> measure(programs, Warmth.FULL, "full");
      case "start" -> measureStarts(args.length == 1 ? List.of() : programs);
      default -> throw new IllegalArgumentException(USAGE);
    }
    // Libraries leave threads behind that would keep the machine alive.
    System.exit(0);
  }

  private static void smoke(List<Programs> programs) throws Exception {
    for (Programs program : programs) {
      try (Program.Session session = program.program().open()) {
        Slice slice = ProgramMachine.run(session, Budget.ofOperations(SMOKE_OPERATIONS));
        if (slice.operations() != SMOKE_OPERATIONS) {
          throw new IOException(program.text() + " did " + slice.operations() + " operations");
        }
      }
    }
  }

  private static void measure(List<Programs> programs, Warmth warmth, String file)
      throws IOException {
    List<Result> results = new ArrayList<>();
    for (Programs program : programs) {
      Result result = measure(program, warmth);
      results.add(result);
      System.out.print(result.describe());
    }
    System.out.println();
    System.out.print(Tables.rates(results));
    write(file, results);
  }

  private static Result measure(Programs program, Warmth warmth) throws IOException {
    Map<Wire, Contestant> contestants = new EnumMap<>(Wire.class);
    try {
      for (Wire wire : program.wires()) {
        contestants.put(wire, Contestant.start(program, wire));
      }
      int warmUps = warmth.warmUp(contestants.values());
      Result result = new Result(program, warmUps);
      for (int round = 0; round < warmth.rounds(); round++) {
        for (Map.Entry<Wire, Contestant> contestant : contestants.entrySet()) {
          result.add(contestant.getKey(), contestant.getValue().runSeconds(warmth.seconds()));
        }
      }
      return result;
    } finally {
      for (Contestant contestant : contestants.values()) {
        contestant.close();
      }
    }
  }

  private static void measureStarts(List<Programs> programs)
      throws IOException, InterruptedException {
    System.out.print(FirstMoments.measure());
    System.out.println();
    List<Result> results = new ArrayList<>();
    for (Programs program : programs) {
      Result result = new Result(program, 0);
      for (int round = 0; round < STARTS; round++) {
        for (Wire wire : program.wires()) {
          result.add(wire, measureStart(program, wire));
        }
      }
      results.add(result);
    }
    if (!results.isEmpty()) {
      System.out.print(Tables.starts(results));
      write("programs-start", results);
    }
  }

  private static Slice measureStart(Programs program, Wire wire) throws IOException {
    long start = System.nanoTime();
    try (Contestant contestant = Contestant.start(program, wire)) {
      Slice slice = contestant.runOperations(FIRST_OPERATIONS);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Slice(
          slice.operations(),
          seconds,
          slice.processorSeconds(),
          slice.compilerSeconds(),
          slice.medianNanos(),
          slice.p99Nanos());
    }
  }

  private static void write(String name, List<Result> results) throws IOException {
    Path file = Path.of("target", "benchmarks", "programs", name + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        String.format(
            Locale.ROOT,
            "{\"jdk\": \"%s\", \"processors\": %d, \"programs\": [%n%s%n]}%n",
            Runtime.version(),
            Runtime.getRuntime().availableProcessors(),
            String.join(",\n", results.stream().map(Result::toJson).toList())),
        StandardCharsets.UTF_8);
    System.out.println();
    System.out.println("results in " + file);
  }
}
