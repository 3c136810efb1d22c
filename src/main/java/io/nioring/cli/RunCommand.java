package io.nioring.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Starts a program on rings. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    showEndOfOptionsDelimiterInUsageHelp = true,
    description = "Starts a program with this jar as its agent.",
    footer = {
      "%nA command 'java …' gets the flags itself; for another one they are put into the"
          + " environment variable JDK_JAVA_OPTIONS, which the java launcher reads.",
      "  nioring run -m ring --jmx -- java -jar app.jar",
      "  nioring run --jfr app.jfr --capture app.pcapng -- ./start.sh",
      "The exit status is the program's.",
      "--show --json: command (its words), options (what the environment variable gets)."
    })
final class RunCommand implements Callable<Integer> {
  private static final String OPTIONS_VARIABLE = "JDK_JAVA_OPTIONS";

  @Spec private CommandSpec spec;
  @Mixin private Output output;

  @Option(
      names = {"-m", "--mode"},
      paramLabel = "MODE",
      description = "ring, hybrid or kernel; hybrid by default.")
  private String mode;

  @Option(
      names = {"-r", "--routes"},
      paramLabel = "ROUTES",
      description = "As nioring.routes has them: tcp:*:443=kernel; unix:/run/*=hybrid")
  private String routes;

  @Option(names = "--jmx", description = "Registers the network with JMX, for the other verbs.")
  private boolean jmx;

  @Option(
      names = "--jfr",
      paramLabel = "FILE",
      description = "Records the program with Flight Recorder into a file.")
  private Path jfr;

  @Option(
      names = "--capture",
      paramLabel = "FILE",
      description = "Captures packets into a file, as nioring.capture has it.")
  private String capture;

  @Option(
      names = "--faults",
      paramLabel = "FAULTS",
      description = "Faults, as nioring.faults has them.")
  private String faults;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      converter = Units.NumberConverter.class,
      description = "The faults' seed.")
  private Long seed;

  @Option(names = "--show", description = "Prints the command, a word a line, and does not run it.")
  private boolean show;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The program.")
  private List<String> command;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (mode != null && !mode.toLowerCase(Locale.ROOT).matches("ring|hybrid|kernel")) {
      throw new ParameterException(
          spec.commandLine(), "'" + mode + "' is not a mode, known are ring, hybrid, kernel");
    }
    if (seed != null && faults == null) {
      throw new ParameterException(
          spec.commandLine(), "--seed is that of --faults, which is missing");
    }
    List<String> words = new ArrayList<>(command);
    boolean isJava = Path.of(words.get(0)).getFileName().toString().matches("java(\\.exe)?");
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    List<String> flags = flags();
    if (isJava) {
      words.addAll(1, flags);
    } else {
      builder.environment().merge(OPTIONS_VARIABLE, quoted(flags), (old, ours) -> old + " " + ours);
    }
    if (show) {
      show(words, isJava ? null : builder.environment().get(OPTIONS_VARIABLE));
      return 0;
    }
    return run(builder);
  }

  private void show(List<String> words, String options) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("command", words);
    shown.put("options", options);
    String variable =
        options == null ? "" : OPTIONS_VARIABLE + "=" + options + System.lineSeparator();
    output.print(shown, variable + String.join(System.lineSeparator(), words));
  }

  private static int run(ProcessBuilder builder) throws InterruptedException {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
    Thread stop = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(stop);
    int status = process.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // This program is being ended too.
    }
    return status;
  }

  private List<String> flags() {
    List<String> flags = new ArrayList<>();
    flags.add("-javaagent:" + JvmAttachment.ownJar());
    addSetting(flags, "mode", mode);
    addSetting(flags, "routes", routes);
    addSetting(flags, "jmx", jmx ? "true" : null);
    addSetting(flags, "capture", capture);
    addSetting(flags, "faults", faults);
    addSetting(flags, "seed", seed);
    if (jfr != null) {
      flags.add("-XX:StartFlightRecording=dumponexit=true,filename=" + jfr.toAbsolutePath());
    }
    return flags;
  }

  private static void addSetting(List<String> flags, String key, Object value) {
    if (value != null) {
      flags.add("-Dnioring." + key + "=" + value);
    }
  }

  /** Quotes the flags as the launcher parses the variable. */
  private static String quoted(List<String> flags) {
    List<String> quoted = new ArrayList<>();
    for (String each : flags) {
      quoted.add(
          each.matches("[^\\s'\"]*")
              ? each
              : each.indexOf('"') < 0 ? '"' + each + '"' : single(each));
    }
    return String.join(" ", quoted);
  }

  private static String single(String flag) {
    if (flag.indexOf('\'') >= 0) {
      throw new CommandFailure("an argument may not have quotes of both kinds: " + flag);
    }
    return "'" + flag + "'";
  }
}
