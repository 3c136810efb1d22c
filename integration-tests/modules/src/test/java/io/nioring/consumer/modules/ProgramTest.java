package io.nioring.consumer.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The program does its work, and the JVM has nothing to say about it. */
class ProgramTest {
  private static final String CLASSES = System.getProperty("program.classes");
  private static final String DEPENDENCIES = System.getProperty("program.dependencies");
  private static final String FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider";

  @TempDir Path directory;

  /** How a JVM is told where the program is. */
  enum From {
    CLASS_PATH("class path"),
    MODULE_PATH("module path");

    final String told;

    From(String told) {
      this.told = told;
    }

    List<String> arguments() {
      String path = CLASSES + File.pathSeparator + DEPENDENCIES;
      return this == CLASS_PATH
          ? List.of("-cp", path, "io.nioring.consumer.modules.Program")
          : List.of(
              "-p", path, "-m", "io.nioring.consumer.modules/io.nioring.consumer.modules.Program");
    }
  }

  @ParameterizedTest
  @EnumSource
  void modeRing(From from) throws Exception {
    assertEquals(carried("RING", from), run(from, FLAG, "-Dnioring.mode=ring"));
  }

  @ParameterizedTest
  @EnumSource
  void modeHybridIsTheFlagsOwn(From from) throws Exception {
    assertEquals(carried("HYBRID", from), run(from, FLAG));
  }

  @ParameterizedTest
  @EnumSource
  void modeKernelIsTheDefaultWithoutTheFlag(From from) throws Exception {
    String output = run(from);
    assertTrue(output.startsWith("KERNEL: 0 ring connections, "), output);
  }

  @ParameterizedTest
  @EnumSource
  void jvmOfEveryCheck(From from) throws Exception {
    List<String> options =
        new ArrayList<>(List.of(FLAG, "-Dnioring.mode=ring", "-ea", "-esa", "-Xcheck:jni"));
    if (Runtime.version().feature() >= 24) {
      options.add("--illegal-native-access=deny");
      options.add("--sun-misc-unsafe-memory-access=deny");
    }
    assertEquals(carried("RING", from), run(from, options.toArray(new String[0])));
  }

  @Test
  void unknownSettingIsRefused() throws Exception {
    Process process = start(From.CLASS_PATH, FLAG, "-Dnioring.mood=ring");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String errors = Files.readString(directory.resolve("stderr"));
    assertEquals(1, process.exitValue());
    assertTrue(errors.contains("nioring.mood"), errors);
    assertTrue(errors.contains("nioring.mode"), errors);
  }

  private static String carried(String mode, From from) {
    return mode
        + ": 2 ring connections, 0 kernel connections, 32000 bytes, "
        + from.told
        + System.lineSeparator();
  }

  /** Runs the program, and gives what it printed. */
  private String run(From from, String... options) throws Exception {
    Process process = start(from, options);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the program did not end");
    assertEquals("", Files.readString(directory.resolve("stderr")));
    assertEquals(0, process.exitValue());
    return Files.readString(directory.resolve("stdout"), StandardCharsets.UTF_8);
  }

  private Process start(From from, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(from.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS"); // its use is announced on standard error
    builder.redirectOutput(directory.resolve("stdout").toFile());
    builder.redirectError(directory.resolve("stderr").toFile());
    return builder.start();
  }
}
