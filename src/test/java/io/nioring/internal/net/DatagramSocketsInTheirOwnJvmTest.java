package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plain datagram sockets over the factory, which a JVM takes once. */
class DatagramSocketsInTheirOwnJvmTest {
  @TempDir Path directory;

  @Test
  @Timeout(180)
  void plainSocketsAreTheNetworks() throws Exception {
    assertThat(run()).last().isEqualTo("OK");
  }

  @Test
  @Timeout(180)
  void withJavaNetOpenedLengthsAreSetExactly() throws Exception {
    assertThat(run("--add-opens", "java.base/java.net=ALL-UNNAMED")).last().isEqualTo("OK");
  }

  private List<String> run(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), DatagramSocketsProgram.class.getName()));
    Path output = Files.createTempFile(directory, "output", null);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(output);
  }
}
