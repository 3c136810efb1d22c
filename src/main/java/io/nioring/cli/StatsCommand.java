package io.nioring.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints a network's counters, and how fast they grow. */
@Command(
    name = "stats",
    mixinStandardHelpOptions = true,
    description = "Prints the counters of a network, and with -i how fast they grow.",
    footer = {
      "%nWithout -i: the counters once. With it: a line each interval until ^C, or COUNT times.",
      "--json: ringConnections, ringAccepted, kernelConnections, kernelAccepted, ringBytes,"
          + " openChannels, listeners, memoryInUseBytes, and for an interval ringBytesPerSecond,"
          + " ringConnectionsPerSecond, kernelConnectionsPerSecond."
    })
final class StatsCommand implements Callable<Integer> {
  @Mixin private Target target;
  @Mixin private Output output;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "TIME",
      converter = Units.TimeConverter.class,
      description = "How often, as 500ms, 1s or 1m.")
  private Duration interval;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "COUNT",
      converter = Units.CountConverter.class,
      description = "How many lines; unlimited by default.")
  private Integer count;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (count != null && interval == null) {
      throw new ParameterException(
          spec.commandLine(), "-c counts the lines of -i, which is missing");
    }
    PrintWriter out = output.writer();
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      NetworkCounts last = NetworkCounts.of(network);
      if (interval == null) {
        print(out, last);
        return 0;
      }
      if (!output.isJson()) {
        out.printf(
            "%14s %14s %14s %10s %10s %12s%n",
            "RING BYTES/S", "RING CONN/S", "KERNEL CONN/S", "CHANNELS", "LISTENERS", "MEMORY");
      }
      for (int i = 0; count == null || i < count; i++) {
        Thread.sleep(interval.toMillis());
        NetworkCounts now = NetworkCounts.of(network);
        print(out, now, last);
        last = now;
      }
    }
    return 0;
  }

  private void print(PrintWriter out, NetworkCounts now) {
    if (output.isJson()) {
      out.println(Json.of(now.named()));
    } else {
      now.values().forEach((name, value) -> out.printf("%-18s %,20d%n", name, value));
    }
    out.flush();
  }

  private void print(PrintWriter out, NetworkCounts now, NetworkCounts last) {
    if (output.isJson()) {
      out.println(Json.of(now.named(last)));
    } else {
      out.printf(
          "%14s %14s %14s %10d %10d %12s%n",
          Units.bytes(now.rate("RingBytes", last)),
          Units.count(now.rate("RingConnections", last)),
          Units.count(now.rate("KernelConnections", last)),
          now.get("OpenChannels"),
          now.get("ListenerCount"),
          Units.bytes((double) now.get("MemoryInUseBytes")));
    }
    out.flush();
  }
}
