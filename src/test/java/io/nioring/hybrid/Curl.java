package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The program of that name, which knows nothing of Java. */
final class Curl {
  private static final long WAIT_SECONDS = 60;

  private final Path program;
  private final Path directory;

  private Curl(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * Looks for it on this machine.
   *
   * @param directory where bodies are kept
   */
  static Optional<Curl> find(Path directory) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "curl"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Curl(program, directory));
  }

  /** Sends a body and asserts that it comes back. */
  void echo(String url, int number, String... options) throws IOException, InterruptedException {
    byte[] body = Load.body("curl", 0, number);
    Path sent = Files.write(directory.resolve("sent"), body);
    Path received = directory.resolve("received");
    Path errors = directory.resolve("curl-errors");
    List<String> command =
        new ArrayList<>(
            List.of(program.toString(), "-sS", "--fail", "--noproxy", "*", "--max-time", "30"));
    command.addAll(List.of("-H", "Place: curl", "-H", "Checksum: " + Served.checksum(body)));
    command.addAll(List.of("--data-binary", "@" + sent, "-o", received.toString()));
    command.addAll(List.of(options));
    command.add(url);
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try {
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(errors)).isEmpty();
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readAllBytes(received)).isEqualTo(body);
  }
}
