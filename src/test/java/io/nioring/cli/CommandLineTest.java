package io.nioring.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import io.nioring.RingSelectorProvider;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The verbs, run here, about programs in JVMs of their own. */
class CommandLineTest {
  private static final String PROVIDER_FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  /** A program that {@link CommandLineTest} looks into. */
  private record Program(Process process) implements AutoCloseable {
    static Program start(String... flags) throws IOException {
      return start(Path.of(System.getProperty("java.home")), flags);
    }

    static Program start(Path javaHome, String... flags) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(javaHome.resolve("bin").resolve("java").toString());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
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
    assertThat(run("stats", simulated.pid(), "-i", "soon").errors())
        .contains("'soon' is not a time");
  }

  @Test
  void printsACompletionScript() {
    assertThat(run("generate-completion").succeeded().output()).contains("complete", "nioring");
  }

  /**
   * Words in which {@code PID} is a program that shows its network and {@code FILE} may be written,
   * the exit status, and a part of what is said.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fly                               | 2 | 'fly' is not a verb, known are run, ps, ss, stats
          --fly                             | 2 | Unknown option: '--fly'
          help fly                          | 2 | 'fly' is not a verb, known are run, ps, ss, stats
          ss                                | 2 | PID
          ss abc                            | 2 | 'abc' is not a process number
          ss -5                             | 2 | '-5'
          ss 999999999                      | 1 | there is no process 999999999
          ss PID --net other                | 1 | no network 'other', it has jvm
          ss PID -q                         | 2 | '-q'
          ss PID prt 80                     | 2 | 'prt' in the filter is none of state, src
          ss PID state nonsense             | 2 | Unknown state 'nonsense'
          ss PID dport = x --json           | 2 | 'x' is not a port
          stats abc                         | 2 | 'abc' is not a process number
          stats 999999999                   | 1 | there is no process
          stats PID -i soon                 | 2 | 'soon' is not a time
          stats PID -i 1s -c 0              | 2 | '0' is not a count
          stats PID -c 3                    | 2 | -c counts the lines of -i, which is missing
          watch abc                         | 2 | 'abc' is not a process number
          watch PID --pages -1              | 2 | -1
          watch PID -i 1ms --pages 1 ( src  | 2 | The filter ends
          watch PID -i 1ms --json port 8x   | 2 | '8x' is not a port
          capture PID                       | 2 | --write
          capture abc -w FILE               | 2 | 'abc' is not a process number
          capture 999999999 -w FILE         | 1 | there is no process
          capture PID -w FILE -f prt        | 2 | 'prt' in the filter
          capture PID -w FILE -f block      | 2 | 'block' in the filter
          capture PID -w FILE --files x     | 2 | x
          capture PID -w FILE --file-size x | 2 | file-size=x: expected a number
          capture PID -w FILE --snaplen -1  | 2 | -1
          capture PID -w FILE --snaplen 0   | 2 | snaplen is 0, expected a number from 64
          capture PID -w FILE --queue 1     | 2 | queue is 1, expected a number from 4096
          capture PID -w FILE -d 0s         | 2 | expected above 0
          capture PID -w FILE --files 3     | 2 | --files needs --file-size or --file-duration
          capture PID -w FILE --file-duration 5ms | 2 | --file-duration has whole seconds only
          capture PID -w FILE --host db     | 1 | network jvm has no host 'db', it has localhost
          capture PID -w FILE --keylog /no  | 1 | --keylog: /no: no such file or directory
          capture PID -w a,b                | 2 | the name of a file must not have a comma
          capture PID -w /nowhere/x.pcapng  | 1 | -w: /nowhere/x.pcapng: no such file or directory
          extcap                            | 2 | expected one of --extcap-interfaces
          extcap --capture                  | 2 | --capture needs --fifo
          faults                            | 2 | Missing one of add, list, clear
          faults break                      | 2 | break
          faults add PID                    | 2 | FAULTS
          faults add PID nonsense           | 2 | nonsense
          faults list abc                   | 2 | 'abc' is not a process number
          faults clear PID 4711             | 1 | there is no fault 4711
          faults clear PID abc              | 2 | 'abc' is not a number of a fault
          faults clear PID 1 abc            | 2 | 'abc' is not a number of a fault
          kill PID                          | 2 | CONN
          kill PID abc                      | 2 | 'abc' is not a number
          kill PID 4711                     | 1 | no connection 4711 over a ring
          kill 999999999 1                  | 1 | there is no process
          bench --rounds 0                  | 2 | '0' is not a count
          bench --millis x                  | 2 | 'x' is not a count
          doctor abc                        | 2 | 'abc' is not a process number
          doctor 999999999                  | 1 | there is no process
          run                               | 2 | COMMAND
          run -m fast -- java               | 2 | 'fast' is not a mode
          run --faults x --seed abc -- java | 2 | 'abc' is not a number
          run --seed 5 -- java              | 2 | --seed is that of --faults, which is missing
          """)
  void wrongWordsAreNamed(String words, int status, String told) {
    String all =
        words
            .replace("PID", simulated.pid())
            .replace("FILE", directory.resolve("w.pcapng").toString());

    Outcome outcome = run(all.split(" +", -1));

    assertThat(outcome.errors()).contains(told).startsWith("nioring: ");
    assertThat(outcome.status()).isEqualTo(status);
    assertThat(outcome.errors()).doesNotContain("\tat "); // no stack trace
    assertThat(outcome.errors().lines()).as("the message stays in view").hasSizeLessThan(10);
  }

  @Test
  void wordsAfterTheProgramAreItsOwn() {
    Outcome outcome = run("run", "-m", "fast", "java", "-version", "--show");

    assertThat(outcome.errors()).contains("'fast' is not a mode").doesNotContain("-version");
    assertThat(run("run", "--help").output()).contains("[--] COMMAND");
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

  @Test
  void psHasTheFiguresOfAProgramThatHasLoadedTheAgent() throws Exception {
    try (Program program = Program.start(PROVIDER_FLAG, "-Dprogram.observed=true")) {
      assertThat(json("ps", "--json"))
          .anyMatch(
              row -> row.get("pid").getAsString().equals(program.pid()) && row.has("channels"));
    }
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
    long heap = liveBytes();
    for (int i = 0; i < 100; i++) {
      run("stats", simulated.pid()).succeeded();
    }
    assertThat(count("fd")).isBetween(1L, descriptors + 20); // RMI lets go a while later
    assertThat(count("task")).isBetween(1L, threads + 20);
    assertThat(liveBytes()).isLessThan(heap + (1 << 19));
  }

  /** What is left of the heap after a collection. */
  private static long liveBytes() throws Exception {
    String[] total = jcmd(simulated, "GC.class_histogram").strip().split("\\s+", -1);
    return Long.parseLong(total[total.length - 1]);
  }

