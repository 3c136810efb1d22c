package io.nioring.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs, run here, about programs in JVMs of their own. */
class CommandLineTest {
  private static final String PROVIDER_FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  /** A program that {@link CommandLineTest} looks into. */
  private record Program(Process process) implements AutoCloseable {
    static Program start(String... flags) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx64m"));
      command.addAll(List.of(flags));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(ConnectedProgram.class.getName());
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
      Process process = builder.start();
      var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      assertThat(output.readLine()).isEqualTo("ready");
      return new Program(process);
    }

    String pid() {
      return Long.toString(process.pid());
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      try {
        process.onExit().get(30, TimeUnit.SECONDS);
      } catch (ExecutionException | InterruptedException | TimeoutException e) {
        process.destroyForcibly();
      }
    }
  }

  /** What a verb printed, and how it ended. */
  private record Outcome(int status, String output, String errors) {
    Outcome succeeded() {
      assertThat(status).as(errors).isZero();
      return this;
    }
  }

  private static Program simulated;
  private static Program silent;
  private static Program plain;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    simulated =
        Program.start(
            PROVIDER_FLAG, "-Dnioring.mode=ring", "-Dnioring.jmx=true", "-Dnioring.faults=");
    silent = Program.start(PROVIDER_FLAG, "-Dnioring.mode=hybrid");
    plain = Program.start();
  }

  @AfterAll
  static void stop() throws Exception {
    for (Program each : new Program[] {simulated, silent, plain}) {
      if (each != null) {
        each.close();
      }
    }
  }

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(new PrintWriter(out), new PrintWriter(err, true), args);
    return new Outcome(status, out.toString(), err.toString());
  }

  private static List<String> lines(String... args) {
    return run(args).succeeded().output().lines().toList();
  }

  // -- use

  @Test
  void wrongUseEndsWithTwoAndTeaches() {
    assertThat(run().status()).isEqualTo(2);
    assertThat(run("fly").status()).isEqualTo(2);
    assertThat(run("ss").errors()).contains("PID").contains("Usage: nioring ss");
    assertThat(run("stats", simulated.pid(), "-i", "soon").errors()).contains("'soon' is no time");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run", "ps", "ss", "stats", "watch", "capture", "extcap", "faults", "kill", "bench",
        "doctor"
      })
  void everyVerbExplainsItself(String verb) {
    assertThat(run(verb, "--help").succeeded().output()).contains("Usage: nioring " + verb);
  }

  @Test
  void printsACompletionScript() {
    assertThat(run("generate-completion").succeeded().output()).contains("complete", "nioring");
  }

  // -- processes

  @Test
  void psListsWhatUsesNioring() {
    List<String> listed = lines("ps", "--json");

    assertThat(listed)
        .anyMatch(line -> line.contains("\"pid\":" + simulated.pid()) && line.contains("\"jvm\""))
        .anyMatch(line -> line.contains("\"pid\":" + silent.pid()))
        .noneMatch(line -> line.contains("\"pid\":" + plain.pid() + ","));
    assertThat(run("ps").succeeded().output()).contains("PID  MODE").contains(simulated.pid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ss", "stats", "watch", "kill", "doctor"})
  void aProcessThatIsNotThereIsSaidToBeNone(String verb) {
    String[] args =
        verb.equals("kill")
            ? new String[] {verb, "999999999", "1"}
            : new String[] {verb, "999999999"};
    Outcome outcome = run(args);

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors()).startsWith("nioring: there is no process 999999999");
  }

  @Test
  void programsThatCannotBeSeenAreExplained() {
    assertThat(run("ss", silent.pid()).errors())
        .contains("is not registered with JMX", "-Dnioring.jmx=true", "--load-agent");
    assertThat(run("ss", plain.pid()).errors()).contains("does not use nioring");
    assertThat(run("ss", simulated.pid(), "--net", "other").errors())
        .contains("no network 'other', it has jvm");
  }

  @Test
  void aProcessThatIsStoppedIsNotWaitedForForEver() throws Exception {
    try (Program program = Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true")) {
      run("stats", program.pid()).succeeded(); // so that its socket for attaching is there
      signal("-STOP", program);
      try {
        assertThat(run("stats", program.pid()).errors()).contains("has not answered");
      } finally {
        signal("-CONT", program);
      }
    }
  }

  private static void signal(String name, Program to) throws Exception {
    assertThat(new ProcessBuilder("kill", name, to.pid()).start().waitFor()).isZero();
  }

  @Test
  void attachingAgainAndAgainLeavesNothing() throws Exception {
    run("stats", simulated.pid()).succeeded();
    long descriptors = count("fd");
    long threads = count("task");
    for (int i = 0; i < 20; i++) {
      run("stats", simulated.pid()).succeeded();
    }
    assertThat(count("fd")).isBetween(1L, descriptors + 5);
    assertThat(count("task")).isBetween(1L, threads + 5);
  }

  private static long count(String what) throws IOException {
    try (var all = Files.list(Path.of("/proc", simulated.pid(), what))) {
      return all.count();
    }
  }

  // -- the table

  @Test
  void ssShowsQueuesAndFilters() {
    assertThat(lines("ss", simulated.pid(), "state", "established")).hasSize(3);
    assertThat(lines("ss", simulated.pid(), "-l"))
        .hasSize(2)
        .element(1)
        .asString()
        .startsWith("LISTEN");
    assertThat(lines("ss", simulated.pid(), "-tiep")).anyMatch(line -> line.contains("mem:"));
    assertThat(lines("ss", simulated.pid(), "--json"))
        .hasSize(2)
        .anyMatch(line -> line.matches(".*\"recvQ\":[1-9].*"))
        .allMatch(line -> line.startsWith("{\"") && line.endsWith("}"));
    assertThat(lines("ss", simulated.pid(), "-x")).hasSize(1);
    assertThat(run("ss", simulated.pid(), "state", "odd").errors()).contains("odd");
  }

  @Test
  void statsCountsAndRates() {
    assertThat(run("stats", simulated.pid()).succeeded().output()).contains("RingConnections");
    assertThat(lines("stats", simulated.pid(), "-i", "10ms", "-c", "2", "--json"))
        .hasSize(2)
        .allMatch(line -> line.contains("\"ringBytesPerSecond\":"));
  }

  @Test
  void watchDrawsAPage() {
    assertThat(lines("watch", simulated.pid(), "-i", "10ms", "--pages", "1"))
        .anyMatch(line -> line.contains("network jvm"))
        .anyMatch(line -> line.startsWith("STATE"));
  }

  @Test
  void killResetsAConnection() throws Exception {
    try (Program program = Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true")) {
      assertThat(run("kill", program.pid(), "77").errors()).contains("no connection 77");
      run("kill", program.pid(), "1").succeeded();
      assertThat(lines("ss", program.pid(), "state", "established")).hasSize(1);
    }
  }

  // -- captures and faults

  @Test
  void captureWritesAFile() throws Exception {
    Path file = directory.resolve("packets.pcapng");

    Outcome outcome = run("capture", simulated.pid(), "-w", file.toString(), "-d", "100ms");

    assertThat(outcome.succeeded().errors()).contains("capturing from", "dropped=0");
    assertThat(Files.readAllBytes(file)).startsWith(0x0a, 0x0d, 0x0d, 0x0a);
  }

  @Test
  void faultsAreAddedListedAndCleared() {
    assertThat(run("faults", "add", simulated.pid(), "tcp:*:9: latency 5ms").succeeded().output())
        .startsWith("fault ");
    assertThat(lines("faults", "list", simulated.pid(), "--json"))
        .singleElement()
        .asString()
        .contains("latency 5ms");
    assertThat(run("faults", "add", simulated.pid(), "nonsense").status()).isEqualTo(1);
    assertThat(run("faults", "clear", simulated.pid(), "4711").errors()).contains("no fault 4711");
    run("faults", "clear", simulated.pid()).succeeded();
    assertThat(lines("faults", "list", simulated.pid())).isEmpty();
  }

  // -- doctor

  @Test
  void doctorFindsConnectionsThatStayInTheKernel() {
    assertThat(run("doctor", simulated.pid()).succeeded().output()).contains("mode ring");
    Outcome outcome = run("doctor", plain.pid(), "--json");

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output())
        .contains("platform's SelectorProvider")
        .contains("2 of these have their peer in the same JVM");
  }

  @Test
  void benchComparesBoth() {
    assertThat(lines("bench", "--rounds", "1", "--millis", "1", "--json"))
        .hasSize(BenchWorkload.values().length)
        .allMatch(line -> line.contains("\"ratio\":"));
  }
}
