package io.nioring.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a network's sockets and rates as a page that is drawn again and again. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = "Shows the sockets of a network as a live page; ^C ends it.",
    footer = {
      "%nA filter has the words of ss. The page is as long as the terminal (LINES), 24 lines if"
          + " that is not known; --pages 1 prints one page without clearing the screen.",
      "  nioring watch 4711 -i 500ms dport = :5432",
      "--json: network; of 'stats -i': ringConnections, ringAccepted, kernelConnections,"
          + " kernelAccepted, ringBytes, openChannels, listeners, memoryInUseBytes,"
          + " ringBytesPerSecond, ringConnectionsPerSecond, kernelConnectionsPerSecond; sockets,"
          + " each as of 'ss'."
    })
final class WatchCommand implements Callable<Integer> {
  private static final String HOME_AND_CLEAR = "\033[H\033[J";
  private static final String BOLD = "\033[1m";
  private static final String PLAIN = "\033[0m";

  @Spec private CommandSpec spec;
  @Mixin private Target target;

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
      description = "The lines of a page.")
  private Integer lines;

  @Option(names = "--json", description = "One JSON object a page, which is a line.")
  private boolean json;

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
        if (json) {
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
    PrintWriter out = spec.commandLine().getOut();
    out.println(Json.of(page));
    out.flush();
  }

  private String options() {
    return "-ai " + String.join(" ", filter);
  }

  private void draw(NetworkBean network, NetworkCounts now, NetworkCounts last) {
    boolean live = pages > 1;
    String title =
        String.format(
            "nioring %s  network %s  %s/s over rings  %s ring and %s kernel connects/s  %d channels"
                + "  %s of ring memory",
            target.pid,
            network.name(),
            Units.bytes(now.rate("RingBytes", last)),
            Units.count(now.rate("RingConnections", last)),
            Units.count(now.rate("KernelConnections", last)),
            now.get("OpenChannels"),
            Units.bytes((double) now.get("MemoryInUseBytes")));
    String table = (String) network.call("ss", options(), String.class);
    PrintWriter out = spec.commandLine().getOut();
    out.print(live ? HOME_AND_CLEAR + BOLD + title + PLAIN : title);
    out.println();
    table.lines().limit(room()).forEach(out::println);
    out.flush();
  }

  private int room() {
    String known = System.getenv("LINES");
    int all = 24;
    if (lines != null) {
      all = lines;
    } else if (known != null && known.matches("\\d{1,4}")) {
      all = Integer.parseInt(known);
    }
    return Math.max(1, all - 2);
  }
}
