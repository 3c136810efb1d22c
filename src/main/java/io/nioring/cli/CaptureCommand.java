package io.nioring.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      "--host shows what a host of a simulation sees: what arrives when it arrives.",
      "--json, at the end: file, network, packets, dropped; with '-' on the standard error."
    })
final class CaptureCommand implements Callable<Integer> {
  private static final long STATUS_MILLIS = 1000;
  private static final Pattern FIGURE = Pattern.compile("\\b(packets|dropped)=(\\d+)");

  @Spec private CommandSpec spec;
  @Mixin private Target target;

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
      names = "--snaplen",
      paramLabel = "BYTES",
      description = "The most bytes kept of a packet.")
  private String snaplen;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description = "Captures as a host of a simulated network sees it.")
  private String host;

  @Option(names = "--json", description = "One JSON object, at the end.")
  private boolean json;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "TIME",
      converter = Units.TimeConverter.class,
      description = "Ends after a time, such as 30s.")
  private Duration duration;

  @Option(names = "--copy-to", paramLabel = "FILE", hidden = true)
  private Path copyTo;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!file.equals("-")) {
      capture(Path.of(file).toAbsolutePath(), null);
      return 0;
    }
    Path directory = Files.createTempDirectory("nioring-capture");
    Path temporary = directory.resolve("capture.pcapng");
    try (OutputStream copied = copyTo == null ? null : Files.newOutputStream(copyTo)) {
      capture(temporary, copied == null ? System.out : copied);
    } finally {
      Files.deleteIfExists(temporary);
      Files.deleteIfExists(directory);
    }
    return 0;
  }

  private void capture(Path path, OutputStream copyTo) throws IOException, InterruptedException {
    if (path.toString().indexOf(',') >= 0) {
      throw new CommandFailure("a file name must not contain a comma: " + path);
    }
    PrintWriter err = spec.commandLine().getErr();
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      long number = (long) network.call("startCapture", path + options(), String.class);
      err.println("capturing from " + target.pid + " (network " + network.name() + "); ^C ends it");
      RunningCapture running = new RunningCapture(network, number, path, copyTo);
      Thread stop = new Thread(running::stop);
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        running.await(duration);
      } finally {
        tell(network, running.stop());
        removeHook(stop);
      }
    }
  }

  /** Tells what the capture has done; the figures stand in the text as {@code name=number}. */
  private void tell(NetworkBean network, String summary) {
    CommandLine command = spec.commandLine();
    if (!json) {
      command.getErr().println(summary);
      return;
    }
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("file", file);
    told.put("network", network.name());
    Matcher figures = FIGURE.matcher(summary);
    while (figures.find()) {
      told.put(figures.group(1), Long.parseLong(figures.group(2)));
    }
    PrintWriter to = file.equals("-") ? command.getErr() : command.getOut();
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
    return (filter == null ? "" : "," + filter)
        + (files == null ? "" : ",files=" + files)
        + (fileSize == null ? "" : ",file-size=" + fileSize)
        + (snaplen == null ? "" : ",snaplen=" + snaplen)
        + (host == null ? "" : ",host=" + host);
  }

  /** One that goes on in the other JVM. Its end may come from a signal: thread-safe. */
  private static final class RunningCapture {
    private final NetworkBean network;
    private final long number;
    private final Path path;
    private final OutputStream copyTo;
    private final CountDownLatch ended = new CountDownLatch(1);
    private long copied;
    private String summary;

    RunningCapture(NetworkBean network, long number, Path path, OutputStream copyTo) {
      this.network = network;
      this.number = number;
      this.path = path;
      this.copyTo = copyTo;
    }

    void await(Duration time) throws IOException, InterruptedException {
      long end = time == null ? Long.MAX_VALUE : System.nanoTime() + time.toNanos();
      while (!ended.await(STATUS_MILLIS, TimeUnit.MILLISECONDS)) {
        copy();
        boolean isOver = time != null && System.nanoTime() - end >= 0;
        if (isOver || network.number("CapturesRunning") == 0) {
          return;
        }
      }
    }

    private synchronized void copy() throws IOException {
      if (copyTo == null) {
        return;
      }
      try (var in = Files.newInputStream(path)) {
        in.skipNBytes(copied);
        copied += in.transferTo(copyTo);
        copyTo.flush();
      }
    }

    /** Ends it, once; returns what it has done. */
    synchronized String stop() {
      if (summary == null) {
        try {
          summary = (String) network.call("stopCapture", number, long.class);
          copy();
        } catch (CommandFailure | IOException e) {
          summary = "the capture ended: " + e.getMessage();
        }
        ended.countDown();
      }
      return summary;
    }
  }
}
