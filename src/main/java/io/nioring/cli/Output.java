package io.nioring.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the results of a verb, as text or as JSON: its option {@code --json}. */
final class Output {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--json", description = "Prints JSON, one object a line.")
  private boolean json;

  /** Whether JSON was asked for. */
  boolean isJson() {
    return json;
  }

  /** The standard output. */
  PrintWriter writer() {
    return spec.commandLine().getOut();
  }

  /** Prints a result in the form that was asked for, on a line of its own. */
  void print(Map<String, ?> object, String text) {
    print(json ? Json.of(object) : text);
  }

  /** Prints a line. */
  void print(String line) {
    writer().println(line);
    writer().flush();
  }
}
