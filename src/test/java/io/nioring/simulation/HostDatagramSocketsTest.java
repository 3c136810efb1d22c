package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code new DatagramSocket()} and its kin belong to hosts, in a JVM that is given to a network.
 */
@Timeout(180)
class HostDatagramSocketsTest {
  @TempDir Path directory;

  @Test
  void plainDatagramSocketsBelongToTheHostOfTheirThread() throws Exception {
    Path output = directory.resolve("output");
    Process program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    HostDatagramSocketsProgram.class.getName()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(program.waitFor(50, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      program.destroyForcibly();
    }
    assertThat(Files.readString(output, UTF_8)).endsWith("OK\n");
  }
}