  private static long count(String what) throws IOException {
    try (var all = Files.list(Path.of("/proc", simulated.pid(), what))) {
      return all.count();
    }
  }

  /** Each JDK that stands beside the running one, and that one. */
  static List<Path> javaHomes() throws IOException {
    Path own = Path.of(System.getProperty("java.home")).toRealPath();
    List<Path> homes = new ArrayList<>(List.of(own));
    try (var beside = Files.list(own.getParent())) {
      for (Path each : beside.toList()) {
        Path home = each.toRealPath();
        if (isRuntime(home) && !homes.contains(home)) {
          homes.add(home);
        }
      }
    }
    return homes;
  }

  private static boolean isRuntime(Path home) throws IOException {
    Path release = home.resolve("release");
    return Files.isExecutable(home.resolve("bin/java"))
        && Files.exists(release)
        && Pattern.compile("JAVA_VERSION=\"(1[7-9]|[2-9]\\d)")
            .matcher(Files.readString(release))
            .find();
  }

  @ParameterizedTest
  @MethodSource("javaHomes")
  void jvmsOfOtherVersionsAreSeen(Path home) throws Exception {
    try (Program program =
        Program.start(home, PROVIDER_FLAG, "-Dnioring.mode=ring", "-Dnioring.jmx=true")) {
      assertThat(lines("ss", program.pid(), "state", "established")).hasSize(3);
      assertThat(run("doctor", program.pid()).succeeded().output()).contains("mode ring, Java ");
    }
  }

