package io.nioring.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Adds, lists and clears faults of a simulated network. */
@Command(
    name = "faults",
    mixinStandardHelpOptions = true,
    description = "Breaks the connections of a program on purpose.",
    footer = {
      "%nThe program must have been started with -Dnioring.faults=… ('run --faults'), which may be"
          + " empty. Faults are written as the property has them:",
      "  nioring faults add 4711 'tcp:10.0.0.7:5432: latency 20ms+-5ms, resetAfterBytes 4096'",
      "  nioring faults list 4711",
      "  nioring faults clear 4711"
    },
    subcommands = {FaultsCommand.Add.class, FaultsCommand.Lists.class, FaultsCommand.Clear.class})
final class FaultsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing one of add, list, clear");
  }

  /** Adds faults. */
  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Adds faults.",
      footer = "%n--json: fault.")
  static final class Add implements Callable<Integer> {
    @Mixin private Target target;
    @Mixin private Output output;

    @Parameters(index = "1", paramLabel = "FAULTS", description = "As nioring.faults has them.")
    private String text;

    @Override
    public Integer call() {
      try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
        Object added = target.network(jvm).call("addFaults", text, String.class);
        for (Object each : (Object[]) added) {
          output.print(Map.of("fault", each), "fault " + each);
        }
      }
      return 0;
    }
  }

  /** As a network says itself that is to have a fault. */
  private static void ensureSimulated(NetworkBean network) {
    if (!network.is("Simulated")) {
      throw new CommandFailure(
          "the network is not simulated: start its JVM with -Dnioring.faults=, which may be empty");
    }
  }

  /** Lists faults. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the faults, each with its number and how often it has fired.",
      footer = "%n--json: fault, text, fired (how often).")
  static final class Lists implements Callable<Integer> {
    private static final Pattern LINE = Pattern.compile("(\\d+) (.*) \\(fired (\\d+) times?\\)");

    @Mixin private Target target;
    @Mixin private Output output;

    @Override
    public Integer call() {
      try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
        NetworkBean network = target.network(jvm);
        ensureSimulated(network);
        for (String each : network.lines("Faults")) {
          output.print(asMap(each), each);
        }
      }
      return 0;
    }

    private static Map<String, Object> asMap(String line) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new CommandFailure("cannot read the fault '" + line + "' of another version");
      }
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("fault", Long.parseLong(parts.group(1)));
      row.put("text", parts.group(2));
      row.put("fired", Long.parseLong(parts.group(3)));
      return row;
    }
  }

  /** Clears faults. */
  @Command(
      name = "clear",
      mixinStandardHelpOptions = true,
      description = "Removes faults, all if none is named.",
      footer = "%n--json: cleared (how many).")
  static final class Clear implements Callable<Integer> {
    @Mixin private Target target;
    @Mixin private Output output;

    @Parameters(index = "1..*", paramLabel = "FAULT", description = "The numbers of faults.")
    private List<String> faults = new ArrayList<>(); // words: picocli ends a list at another one

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      List<Long> numbers = faults.stream().map(this::number).toList();
      try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
        NetworkBean network = target.network(jvm);
        ensureSimulated(network);
        int cleared = numbers.isEmpty() ? (int) network.call("clearFaults") : numbers.size();
        for (long each : numbers) {
          if (!(boolean) network.call("removeFault", each, long.class)) {
            throw new CommandFailure("there is no fault " + each);
          }
        }
        output.print(
            Map.of("cleared", cleared),
            cleared + (cleared == 1 ? " fault was cleared" : " faults were cleared"));
      }
      return 0;
    }

    private long number(String word) {
      try {
        return Units.number(word);
      } catch (TypeConversionException e) {
        throw new ParameterException(
            spec.commandLine(),
            e.getMessage() + " of a fault; 'nioring faults list' shows them",
            e);
      }
    }
  }
}
