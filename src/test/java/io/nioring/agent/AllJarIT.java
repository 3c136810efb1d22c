package io.nioring.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import io.nioring.RingSelectorProvider;
import io.nioring.cli.ConnectedProgram;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar that holds everything, as the build packed it: its contents and its agent. */
class AllJarIT {

  private static final Path ALL_JAR = Path.of(System.getProperty("allJar"));
  private static final String PROVIDER_FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();
  private static final long WAIT_SECONDS = 60;

  @TempDir Path directory;
  private Path program;

  @BeforeEach
  void packProgram() throws IOException {
    program = directory.resolve("program.jar");
    ProgramJar.write(
        program,
        Map.of("Main-Class", HttpProgram.class.getName()),
        HttpProgram.class,
        EchoProgram.class,
        PlainEchoProgram.class,
        LargeMemoryProgram.class,
        Report.class);
  }

  // -- the agent

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                                         | HYBRID
          =mode=hybrid                                                               | HYBRID
          =mode=ring,spinMicros=0                                                    | RING
          =mode=kernel,routes=unix:/a,b/*=ring; tcp:127.0.0.1:*=hybrid,idleMillis=50 | KERNEL
          """)
  void agentTakesAProgramToTheRingsWithoutAWarning(String arguments, String mode) throws Exception {
    assertThat(java(agent(arguments), "-jar", program.toString()))
        .isEqualTo(success(mode + ": 1 over rings, 0 to the kernel"));
  }

  @Test
  void kernelModeLeavesTheProgramAlone() throws Exception {
    assertThat(java(agent("=mode=kernel"), "-jar", program.toString()))
        .isEqualTo(success("KERNEL: 0 over rings, 0 to the kernel"));
  }

  @Test
  void agentMakesAWayToTheKernelInARunTimeOfFewModules() throws Exception {
    Outcome outcome =
        java(
            agent("=mode=hybrid"),
            "--limit-modules=java.base,java.instrument",
            "-cp",
            program.toString(),
            EchoProgram.class.getName());

    assertThat(outcome).isEqualTo(success("HYBRID: 1 over rings, 0 to the kernel"));
  }

  @Test
  void agentTakesPlainSocketsToTheRings() throws Exception {
    String name = PlainEchoProgram.class.getName();

    assertThat(java(agent("=mode=ring"), "-cp", program.toString(), name))
        .isEqualTo(success("RING: 1 over rings, 0 to the kernel"));
    assertThat(java(agent("=mode=ring,sockets=false"), "-cp", program.toString(), name))
        .isEqualTo(success("RING: 0 over rings, 0 to the kernel"));
  }

  /** A program configures its logging when it likes, and does not want our lines in its log. */
  @Test
  void nettyInTheJarDoesNotStartTheLoggingOfTheProgram() throws Exception {
    Path classes = directory.resolve("classes");
    Outcome outcome =
        java(
            agent("=mode=ring"),
            "-Xlog:class+load:file=" + classes,
            "-cp",
            program.toString(),
            LargeMemoryProgram.class.getName());

    assertThat(outcome.errors()).isEmpty();
    assertThat(Files.readAllLines(classes))
        .anyMatch(line -> line.contains(" io.nioring.shaded.io.netty.buffer.Unpooled"))
        .noneMatch(line -> line.contains(" java.util.logging.Logger "));
  }

  @Test
  void agentLeavesANamedPipeToTheCapture() throws Exception {
    Path pipe = directory.resolve("pipe");
    Path copy = directory.resolve("copy.pcapng");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process reader =
        new ProcessBuilder("cat", pipe.toString()).redirectOutput(copy.toFile()).start();
    try {
      Outcome outcome = java(agent("=mode=ring,capture=" + pipe), "-jar", program.toString());

      assertThat(outcome.output()).containsExactly("hello", "RING: 1 over rings, 0 to the kernel");
      assertThat(reader.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(copy, ISO_8859_1)).contains("GET / HTTP/1.1");
    } finally {
      reader.destroyForcibly();
    }
  }

