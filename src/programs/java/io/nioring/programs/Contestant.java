package io.nioring.programs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A virtual machine that runs a program over one kind of sockets, and waits while others run. */
final class Contestant implements AutoCloseable {
  private static final long END_SECONDS = 20;

  private final String description;
  private final Process machine;
  private final PrintStream orders;
  private final BufferedReader answers;

  private Contestant(String description, Process machine) {
    this.description = description;
    this.machine = machine;
    orders = new PrintStream(machine.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(machine.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts the machine; the program in it is ready when it answers its first order. */
  static Contestant start(Programs program, Wire wire) throws IOException {
    Process machine =
        new ProcessBuilder(command(wire, ProgramMachine.class, program.text()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new Contestant(program.text() + " on " + wire.text(), machine);
  }

  /** Runs a main class over one kind of sockets to its end, with this machine's output. */
  static void inheritingIo(Wire wire, Class<?> main, String argument)
      throws IOException, InterruptedException {
    int code = new ProcessBuilder(command(wire, main, argument)).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException(main.getName() + " " + argument + " ended with code " + code);
    }
  }

  /** Runs a main class over one kind of sockets to its end, and gives what it printed. */
  static List<String> linesOf(Wire wire, Class<?> main) throws IOException, InterruptedException {
    Process machine =
        new ProcessBuilder(command(wire, main))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(machine.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> all = lines.lines().toList();
      machine.waitFor();
      return all;
    }
  }

  private static List<String> command(Wire wire, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // With 512 MiB or less the threads of Netty 4.2 share what its default allocator has.
    command.add("-Xmx768m");
    // Without it the JDK's HTTP server waits 40 ms for acknowledgements on kernel sockets.
    command.add("-Dsun.net.httpserver.nodelay=true");
    // On two processors CompletableFuture would start a thread for each of the client's responses.
    command.add("-Djava.util.concurrent.ForkJoinPool.common.parallelism=2");
    command.add("-D" + Wire.PROPERTY + "=" + wire.text());
    command.addAll(wire.flags());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs the program for so long. */
  Slice runSeconds(double seconds) throws IOException {
    return order("nanos " + Math.round(seconds * 1e9));
  }

  /** Runs so many operations of the program. */
  Slice runOperations(long operations) throws IOException {
    return order("operations " + operations);
  }

  private Slice order(String order) throws IOException {
    orders.println(order);
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(ProgramMachine.ANSWER)) {
        return Slice.parse(line.substring(ProgramMachine.ANSWER.length()));
      }
    }
    throw new IOException(description + " ended without an answer to: " + order);
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (!machine.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        machine.destroyForcibly();
      }
    } catch (InterruptedException e) {
      machine.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    answers.close();
  }
}
