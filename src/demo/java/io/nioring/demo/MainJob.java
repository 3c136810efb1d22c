package io.nioring.demo;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Runs the same unmodified programs on the platform's provider and on rings, and compares: {@code
 * MainJob <class path of nioring>}.
 *
 * <p>Each round starts one virtual machine of each kind, the platform's without nioring on its
 * class path. The job fails if an answer was wrong, if a machine on rings held a TCP socket in the
 * kernel, or if nothing went over rings.
 */
public final class MainJob {
  private static final int ROUNDS = 2;
  private static final long CHILD_SECONDS = 120;
  private static final List<String> FLAGS_OF_BOTH =
      List.of(
          "-Xmx512m",
          // Without it the JDK's HTTP server waits 40 ms for acknowledgements on kernel sockets.
          "-Dsun.net.httpserver.nodelay=true");
  private static final List<String> FLAGS_OF_RINGS =
      List.of(
          "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider",
          "-Dnioring.mode=ring");

  private final String demoClasses;
  private final String nioring;
  private final PrintStream out;

  private MainJob(String demoClasses, String nioring, PrintStream out) {
    this.demoClasses = demoClasses;
    this.nioring = nioring;
    this.out = out;
  }

  /**
   * Runs the job.
   *
   * @param args the class path of nioring: its jar or classes, and what it depends on
   */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: MainJob <class path of nioring>");
      System.exit(2);
    }
    try {
      new MainJob(demoClasses(), args[0], System.out).run();
    } catch (Failure | IOException | URISyntaxException | InterruptedException e) {
      System.err.println("The main job FAILED: " + e.getMessage());
      System.exit(1);
    }
  }

  private static String demoClasses() throws URISyntaxException {
    return Path.of(MainJob.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
  }

  private void run() throws Failure, IOException, InterruptedException {
    List<Report> platform = new ArrayList<>();
    List<Report> rings = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      platform.add(runChild("platform", round, FLAGS_OF_BOTH, demoClasses));
      List<String> flags = new ArrayList<>(FLAGS_OF_BOTH);
      flags.addAll(FLAGS_OF_RINGS);
      Report report = runChild("rings", round, flags, demoClasses + File.pathSeparator + nioring);
      requireRings(report);
      rings.add(report);
    }
    printComparison(platform, rings);
  }

  private Report runChild(String kind, int round, List<String> flags, String classPath)
      throws Failure, IOException, InterruptedException {
    Path file = Files.createTempFile("main-job", ".properties");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(flags);
      command.addAll(List.of("-cp", classPath, Workload.class.getName(), file.toString()));
      Process child = new ProcessBuilder(command).inheritIO().start();
      if (!child.waitFor(CHILD_SECONDS, TimeUnit.SECONDS)) {
        child.destroyForcibly();
        throw new Failure("the programs on " + kind + " ran longer than " + CHILD_SECONDS + " s");
      }
      if (child.exitValue() != 0) {
        throw new Failure("the programs on " + kind + " ended with code " + child.exitValue());
      }
      Report report = Report.read(file);
      print(kind, round, report);
      return report;
    } finally {
      Files.delete(file);
    }
  }

  private static void requireRings(Report report) throws Failure {
    if (report.kernelSockets() > 0) {
      throw new Failure("on rings the process held " + report.kernelSockets() + " TCP sockets");
    }
    if (report.rings().kernelConnections() > 0) {
      throw new Failure(report.rings().kernelConnections() + " connections went to the kernel");
    }
    if (report.rings().connections() == 0 || report.rings().bytes() < report.payloadBytes()) {
      throw new Failure("the programs did not run over rings: " + report.rings());
    }
  }

  private void print(String kind, int round, Report report) {
    out.printf(
        Locale.ROOT,
        "%-8s round %d: %,d HTTP requests, %,d echoes, %.1f MB, all verified, in %.3f s%n",
        kind,
        round,
        report.gets().exchanges() + report.posts().exchanges(),
        report.echo().exchanges(),
        report.payloadBytes() / 1e6,
        report.seconds());
  }

  private void printComparison(List<Report> platform, List<Report> rings) {
    out.printf("%nwarm, mean of %d rounds        %14s %14s%n", ROUNDS, "platform", "rings");
    printRow("small HTTP GETs a second", platform, rings, r -> r.gets().exchangesPerSecond());
    printRow("  processor time of one, us", platform, rings, r -> micros(r.gets()));
    printRow("MB a second in HTTP POSTs", platform, rings, r -> r.posts().megabytesPerSecond());
    printRow("  processor time of one, us", platform, rings, r -> micros(r.posts()));
    printRow("echoes a second", platform, rings, r -> r.echo().exchangesPerSecond());
    printRow("  processor time of one, us", platform, rings, r -> micros(r.echo()));
    out.printf(
        "%-30s %14s %14s%n",
        "TCP sockets in the kernel",
        platform.get(0).kernelSocketsText(),
        rings.get(0).kernelSocketsText());
    RingTraffic traffic = rings.get(0).rings();
    out.printf(
        Locale.ROOT, "%-30s %14d %,14d%n", "connections over rings", 0, traffic.connections());
    out.printf(Locale.ROOT, "%-30s %14d %,14.0f%n", "MB over rings", 0, traffic.bytes() / 1e6);
  }

  private void printRow(
      String name, List<Report> platform, List<Report> rings, ToDoubleFunction<Report> figure) {
    double ofPlatform = platform.stream().mapToDouble(figure).average().orElseThrow();
    double ofRings = rings.stream().mapToDouble(figure).average().orElseThrow();
    out.printf(
        Locale.ROOT,
        "%-30s %,14.1f %,14.1f   %.2f times%n",
        name,
        ofPlatform,
        ofRings,
        ofRings / ofPlatform);
  }

  private static double micros(Work work) {
    return work.processorMicrosPerExchange();
  }

  /** Why the job failed. */
  private static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
      super(message);
    }
  }
}
