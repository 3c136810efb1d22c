package io.nioring.junit;

import io.nioring.simulation.Simulation;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.AssertionFailedError;

/** Tells what is known of a simulation whose test has failed. */
final class Reports {
  private Reports() {}

  /** How the failure of a run begins. */
  static String seed(SeededRun run) {
    return "Seed " + run.seed() + ": ";
  }

  /**
   * Gives a failure the seed in its message and the report beside it; what was thrown is its cause.
   *
   * @param run null for a test that is run once, whose failure keeps its type and message
   */
  static Throwable explained(
      Throwable failure, ExtensionContext context, Simulation simulation, SeededRun run) {
    Throwable explained = run == null ? failure : seeded(failure, context, run);
    simulation.addReportTo(explained);
    return explained;
  }

  private static Throwable seeded(Throwable failure, ExtensionContext context, SeededRun run) {
    boolean speaks = failure instanceof AssertionError && failure.getMessage() != null;
    String told = speaks ? failure.getMessage() : failure.toString();
    String message = seed(run) + told + System.lineSeparator() + repeatLine(context, run.seed());
    AssertionFailedError seeded =
        failure instanceof AssertionFailedError compared && compared.isExpectedDefined()
            ? new AssertionFailedError(
                message, compared.getExpected(), compared.getActual(), failure)
            : new AssertionFailedError(message, failure);
    seeded.setStackTrace(failure.getStackTrace()); // the program's lines, which tools show
    return seeded;
  }

  /** The failure of a run that has decided otherwise than the other one of its seed. */
  static AssertionError different(String difference, ExtensionContext context, SeededRun run) {
    return new AssertionError(
        seed(run)
            + "two runs have made different decisions: "
            + difference
            + System.lineSeparator()
            + repeatLine(context, run.seed()));
  }

  /** The line that repeats a run. */
  static String repeatLine(ExtensionContext context, long seed) {
    return "Repeat: mvn test -Dtest='"
        + context.getRequiredTestClass().getName()
        + "#"
        + context.getRequiredTestMethod().getName()
        + "' -Dnioring.seed="
        + seed;
  }

  /**
   * Attaches report and trace to the test as files; where JUnit's launcher does not support files,
   * the report is published as an entry. Never fails: the test's own failure counts.
   */
  static void publish(ExtensionContext context, Simulation simulation) {
    String report = simulation.report();
    List<String> trace = simulation.trace().lines();
    try {
      context.publishFile(
          "nioring-report.txt",
          MediaType.TEXT_PLAIN_UTF_8,
          file -> Files.writeString(file, report));
      context.publishFile(
          "nioring-trace.jsonl", MediaType.TEXT_PLAIN_UTF_8, file -> Files.write(file, trace));
    } catch (RuntimeException noFiles) {
      context.publishReportEntry("nioring", report);
    }
  }
}