  /** Root can be somebody else; anybody else finds processes of root. */
  @Test
  void aProcessOfAnotherUserIsRefusedAndExplained() throws Exception {
    if (!Files.isWritable(Path.of("/proc/1/comm"))) {
      assertThat(run("ss", "1").status()).isEqualTo(1);
      assertThat(run("ss", "1").errors()).contains("process 1");
      return;
    }
    Path jar =
        Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (var all = Files.walk(classes)) { // to where everybody may read
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        Path copy = directory.resolve(classes.relativize(each).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(each, copy);
      }
    }
    Files.copy(jar, directory.resolve("picocli.jar"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    String path = directory + File.pathSeparator + directory.resolve("picocli.jar");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process other =
        new ProcessBuilder(
                List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    java,
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    path,
                    Main.class.getName(),
                    "ss",
                    simulated.pid()))
            .redirectErrorStream(true)
            .start();
    String told = new String(other.getInputStream().readAllBytes(), UTF_8);
    assertThat(other.waitFor()).as(told).isEqualTo(1);
    assertThat(told)
        .startsWith("nioring: cannot attach to process " + simulated.pid())
        .contains("its own user");
    run("stats", simulated.pid()).succeeded(); // it was not harmed
  }

  /** What JConsole, JMC and VisualVM are: clients of the MBean that have none of our classes. */
  @Test
  void aClientWithoutOurClassesReadsTheMBean() throws Exception {
    String name = "ManagementClient.class";
    Path own = Path.of("io", "nioring", "cli", name);
    Files.createDirectories(directory.resolve(own).getParent());
    Files.copy(Path.of(ManagementClient.class.getResource(name).toURI()), directory.resolve(own));
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                directory.toString(),
                ManagementClient.class.getName(),
                simulated.pid())
            .redirectErrorStream(true)
            .start();
    String told = new String(client.getInputStream().readAllBytes(), UTF_8);
    assertThat(client.waitFor()).as(told).isZero();
    assertThat(told).contains("Connections 2 rows", "Mode ring", "ss STATE");
  }

  // -- recordings

