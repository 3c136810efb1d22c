package io.nioring.hybrid;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A main class of the tests in a JVM of its own that is talked to by lines. */
final class OtherJvm implements AutoCloseable {
  /** The flag alone, as users give it. */
  static final String FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  private static final long WAIT_SECONDS = 150;

  private final Process process;
  private final Path errors;
  private final Writer in;
  private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
  private final Thread reading = new Thread(this::readLines, "other-jvm-output");

  private OtherJvm(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.in = process.outputWriter(UTF_8);
    reading.setDaemon(true);
    reading.start();
  }

  /** Starts a class with the class path of this JVM. */
  static OtherJvm start(Path directory, Class<?> main, List<String> flags, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add("-XX:TieredStopAtLevel=1"); // it lives for seconds
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile(directory, "errors", null);
    return new OtherJvm(ChildJvm.java(command).redirectError(errors.toFile()).start(), errors);
  }

  private void readLines() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      lines.lines().forEach(out::add);
    } catch (IOException | UncheckedIOException e) {
      out.add("cannot read: " + e);
    }
  }

  /** The next line that it prints. */
  String readLine() throws IOException, InterruptedException {
    String line = out.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError("silent; on standard error: " + Files.readString(errors));
    }
    return line;
  }

  /** Sends it a line. */
  void writeLine(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** Waits for its end, a good one without a warning, and gives the lines that are left. */
  List<String> remainingLines() throws IOException, InterruptedException {
    assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    assertThat(Files.readString(errors)).isEmpty();
    assertThat(process.exitValue()).isZero();
    reading.join(TimeUnit.SECONDS.toMillis(WAIT_SECONDS));
    assertThat(reading.isAlive()).isFalse();
    List<String> lines = new ArrayList<>();
    out.drainTo(lines);
    return lines;
  }

  /** As {@link #remainingLines}, for lines of the form {@code name=number}. */
  Map<String, Long> report() throws IOException, InterruptedException {
    Map<String, Long> report = new HashMap<>();
    for (String line : remainingLines()) {
      int equals = line.indexOf('=');
      report.put(line.substring(0, equals), Long.valueOf(line.substring(equals + 1)));
    }
    return report;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
