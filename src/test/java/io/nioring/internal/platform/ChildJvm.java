package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own, for what depends on flags. */
public final class ChildJvm {

  private static final long WAIT_SECONDS = 60;

  private ChildJvm() {}

  /** The command that runs a class with the class path of this JVM. */
  public static List<String> command(Class<?> main, String... flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }

  /**
   * Runs a class with the class path of this JVM.
   *
   * @param directory where the output may be kept
   * @return all lines that were printed, on standard output and error: warnings are among them
   */
  public static List<String> run(Path directory, Class<?> main, String... flags)
      throws IOException, InterruptedException {
    return run(directory, command(main, flags));
  }

  /** Runs a command that starts a JVM, as above. */
  public static List<String> run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", null);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // With these set a JVM says that it picked them up.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(output);
  }
}