  @Test
  void aRecordingThatIsStartedFromOutsideSeesConnectionsThatExist() throws Exception {
    Path file = directory.resolve("r.jfr");
    Path settings =
        Files.writeString(
            directory.resolve("writes.jfc"),
            "<configuration version='2.0'><event name='jdk.SocketWrite'>"
                + "<setting name='enabled'>true</setting>"
                + "<setting name='threshold'>0 ms</setting></event></configuration>");
    try (Program program = Program.start(PROVIDER_FLAG, "-Dnioring.mode=ring")) {
      jcmd(program, "JFR.start", "name=r", "settings=" + settings);
      Deadline deadline = Deadline.after(Duration.ofSeconds(30));
      boolean seen = false;
      while (!seen && !deadline.passed()) {
        program.process().getOutputStream().write(1); // it writes ten bytes then
        program.process().getOutputStream().flush();
        jcmd(program, "JFR.dump", "name=r", "filename=" + file);
        seen =
            RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.hasField("bytesWritten"))
                .anyMatch(event -> event.getLong("bytesWritten") == 10);
      }
      assertThat(seen).isTrue();
    }
  }

  private static String jcmd(Program program, String... command) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    words.add(program.pid());
    words.addAll(List.of(command));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String told = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(told).isZero();
    return told;
  }

  // -- JSON

  /** Each line a verb prints, read by a parser that is not ours and allows nothing beyond RFC. */
  private static List<JsonObject> json(String... args) throws IOException {
    TypeAdapter<JsonElement> strict =
        new GsonBuilder().setStrictness(Strictness.STRICT).create().getAdapter(JsonElement.class);
    List<JsonObject> parsed = new ArrayList<>();
    for (String line : lines(args)) {
      parsed.add(strict.fromJson(line).getAsJsonObject());
    }
    String help = run(args[0], "--help").succeeded().output();
    String ofSubcommand =
        args[0].equals("faults") ? run("faults", args[1], "--help").succeeded().output() : "";
    assertThat(parsed)
        .allSatisfy(row -> assertThat(row.keySet()).allMatch((help + ofSubcommand)::contains));
    return parsed;
  }

  @Test
  void jsonOfEveryVerbParses() throws Exception {
    String pid = simulated.pid();
    assertThat(json("ps", "--json"))
        .anyMatch(row -> row.get("pid").getAsString().equals(pid) && row.has("ringConnections"));
    assertThat(json("ss", pid, "-a", "--json"))
        .hasSize(3)
        .allMatch(row -> row.has("recvQ") && row.has("local"))
        .allMatch(row -> row.get("options").isJsonObject())
        .anyMatch(row -> row.get("options").toString().equals("{\"TCP_NODELAY\":true}"));
    assertThat(json("ss", pid, "-l", "--json"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(
                        List.of(
                            "connection",
                            "openedBy",
                            "openedAt",
                            "lastSendMillis",
                            "lastReceiveMillis",
                            "waitingThread",
                            "waitingFor",
                            "waitingMillis",
                            "selector",
                            "interest",
                            "ready",
                            "peerHost",
                            "fault",
                            "simulatedConnect"))
                    .as("unknown in " + row)
                    .allMatch(name -> row.has(name) && row.get(name).isJsonNull()));
    assertThat(json("stats", pid, "--json")).singleElement().matches(row -> row.has("ringBytes"));
    assertThat(json("stats", pid, "-i", "10ms", "-c", "2", "--json"))
        .hasSize(2)
        .allMatch(row -> row.has("ringBytesPerSecond"));
    assertThat(json("watch", pid, "-i", "10ms", "--pages", "2", "--json"))
        .hasSize(2)
        .allMatch(page -> page.getAsJsonArray("sockets").size() == 3);
    assertThat(json("doctor", pid, "--json")).allMatch(row -> row.has("level"));
    Path file = directory.resolve("j.pcapng");
    assertThat(json("capture", pid, "-w", file.toString(), "-d", "10ms", "--json"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("dropped").getAsLong()).isZero())
        .satisfies(row -> assertThat(row.get("file").getAsString()).isEqualTo(file.toString()));
    assertThat(json("faults", "add", pid, "tcp:*:9: latency 5ms; tcp:*:8: latency 1ms", "--json"))
        .hasSize(2)
        .allMatch(row -> row.get("fault").getAsLong() > 0);
    assertThat(json("faults", "list", pid, "--json")).hasSize(2);
    assertThat(json("faults", "clear", pid, "--json"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("cleared").getAsInt()).isEqualTo(2));
    assertThat(json("bench", "--rounds", "1", "--millis", "1", "--json"))
        .allMatch(row -> row.has("ratio"));
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

    assertThat(outcome.succeeded().errors())
        .contains("capturing from")
        .containsPattern("\\d+ packets? to " + file + ", 0 dropped\n");
    assertThat(Files.readAllBytes(file)).startsWith(0x0a, 0x0d, 0x0d, 0x0a);
  }

  @Test
  void captureTakesAllItsOptions() throws Exception {
    Path file = directory.resolve("p.pcapng");
    Path keys = Files.writeString(directory.resolve("keys"), "CLIENT_RANDOM 00 00\n");
    String words =
        "capture " + simulated.pid() + " -w " + file + " --keylog " + keys + " --pipes -v -d 10ms";

    assertThat(run(words.split(" ", -1)).succeeded().errors())
        .contains(" to " + file + ", 0 dropped")
        .doesNotContain("Capture[");
    assertThat(run((words + " -f not").split(" ", -1)).status()).isEqualTo(2);
    words += " --files 2 --file-size 1m --snaplen 100 --queue 64k -f";
    List<String> all = new ArrayList<>(List.of(words.split(" ", -1)));
    all.add("not port 5, state all");
    run(all.toArray(String[]::new)).succeeded();
    assertThat(directory.resolve("p-00001.pcapng")).exists();
    assertThat(Files.readString(file, ISO_8859_1)).contains("CLIENT_RANDOM");
  }

  @Test
  void captureBeginsANewFileAfterATime() throws Exception {
    Path file = directory.resolve("t.pcapng");
    String words = "capture " + simulated.pid() + " -w " + file + " --file-duration 1s --files 2";

    Outcome outcome = run((words + " -d 10ms").split(" ", -1)).succeeded();

    assertThat(outcome.errors()).contains("t-00001.pcapng and further files, 0 dropped");
    assertThat(directory.resolve("t-00001.pcapng")).exists();
  }

  @Test
  void captureIntoAPipeDoesNotNameATemporaryFile() throws Exception {
    Path copy = directory.resolve("copy");
    String words = "capture " + simulated.pid() + " -w - --copy-to " + copy + " -d 10ms";

    assertThat(run(words.split(" ", -1)).succeeded().errors())
        .contains(" to the standard output, 0 dropped")
        .doesNotContain(System.getProperty("java.io.tmpdir"));
  }

  @Test
  void captureEndsWithItsProgram() throws Exception {
    Path file = directory.resolve("e.pcapng");
    Program program = Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true");
    StringWriter told = new StringWriter();
    StringWriter printed = new StringWriter();
    String[] words = {"capture", program.pid(), "-w", file.toString(), "-v", "--json"};
    Background<Integer> capture =
        Background.run(
            () -> Main.run(new PrintWriter(printed, true), new PrintWriter(told, true), words));
    Deadline.await(
        Duration.ofSeconds(30), "it captures", () -> told.toString().contains("0 packets to"));

    program.close();

    assertThat(capture.result(Duration.ofSeconds(30))).as(told.toString()).isZero();
    assertThat(told.toString()).contains("the capture ended: the network jvm is gone");
    assertThat(printed.toString()).as("of a moment before").contains("\"packets\":0,\"dropped\":0");
  }

  @Test
  void aCaptureWithoutMemoryNamesTheQueue() throws Exception {
    try (Program program =
        Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true", "-XX:MaxDirectMemorySize=8m")) {
      String file = directory.resolve("q.pcapng").toString();
      Outcome outcome = run("capture", program.pid(), "-w", file, "-d", "1ms");
      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.errors())
          .contains("--queue: there is no direct memory for a queue of 16777216 bytes");
      assertThat(Path.of(file)).doesNotExist();
      run("capture", program.pid(), "-w", file, "-d", "1ms", "--queue", "1m").succeeded();
    }
  }

  @Test
  void whichOfSeveralNetworksIsShownIsSaid() throws Exception {
    try (Program program =
        Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true", "-Dprogram.networks=2")) {
      assertThat(run("ss", program.pid()).succeeded().errors())
          .isEqualTo("nioring: this is the network jvm; --net chooses one of 1, 2, jvm\n");
      assertThat(run("ss", program.pid(), "--net", "jvm").succeeded().errors()).isEmpty();
    }
  }

  /** Each write to this device fails as on a full disk. */
  @Test
  void captureThatFailsEndsWithOne() {
    Path full = Path.of("/dev/full");

    Outcome outcome = run("capture", simulated.pid(), "-w", full.toString(), "-d", "5s");

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors()).contains("No space left on device");
  }

  /** As Wireshark asks while a filter is typed: what is printed is what is wrong with it. */
  @Test
  void extcapListsProgramsAndChecksFilters() {
    String own = "nioring-" + simulated.pid() + "-jvm";
    assertThat(lines("extcap", "--extcap-interfaces", "--extcap-version=4.0"))
        .anyMatch(line -> line.startsWith("extcap {version="))
        .anyMatch(line -> line.startsWith("interface {value=" + own + "}{display=nioring: "));
    assertThat(lines("extcap", "--extcap-interface", own, "--extcap-dlts"))
        .containsExactly("dlt {number=101}{name=RAW}{display=Raw IP}");
    assertThat(lines("extcap", "--extcap-interface", own, "--extcap-config")).isEmpty();
    String[] check = {"extcap", "--extcap-interface", own, "--extcap-capture-filter", "port 80"};
    assertThat(lines(check)).isEmpty();
    check[4] = "prt 80";
    assertThat(lines(check)).singleElement().asString().contains("'prt'");
  }

  @Test
  void extcapCapturesIntoAFile() throws Exception {
    Path fifo = directory.resolve("fifo");
    Background<Outcome> capture =
        Background.run(
            () ->
                run(
                    "extcap",
                    "--extcap-interface",
                    "nioring-" + simulated.pid() + "-jvm",
                    "--capture",
                    "--fifo",
                    fifo.toString(),
                    "--extcap-capture-filter",
                    "not port 1"));
    Deadline.await("packets arrive", () -> Files.exists(fifo) && Files.size(fifo) > 0);
    assertThat(Files.readAllBytes(fifo)).startsWith(0x0a, 0x0d, 0x0d, 0x0a);

    run("capture", simulated.pid(), "-w", directory.resolve("x.pcapng").toString(), "-d", "1ms");
    assertThat(capture.isDone()).as("it is not ended by another one's end").isFalse();
    capture.thread().interrupt();
    capture.awaitDone();
  }

  @Test
  void faultsAreAddedListedAndCleared() {
    assertThat(run("faults", "add", simulated.pid(), "tcp:*:9: latency 5ms").succeeded().output())
        .startsWith("fault ");
    assertThat(lines("faults", "list", simulated.pid(), "--json"))
        .singleElement()
        .asString()
        .contains("latency 5ms\",\"fired\":0");
    assertThat(lines("faults", "list", simulated.pid()))
        .singleElement()
        .asString()
        .endsWith("latency 5ms (fired 0 times)");
    assertThat(run("faults", "clear", simulated.pid(), "4711").errors()).contains("no fault 4711");
    run("faults", "clear", simulated.pid()).succeeded();
    assertThat(lines("faults", "list", simulated.pid())).isEmpty();
  }

  @Test
  void faultsOfANetworkThatCanHaveNoneAreExplained() throws Exception {
    try (Program program = Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true")) {
      for (String verb : List.of("list", "clear")) {
        Outcome outcome = run("faults", verb, program.pid());

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("the network is not simulated", "-Dnioring.faults=");
      }
    }
  }

  // -- doctor

  @Test
  void doctorFindsConnectionsThatStayInTheKernel() {
    assertThat(run("doctor", simulated.pid()).succeeded().output()).contains("mode ring");
    assertThat(run("doctor", silent.pid()).succeeded().output())
        .contains("channels are nioring's, mode hybrid")
        .contains("is not registered with JMX");
    Outcome outcome = run("doctor", plain.pid(), "--json");

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output())
        .contains("platform's SelectorProvider")
        .contains("2 of these have their peer in the same JVM");
  }

  /**
   * The other reasons that it can name: the flags of a program, in which {@code MODE} stands for
   * the property, the exit status, the level and the reason.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
"""
PROVIDER MODE=kernel jmx=true              | 1 | problem | in mode kernel all goes through
PROVIDER jmx=true routes=tcp:*:*=kernel    | 1 | note    | routes come before the mode: tcp
PROVIDER MODE=kernel                       | 1 | problem | in mode kernel all goes through
PROVIDER MODE=kernel                       | 1 | problem | 2 of these have their peer in
OBJECTS IDLE                               | 0 | note    | only what is opened by the provider
OBJECTS IDLE                               | 0 | note    | the networks are not registered
IDLE                                       | 1 | problem | the JVM has the platform's
OTHER                                      | 1 | problem | the JVM's SelectorProvider is sun
NETWORKS                                   | 1 | note    | only what is opened by the provider
""")
  void doctorNamesEachReason(String flags, int status, String level, String reason)
      throws Exception {
    String all =
        flags
            .replace("PROVIDER", PROVIDER_FLAG)
            .replaceAll("\\b(jmx|routes)=", "-Dnioring.$1=")
            .replace("MODE", "-Dnioring.mode")
            .replace(
                "OTHER", PROVIDER_FLAG.replaceFirst("=.*", "=sun.nio.ch.EPollSelectorProvider"))
            .replace("NETWORKS", "-Dprogram.networks=1")
            .replace("OBJECTS", "-Dprogram.unregistered=true")
            .replace("IDLE", "-Dprogram.idle=true");
    try (Program program = Program.start(all.split(" +", -1))) {
      Outcome outcome = run("doctor", program.pid());

      assertThat(outcome.output().lines())
          .anyMatch(line -> line.startsWith(level + " ") && line.contains(reason));
      assertThat(outcome.status()).as(outcome.output()).isEqualTo(status);
    }
  }

  /** Looking at a program makes a connection to it, by JMX. */
  @Test
  void doctorDoesNotCountItsOwnConnection() {
    assertThat(run("doctor", simulated.pid()).output())
        .contains("0 established TCP sockets, 0 of them")
        .contains("1 connection over rings so far");
  }

  @Test
  void doctorGivesNoFurtherReasonBesideTheMode() throws Exception {
    try (Program program =
        Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true", "-Dnioring.mode=kernel")) {
      assertThat(run("doctor", program.pid()).output())
          .contains("in mode kernel", "2 of these have their peer in")
          .doesNotContain("asks no provider");
    }
  }

  // -- programs that are out of the ordinary

  @Test
  void aJvmThatLetsNobodyAttachIsExplained() throws Exception {
    try (Program program =
        Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true", "-XX:+DisableAttachMechanism")) {
      Outcome outcome = run("ss", program.pid());

      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.errors())
          .startsWith("nioring: cannot attach to process " + program.pid())
          .contains("-XX:+DisableAttachMechanism");
    }
  }

  @Test
  void oneOfSeveralNetworksIsChosen() throws Exception {
    try (Program program = Program.start("-Dprogram.networks=10")) {
      Outcome outcome = run("ss", program.pid());

      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.errors()).contains("has several networks: choose with --net one of 1, 10");
      assertThat(lines("ss", program.pid(), "--net", "7", "-a")).hasSize(1);
    }
  }

  @Test
  void aTableThatIsTooLongSaysSo() throws Exception {
    try (Program program =
        Program.start(
            PROVIDER_FLAG,
            "-Dnioring.mode=ring",
            "-Dnioring.jmx=true",
            "-Dprogram.sockets=10000")) {
      String pid = program.pid();
      assertThat(lines("ss", pid, "-a")).hasSize(10_002).endsWith("and 3 more");
      assertThat(lines("ss", pid, "-l")).hasSize(2);
      Outcome outcome = run("ss", pid, "-a", "--json").succeeded();
      assertThat(outcome.output().lines()).hasSize(10_000);
      assertThat(outcome.errors()).contains("these are the first 10000");
      assertThat(run("ss", pid, "-l", "--json").errors()).isEmpty();
      assertThat(lines("watch", pid, "-i", "1ms", "--pages", "2", "--lines", "24"))
          .hasSize(46)
          .last()
          .asString()
          .matches("… 9,?98\\d more lines");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "watch"})
  void whatLooksAgainAndAgainEndsWithTheProgram(String verb) throws Exception {
    Program program = Program.start(PROVIDER_FLAG, "-Dnioring.jmx=true");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = {verb, program.pid(), "-i", "10ms"};
    Background<Integer> looking =
        Background.run(() -> Main.run(new PrintWriter(out), new PrintWriter(err, true), words));
    Deadline.await(Duration.ofSeconds(30), "it looks", () -> out.toString().lines().count() > 4);

    program.close();

    assertThat(looking.result(Duration.ofSeconds(30))).isEqualTo(1);
    assertThat(err.toString()).startsWith("nioring: ").contains("the network jvm is gone");
  }

  @Test
  void benchSaysWhatItMeasuresAndHowWell() {
    Outcome outcome = run("bench", "--rounds", "1", "--millis", "1").succeeded();

    assertThat(outcome.output())
        .startsWith("blocking channels without a selector, TCP on loopback; ")
        .contains("64 B there and back, 2 threads", "connect, accept, close, 1 thread")
        .doesNotContain(" 0.0 times");
    assertThat(outcome.errors()).contains("1 round of 1 ms: too little for figures");
  }

  @Test
  void benchComparesBoth() {
    assertThat(lines("bench", "--rounds", "1", "--millis", "1", "--json"))
        .hasSize(BenchWorkload.values().length)
        .allMatch(line -> line.contains("\"ratio\":"));
  }
}
