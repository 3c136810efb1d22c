package io.nioring.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Captures packets of a network. */
@Command(
    name = "capture",
    mixinStandardHelpOptions = true,
    description = "Captures the packets of a network into a pcapng file; ^C ends it.",
    footer = {
      "%n  nioring capture 4711 -w db.pcapng -f 'port 5432' --files 10 --file-size 50m",
      "  nioring capture 4711 -w - | tshark -r - -Y http",
      "The program writes the file itself, or with '-' a temporary one that is copied.",
      "A filter is written as for ss: see 'nioring ss --help'.",
      "--host shows what a host of a simulation sees: what arrives when it arrives.",
      "--json, at the end: file, network, packets, dropped; with '-' on the standard error."
    })
final class CaptureCommand implements Callable<Integer> {
  private static final long STATUS_NANOS = 1_000_000_000;
  private static final String FAILED = ", failed: ";

  /** What the other JVM says of a capture: where it goes, its figures, how it has ended. */
  private static final Pattern SUMMARY =
      Pattern.compile("Capture\\[(.*), packets=(\\d+), dropped=(\\d+)(?:, ended)?(.*)\\]");

  private static final Pattern FIGURE = Pattern.compile("\\b(packets|dropped)=(\\d+)");

  @Spec private CommandSpec spec;
  @Mixin private Target target;
  @Mixin private Output output;

