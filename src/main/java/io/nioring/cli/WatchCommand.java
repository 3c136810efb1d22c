package io.nioring.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a network's sockets and rates as a page that is redrawn periodically. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = "Shows the sockets of a network as a live page; ^C ends it.",
    footer = {
      "%nA filter has the words of ss. A page is as large as the terminal. In a pipe or a file, and"
          + " with TERM=dumb or --pages 1, pages follow one another and nothing is cleared; in a"
          + " pipe or a file they are whole.",
      "  nioring watch 4711 -i 500ms dport = :5432",
      "--json: network; of 'stats -i': ringConnections, ringAccepted, kernelConnections,"
          + " kernelAccepted, ringBytes, openChannels, listeners, memoryInUseBytes,"
          + " ringBytesPerSecond, ringConnectionsPerSecond, kernelConnectionsPerSecond; sockets,"
          + " each as of 'ss'."
    })
final class WatchCommand implements Callable<Integer> {
  @Mixin private Target target;
  @Mixin private Output output;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = Units.TimeConverter.class,
      description = "How often; ${DEFAULT-VALUE} by default.")
  private Duration interval;

  @Option(
      names = "--pages",
      paramLabel = "COUNT",
      converter = Units.CountConverter.class,
      description = "How many pages; unlimited by default.")
  private int pages = Integer.MAX_VALUE;

  @Option(
      names = "--lines",
      paramLabel = "COUNT",
      converter = Units.CountConverter.class,
      description = "The most lines of a page.")
  private Integer lines;

  @Parameters(index = "1..*", paramLabel = "FILTER", description = "The words of a filter.")
  private List<String> filter = List.of();

  @Override
  public Integer call() throws InterruptedException {
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      NetworkCounts last = NetworkCounts.of(network);
      for (int page = 0; page < pages; page++) {
        Thread.sleep(interval.toMillis());
        NetworkCounts now = NetworkCounts.of(network);
        if (output.isJson()) {
          print(network, now, last);
        } else {
          draw(network, now, last);
        }
        last = now;
      }
    }
    return 0;
  }

  private void print(NetworkBean network, NetworkCounts now, NetworkCounts last) {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("network", network.name());
    page.putAll(now.named(last));
    page.put("sockets", network.connections(options()));
    output.print(Json.of(page));
  }

  private String options() {
    return "-ai " + String.join(" ", filter);
  }

  private void draw(NetworkBean network, NetworkCounts now, NetworkCounts last) {
    List<String> heading =
        List.of(
            "nioring " + target.pid,
            "network " + network.name(),
            Units.bytes(now.rate("RingBytes", last)) + "/s over rings",
            Units.count(now.rate("RingConnections", last))
                + " ring and "
                + Units.count(now.rate("KernelConnections", last))
                + " kernel connects/s",
            Units.count((double) now.get("OpenChannels")) + " channels",
            Units.bytes((double) now.get("MemoryInUseBytes")) + " of ring memory");
    String table = (String) network.call("ss", options(), String.class);
    Screen screen = Screen.now().with(lines, pages > 1);
    output.writer().print(screen.page(heading, table.lines().toList()));
    output.writer().flush();
  }
}