  /** The JVM starts its recordings after its agents. */
  @Test
  void recordingHasTheFirstConnection() throws Exception {
    Path recording = directory.resolve("r.jfr");
    Outcome outcome =
        java(
            agent("=mode=ring"),
            "-XX:StartFlightRecording:filename=" + recording,
            "-jar",
            program.toString());

    assertThat(outcome.status()).isZero();
    assertThat(RecordingFile.readAllEvents(recording))
        .extracting(event -> event.getEventType().getName())
        .contains("nioring.Connect");
  }

  @Test
  void fileOfACaptureThatCannotBeMadeIsWarnedOfOnce() throws Exception {
    Outcome outcome =
        java(agent("=mode=ring,capture=/no/such/folder/c.pcapng"), "-jar", program.toString());

    assertThat(outcome.output()).containsExactly("hello", "RING: 1 over rings, 0 to the kernel");
    assertThat(outcome.errors())
        .noneMatch(line -> line.startsWith("\tat "))
        .filteredOn(line -> line.contains("cannot start the capture"))
        .singleElement()
        .asString()
        .contains("NoSuchFileException");
  }

  @Test
  void programCanNameTheAgentInItsManifest() throws Exception {
    Path self = directory.resolve("self.jar");
    ProgramJar.write(
        self,
        Map.of(
            "Main-Class", HttpProgram.class.getName(),
            "Class-Path", ALL_JAR.toUri().toString(),
            "Launcher-Agent-Class", RingAgent.class.getName()),
        HttpProgram.class,
        Report.class);

    assertThat(java("-jar", self.toString()))
        .isEqualTo(success("HYBRID: 1 over rings, 0 to the kernel"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          =mod=ring  | Unknown property nioring.mod, known are nioring.mode, nioring.routes,
          =mode=rng  | Property nioring.mode=rng is not valid: unknown mode "rng", expected one of
          =ring      | expected key=value with commas between, found "ring"
          """)
  void wrongArgumentsEndTheJvmWithTheReason(String arguments, String reason) throws Exception {
    assertRefused(java(agent(arguments), "-jar", program.toString()), reason);
  }

  @Test
  void argumentThatContradictsAPropertyIsRefused() throws Exception {
    assertRefused(
        java("-Dnioring.mode=kernel", agent("=mode=ring"), "-jar", program.toString()),
        "the agent is to set nioring.mode=ring, but the JVM was started with kernel");
  }

  @Test
  void otherProviderThatTheUserNamedIsNotReplaced() throws Exception {
    assertRefused(
        java(
            "-Djava.nio.channels.spi.SelectorProvider=org.example.Other",
            agent(""),
            "-jar",
            program.toString()),
        "the agent is to set java.nio.channels.spi.SelectorProvider=");
  }

  @Test
  void agentThatComesTooLateSaysSo() throws Exception {
    Path early = directory.resolve("early.jar");
    ProgramJar.write(early, Map.of("Premain-Class", EarlyAgent.class.getName()), EarlyAgent.class);

    assertRefused(
        java("-javaagent:" + early, agent(""), "-jar", program.toString()),
        "the JVM uses sun.nio.ch.");
  }

  /** With the jar on the class path the JVM found nioring by itself, which does nothing then. */
  @Test
  void agentThatComesTooLateForItsSettingsSaysSo() throws Exception {
    Path early = directory.resolve("early.jar");
    ProgramJar.write(early, Map.of("Premain-Class", EarlyAgent.class.getName()), EarlyAgent.class);
    String classPath = ALL_JAR + System.getProperty("path.separator") + program;

    assertRefused(
        java(
            "-javaagent:" + early,
            agent("=mode=ring"),
            "-cp",
            classPath,
            HttpProgram.class.getName()),
        "the JVM uses nioring with ");
  }

  // -- the command line

  @Test
  void jarIsACommandLine() throws Exception {
    Outcome outcome = java("-jar", ALL_JAR.toString(), "--help");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).anyMatch(line -> line.startsWith("Usage: nioring "));
    assertThat(java("-jar", ALL_JAR.toString(), "--version").output())
        .singleElement()
        .asString()
        .matches("nioring \\d.*");
  }

  @Test
  void runStartsAProgramOnRings() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    assertThat(
            java(
                "-jar",
                ALL_JAR.toString(),
                "run",
                "-m",
                "ring",
                "--",
                java,
                "-jar",
                program.toString()))
        .isEqualTo(success("RING: 1 over rings, 0 to the kernel"));
    assertThat(java("-jar", ALL_JAR.toString(), "run", "--", java, "-jar", "/no/such.jar").status())
        .isEqualTo(1);
  }

  /** Starts a program that has a connection; the jar is on its class path too. */
  private Process startConnected(String flag) throws IOException {
    Path connected = directory.resolve("connected.jar");
    ProgramJar.write(connected, Map.of(), ConnectedProgram.class);
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            flag,
            "-cp",
            ALL_JAR + System.getProperty("path.separator") + connected,
            ConnectedProgram.class.getName())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aNetworkThatIsNotRegisteredIsSeenByTheAgent() throws Exception {
    Process seen = startConnected(PROVIDER_FLAG);
    try {
      assertThat(seen.inputReader(UTF_8).readLine()).isEqualTo("ready");
      String pid = Long.toString(seen.pid());
      String jar = ALL_JAR.toString();

      assertThat(java("-jar", jar, "stats", pid).errors()).anyMatch(line -> line.contains("JMX"));
      assertThat(java("-jar", jar, "stats", pid, "--load-agent", "--json").output())
          .singleElement()
          .asString()
          .contains("\"ringConnections\":1,");
    } finally {
      seen.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void theOneNetworkOfAnAgentIsSeen(String mode) throws Exception {
    Process seen = startConnected(agent("=jmx=true,mode=" + mode));
    try {
      assertThat(seen.inputReader(UTF_8).readLine()).isEqualTo("ready");
      String pid = Long.toString(seen.pid());

      assertThat(java("-jar", ALL_JAR.toString(), "ps", "--json").output())
          .filteredOn(line -> line.contains("\"pid\":" + pid + ","))
          .singleElement()
          .asString()
          .contains("\"net\":\"jvm\"", "\"ringConnections\":1,");
    } finally {
      seen.destroyForcibly();
    }
  }

  @Test
  void runGivesItsFlagsToOtherCommandsByTheEnvironment() throws Exception {
    assertThat(
            java(
                    "-jar",
                    ALL_JAR.toString(),
                    "run",
                    "--show",
                    "-r",
                    "tcp:*:443=kernel; unix:/run/*=hybrid",
                    "--",
                    "start.sh",
                    "-x")
                .output())
        .containsExactly(
            "JDK_JAVA_OPTIONS=-javaagent:"
                + ALL_JAR
                + " \"-Dnioring.routes=tcp:*:443=kernel; unix:/run/*=hybrid\"",
            "start.sh",
            "-x");
  }

  @Test
  void runShowsItsCommandAsJson() throws Exception {
    String flag = "-javaagent:" + ALL_JAR;

    JsonObject ofJava = shownByRun("--capture", "a \"b\".pcapng", "--", "java", "-jar", "x.jar");
    assertThat(ofJava.get("command").getAsJsonArray())
        .extracting(JsonElement::getAsString)
        .containsExactly("java", flag, "-Dnioring.capture=a \"b\".pcapng", "-jar", "x.jar");
    assertThat(ofJava.get("options").isJsonNull()).isTrue();

    JsonObject ofScript = shownByRun("-m", "ring", "--", "start.sh", "-x");
    assertThat(ofScript.get("command").getAsJsonArray())
        .extracting(JsonElement::getAsString)
        .containsExactly("start.sh", "-x");
    assertThat(ofScript.get("options").getAsString()).isEqualTo(flag + " -Dnioring.mode=ring");
  }

  /** The one line of JSON that {@code run --show --json} prints, read strictly. */
  private JsonObject shownByRun(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("-jar", ALL_JAR.toString(), "run", "--show", "--json"));
    command.addAll(List.of(arguments));
    Outcome outcome = java(command.toArray(String[]::new));
    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).hasSize(1);
    return new GsonBuilder()
        .setStrictness(Strictness.STRICT)
        .create()
        .fromJson(outcome.output().get(0), JsonObject.class);
  }

  // -- the jar

  @Test
  void jarOnTheClassPathNeedsNoOther() throws Exception {
    String classPath = ALL_JAR + System.getProperty("path.separator") + program;

    assertThat(java(PROVIDER_FLAG, "-cp", classPath, HttpProgram.class.getName()))
        .isEqualTo(success("HYBRID: 1 over rings, 0 to the kernel"));
  }

  @Test
  void jarIsAModuleOfTheSameNameAndProvides() {
    ModuleDescriptor module =
        ModuleFinder.of(ALL_JAR).find("io.nioring").orElseThrow().descriptor();

    assertThat(module.isAutomatic()).isTrue();
    assertThat(module.provides())
        .extracting(ModuleDescriptor.Provides::service, ModuleDescriptor.Provides::providers)
        .containsExactlyInAnyOrder(
            tuple(
                "java.nio.channels.spi.SelectorProvider",
                List.of(RingSelectorProvider.class.getName())),
            tuple(
                "io.nioring.internal.network.Insight",
                List.of("io.nioring.observe.InsightProvider")),
            tuple(
                "org.junit.platform.launcher.LauncherSessionListener",
                List.of("io.nioring.junit.RingLauncherSessionListener")));
  }

  @Test
  void jarHasNoClassOutsideItsOwnPackages() throws IOException {
    try (JarFile jar = new JarFile(ALL_JAR.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")))
          .isNotEmpty()
          .allMatch(name -> name.startsWith("io/nioring/"));
      assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.contains("/services/")))
          .containsExactlyInAnyOrder(
              "META-INF/services/",
              "META-INF/services/io.nioring.internal.network.Insight",
              "META-INF/services/java.nio.channels.spi.SelectorProvider",
              "META-INF/services/org.junit.platform.launcher.LauncherSessionListener");
    }
  }

  @Test
  void jarHasTheLicencesOfWhatIsInIt() throws IOException {
    assertThat(text("META-INF/LICENSE")).contains("Apache License");
    assertThat(text("META-INF/licenses/netty/LICENSE.txt")).contains("Apache License");
    assertThat(text("META-INF/licenses/netty/NOTICE.txt")).contains("The Netty Project");
  }

  @Test
  void nativeImageMetadataNamesTheClassesAsTheyAreHere() throws IOException {
    String folder = "META-INF/native-image/io.nioring/";

    assertThat(text(folder + "nioring/reflect-config.json"))
        .contains(RingSelectorProvider.class.getName());
    for (String module : List.of("netty-common", "netty-buffer")) {
      for (String file : List.of("reflect-config.json", "native-image.properties")) {
        String text = text(folder + module + "/" + file);
        assertThat(text.replace("io.nioring.shaded.io.netty.", "")).doesNotContain("io.netty.");
      }
    }
  }

  private static String text(String entry) throws IOException {
    try (JarFile jar = new JarFile(ALL_JAR.toFile())) {
      assertThat(jar.getEntry(entry)).as(entry).isNotNull();
      try (InputStream in = jar.getInputStream(jar.getEntry(entry))) {
        return new String(in.readAllBytes(), UTF_8);
      }
    }
  }

  // -- other JVMs

  /** What a JVM printed, and how it ended. */
  private record Outcome(int status, List<String> output, List<String> errors) {}

  private static Outcome success(String report) {
    return new Outcome(0, List.of("hello", report), List.of());
  }

  private static void assertRefused(Outcome outcome, String reason) {
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output()).isEmpty();
    assertThat(outcome.errors()).singleElement().asString().startsWith("nioring: " + reason);
  }

  private static String agent(String arguments) {
    return "-javaagent:" + ALL_JAR + arguments;
  }

  private Outcome java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    // With these set a JVM says that it picked them up.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(process.exitValue(), Files.readAllLines(output), Files.readAllLines(errors));
  }
}