  @Option(
      names = {"-w", "--write"},
      required = true,
      paramLabel = "FILE",
      description = "The file, or - for the standard output.")
  private String file;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "FILTER",
      description = "A filter, as for ss: port 5432")
  private String filter;

  @Option(names = "--files", paramLabel = "COUNT", description = "Keeps the last COUNT files.")
  private Integer files;

  @Option(names = "--file-size", paramLabel = "SIZE", description = "Begins a new file at SIZE.")
  private String fileSize;

  @Option(
      names = "--file-duration",
      paramLabel = "TIME",
      converter = Units.TimeConverter.class,
      description = "Begins a new file after a time, in whole seconds.")
  private Duration fileDuration;

  @Option(
      names = "--snaplen",
      paramLabel = "BYTES",
      description = "The most bytes kept of a packet.")
  private String snaplen;

  @Option(
      names = "--queue",
      paramLabel = "SIZE",
      description = {
        "The direct memory of the program for what waits to be written; 16m by default.",
        "What does not fit is dropped and counted."
      })
  private String queue;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description = "Captures as a host of a simulated network sees it.")
  private String host;

  @Option(
      names = "--keylog",
      paramLabel = "FILE",
      description = "Embeds a TLS key log file (SSLKEYLOGFILE).")
  private Path keyLog;

  @Option(names = "--pipes", description = "Captures pipes and socket pairs too.")
  private boolean pipes;

  @Option(
      names = {"-v", "--verbose"},
      description = "Prints its progress every second.")
  private boolean verbose;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "TIME",
      converter = Units.TimeConverter.class,
      description = "Ends after a time, such as 30s.")
  private Duration duration;

  @Option(names = "--copy-to", paramLabel = "FILE", hidden = true)
  private Path copyTo;

  @Override
  public Integer call() throws InterruptedException {
    checkFiles();
    if (!file.equals("-")) {
      return capture(Path.of(file).toAbsolutePath(), null);
    }
    try (OutputStream copied =
        copyTo == null ? new FileOutputStream(FileDescriptor.out) : Files.newOutputStream(copyTo)) {
      Path directory = Files.createTempDirectory("nioring-capture");
      Path temporary = directory.resolve("capture.pcapng");
      try {
        return capture(temporary, copied);
      } finally {
        remove(temporary);
      }
    } catch (IOException e) {
      throw new CommandFailure("cannot pass the packets on: " + e.getMessage(), e);
    }
  }

  /** Checks what the other JVM would name by the words of its property. */
  private void checkFiles() {
    if (files != null && fileSize == null && fileDuration == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--files needs --file-size or --file-duration: without them the first file never ends");
    }
    if (fileDuration != null && fileDuration.toMillisPart() != 0) {
      throw new ParameterException(spec.commandLine(), "--file-duration has whole seconds only");
    }
  }

  /** Removes a temporary file with its directory; further calls have no effect. */
  private static void remove(Path temporary) throws IOException {
    Files.deleteIfExists(temporary);
    Files.deleteIfExists(temporary.getParent());
  }

  private int capture(Path path, OutputStream copyTo) throws InterruptedException {
    String words = withoutComma(path) + options();
    PrintWriter err = spec.commandLine().getErr();
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      checkHost(network);
      long number = start(network, words);
      err.println("capturing from " + target.pid + " (network " + network.name() + "); ^C ends it");
      RunningCapture running = new RunningCapture(target.pid, network, number, path, copyTo);
      Thread stop = new Thread(running::stop);
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        running.await(duration, status -> tellStatus(err, status));
      } finally {
        running.stop();
        removeHook(stop);
      }
      tell(network, running.stop(), running.gone());
      return running.hasFailed() ? 1 : 0;
    }
  }

  /** A capture at a host that there is not would be an empty one. */
  private void checkHost(NetworkBean network) {
    if (host == null) {
      return;
    }
    List<String> hosts =
        network.lines("Hosts").stream().map(line -> line.replaceFirst("\\[.*", "")).toList();
    if (!hosts.isEmpty() && !hosts.contains(host)) { // without any it is refused anyway
      throw new CommandFailure(
          "network "
              + network.name()
              + " has no host '"
              + host
              + "', it has "
              + String.join(", ", hosts));
    }
  }

  private long start(NetworkBean network, String words) {
    try {
      return (long) network.call("startCapture", words, String.class);
    } catch (UsageFailure e) {
      throw e;
    } catch (CommandFailure e) {
      throw new CommandFailure(optionOf(e.getMessage()) + ": " + e.getMessage(), e);
    }
  }

  /** The option whose value cannot be used. */
  private String optionOf(String refusal) {
    if (refusal.contains("no direct memory for a queue")) {
      return "--queue";
    }
    return keyLog != null && refusal.startsWith(keyLog.toAbsolutePath() + ": ") ? "--keylog" : "-w";
  }

  private void tellStatus(PrintWriter err, String status) {
    if (verbose) {
      err.println(inWords(status));
    }
  }

  /** A summary as a sentence; what is none stays as it is. */
  private String inWords(String summary) {
    Matcher parts = SUMMARY.matcher(summary);
    return parts.matches()
        ? Units.counted(Long.parseLong(parts.group(2)), "packet")
            + " to "
            + (file.equals("-") ? "the standard output" : parts.group(1))
            + ", "
            + parts.group(3)
            + " dropped"
            + parts.group(4)
        : summary;
  }

  /**
   * Prints the summary of the capture, which has the figures as {@code name=number}: with what is
   * gone those of a moment before.
   */
  private void tell(NetworkBean network, String summary, String gone) {
    PrintWriter err = spec.commandLine().getErr();
    if (!gone.isEmpty()) {
      err.println(gone);
    }
    if (!output.isJson()) {
      err.print(summary.isEmpty() ? "" : inWords(summary) + System.lineSeparator());
      err.flush();
      return;
    }
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("file", file);
    told.put("network", network.name());
    Matcher figures = FIGURE.matcher(summary);
    while (figures.find()) {
      told.put(figures.group(1), Long.parseLong(figures.group(2)));
    }
    PrintWriter to = file.equals("-") ? err : output.writer();
    to.println(Json.of(told));
    to.flush();
  }

  private static void removeHook(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // It runs.
    }
  }

  private String options() {
    return (filter == null || filter.isBlank() ? "" : "," + inParentheses(filter))
        + (files == null ? "" : ",files=" + files)
        + (fileSize == null ? "" : ",file-size=" + fileSize)
        + (fileDuration == null ? "" : ",file-seconds=" + fileDuration.toSeconds())
        + (snaplen == null ? "" : ",snaplen=" + snaplen)
        + (queue == null ? "" : ",queue=" + queue)
        + (host == null ? "" : ",host=" + host)
        + (keyLog == null ? "" : ",keylog=" + withoutComma(keyLog.toAbsolutePath()))
        + (pipes ? ",pipes" : "");
  }

  private Path withoutComma(Path path) {
    if (path.toString().indexOf(',') >= 0) {
      throw new ParameterException(
          spec.commandLine(), "the name of a file must not have a comma: " + path);
    }
    return path;
  }

  /** The filter as one word of {@code startCapture}, where a comma would end it; it means "and". */
  private static String inParentheses(String filter) {
    return "( " + filter.replace(",", " and ") + " )";
  }

  /** A capture that runs in the other JVM. Thread-safe, since a signal may end it. */
  private static final class RunningCapture {
    private final String pid;
    private final NetworkBean network;
    private final long number;
    private final Path path;
    private final OutputStream copyTo;
    private final CountDownLatch ended = new CountDownLatch(1);
    private long copied;

    /** What was last told of it while it ran; empty if nothing was. */
    private String lastStatus = "";

    private String summary;
    private CommandFailure copyFailure;

    /** How its network or program has ended, of which nothing more can be told; else empty. */
    private String gone = "";

    RunningCapture(String pid, NetworkBean network, long number, Path path, OutputStream copyTo) {
      this.pid = pid;
      this.network = network;
      this.number = number;
      this.path = path;
      this.copyTo = copyTo;
    }

    void await(Duration time, Consumer<String> status) throws InterruptedException {
      long begin = System.nanoTime();
      long most = time == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(time);
      long left = most;
      while (!ended.await(Math.min(left, STATUS_NANOS), TimeUnit.NANOSECONDS)) {
        copy();
        left = most - (System.nanoTime() - begin);
        Optional<String> running = running();
        running.ifPresent(this::note);
        running.ifPresent(status);
        if (left <= 0 || copyFailure() != null || running.isEmpty()) {
          return;
        }
      }
    }

    private synchronized void note(String status) {
      lastStatus = status;
    }

    /** Its summary so far; empty if it has failed or the program has ended. */
    private Optional<String> running() {
      try {
        String own = number + " ";
        return network.lines("Captures").stream()
            .filter(line -> line.startsWith(own) && !line.contains(FAILED))
            .map(line -> line.substring(own.length()))
            .findFirst();
      } catch (CommandFailure e) {
        return Optional.empty();
      }
    }

    private synchronized void copy() {
      if (copyTo == null || copyFailure != null) {
        return;
      }
      try (var in = Files.newInputStream(path)) {
        in.skipNBytes(copied);
        copied += in.transferTo(copyTo);
        copyTo.flush();
      } catch (IOException e) {
        copyFailure = new CommandFailure("cannot pass the packets on: " + e.getMessage(), e);
      }
    }

    private synchronized CommandFailure copyFailure() {
      return copyFailure;
    }

    /** Ends it, once, and returns its summary. */
    synchronized String stop() {
      if (summary == null) {
        try {
          Object told = Answers.of(pid, () -> network.call("stopCapture", number, long.class));
          summary = told.toString();
        } catch (CommandFailure e) {
          summary = lastStatus;
          gone = "the capture ended: " + e.getMessage();
        }
        finishCopy();
        ended.countDown();
      }
      return summary;
    }

    /** Called when it has ended. */
    synchronized String gone() {
      return gone;
    }

    /** Copies what was written until the end, however that came. */
    private void finishCopy() {
      copy();
      if (copyTo != null) {
        try {
          remove(path); // here too, since a signal may end this JVM right behind
        } catch (IOException e) {
          // It stays in the directory for temporary files.
        }
      }
    }

    /**
     * Returns whether it has failed; called when it has ended.
     *
     * @throws CommandFailure if its packets could not be passed on
     */
    synchronized boolean hasFailed() {
      if (copyFailure != null) {
        throw copyFailure;
      }
      return summary.contains(FAILED);
    }
  }
}
