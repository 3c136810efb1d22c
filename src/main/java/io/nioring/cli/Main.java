package io.nioring.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of nioring. */
@Command(
    name = "nioring",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Starts programs on rings, and shows the connections of those that run.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  nioring run -m hybrid --jmx -- java -jar app.jar",
      "  nioring ps",
      "  nioring ss 4711 -tie state established dport = :5432",
      "  nioring capture 4711 -w db.pcapng -f 'port 5432'",
      "",
      "'nioring' stands for 'java -jar nioring-all.jar'. Programs show their connections if they"
          + " were started with -Dnioring.jmx=true ('run --jmx'), or with --load-agent.",
      "Exit status: 0; 1 if something was not found or refused; 2 for wrong usage."
    },
    subcommands = {
      RunCommand.class,
      PsCommand.class,
      SsCommand.class,
      StatsCommand.class,
      WatchCommand.class,
      CaptureCommand.class,
      ExtcapCommand.class,
      FaultsCommand.class,
      KillCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      AutoComplete.GenerateCompletion.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  /** What picocli's verb {@code help} says of a word that is not a verb. */
  private static final Pattern UNKNOWN_OF_HELP = Pattern.compile("Unknown subcommand '(.*)'\\.?");

  @Spec private CommandSpec spec;

  private Main() {}

  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"nioring " + (version == null ? "(not packed)" : version)};
    }
  }

  /**
   * Runs a verb and ends the JVM.
   *
   * @param args the verb and its arguments
   */
  public static void main(String[] args) {
    System.exit(run(writer(System.out), writer(System.err), args));
  }

  /** A writer in the default encoding. */
  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, Charset.defaultCharset());
  }

  /** Runs a verb; returns the exit status. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return commandLine(out, err).execute(args);
  }

  /** All verbs. */
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    CommandLine all = new CommandLine(new Main());
    // The words after the program are its own, as for env(1).
    all.getSubcommands().get("run").setStopAtPositional(true);
    return all.setOut(out)
        .setErr(err)
        .setUsageHelpAutoWidth(true)
        .setOverwrittenOptionsAllowed(true) // -ie is -i twice
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::misused)
        .setExecutionExceptionHandler(Main::failed);
  }

  private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (failure instanceof UsageFailure) {
      return misused(new ParameterException(command, failure.getMessage(), failure), new String[0]);
    } else if (!(failure instanceof CommandFailure)) {
      throw failure;
    }
    command.getErr().println("nioring: " + failure.getMessage());
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Prints what is wrong with the arguments, and in few lines how to learn more. */
  private static int misused(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("nioring: " + explain(failure, command));
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.print(command.getHelp().fullSynopsis());
    String name = command.getCommandSpec().qualifiedName();
    err.println("'" + name + " --help' explains it.");
    return CommandLine.ExitCode.USAGE;
  }

  private static String explain(ParameterException failure, CommandLine command) {
    String word = unknownVerb(failure, command);
    return word == null
        ? failure.getMessage()
        : "'"
            + word
            + "' is not a verb, known are "
            + String.join(", ", command.getSubcommands().keySet());
  }

  /** The word that stands where a verb is expected and is none; null if something else is wrong. */
  private static String unknownVerb(ParameterException failure, CommandLine command) {
    if (command.getParent() != null) {
      return null;
    }
    if (failure instanceof CommandLine.UnmatchedArgumentException unmatched) {
      return unmatched.isUnknownOption() ? null : unmatched.getUnmatched().get(0);
    }
    Matcher help = UNKNOWN_OF_HELP.matcher(failure.getMessage());
    return help.matches() ? help.group(1) : null;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Missing a verb, known are " + String.join(", ", spec.subcommands().keySet()));
  }
}
