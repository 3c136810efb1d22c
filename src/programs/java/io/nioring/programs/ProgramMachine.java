package io.nioring.programs;

import io.nioring.RingSelectorProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;

/**
 * Runs one program in this virtual machine as it is told by lines on standard input: {@code
 * ProgramMachine <program>}. {@code nanos N} and {@code operations N} run it, and are answered by a
 * {@link Slice}; the end of the input ends the machine.
 */
final class ProgramMachine {
  /** What a line of an answer begins with; programs print lines of their own. */
  static final String ANSWER = "slice ";

  private static final double MEDIAN = 50;
  private static final double RARE = 99;

  private ProgramMachine() {}

  /**
   * Runs a program.
   *
   * @param args the program's name
   * @throws Exception if it fails
   */
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    if (SelectorProvider.provider() instanceof RingSelectorProvider rings) {
      rings.network().installSockets();
    }
    try (Program.Session session = Programs.named(args[0]).program().open();
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        answers.println(ANSWER + run(session, order).toLine());
      }
    }
    // Libraries leave threads behind that would keep the machine alive.
    System.exit(0);
  }

  private static Slice run(Program.Session session, String order) throws Exception {
    int space = order.indexOf(' ');
    long amount = Long.parseLong(order.substring(space + 1));
    return switch (order.substring(0, space)) {
      case "nanos" -> run(session, Budget.ofNanos(amount));
      case "operations" -> run(session, Budget.ofOperations(amount));
      default -> throw new IOException("unknown order: " + order);
    };
  }

  /** Runs a program for this budget. */
  static Slice run(Program.Session session, Budget budget) throws Exception {
    ProcessorTime before = ProcessorTime.now();
    long start = System.nanoTime();
    session.run(budget);
    double seconds = (System.nanoTime() - start) / 1e9;
    ProcessorTime after = ProcessorTime.now();
    double compiler = after.compilerSeconds() - before.compilerSeconds();
    return new Slice(
        budget.operations(),
        seconds,
        after.allSeconds() - before.allSeconds() - compiler,
        compiler,
        budget.percentileNanos(MEDIAN),
        budget.percentileNanos(RARE));
  }
}
