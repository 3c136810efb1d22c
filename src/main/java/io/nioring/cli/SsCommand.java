package io.nioring.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the table of a network's sockets. */
@Command(
    name = "ss",
    description = "Prints the sockets of a network as ss(8) does.",
    footer = {
      "%nA filter has the words of ss: state, src, dst, sport, dport, port (either end's), and, or,"
          + " not, parentheses.",
      "  nioring ss 4711 -tie state established dport = :5432",
      "  nioring ss 4711 -l",
      "  nioring ss 4711 -uan",
      "  nioring ss 4711 src 10.0.0.0/8 or not port 8080",
      "  nioring ss 4711 -x 'src unix:\"/run/my app/*\"'",
      "--json: netid (tcp, udp, u_str), connection (the number that both ends have), end (client,"
          + " server, listener, none), state, recvQ, sendQ, local, peer, localHost, peerHost"
          + " (names, if known), route, family, ageMillis, opened (since 1970), openedBy, openedAt"
          + " (if stacks are recorded), lastSendMillis, lastReceiveMillis (ago), bytesSent,"
          + " bytesReceived, capacityBytes, memoryBytes, waitingThread, waitingFor, waitingMillis,"
          + " selector, interest, ready, options (an object: the values by their names), fault,"
          + " simulatedConnect (of a simulation: client->db:5432#2 is the second connect of host"
          + " client to port 5432 of host db)."
          + " What is not known or does not exist is null."
    })
final class SsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Target target;
  @Mixin private Output output;

  @Option(names = "-l", description = "Listening sockets.")
  private boolean listening;

  @Option(names = "-a", description = "All: listening, connected, unconnected.")
  private boolean all;

  @Option(names = "-t", description = "Those with IP addresses, for streams.")
  private boolean tcp;

  @Option(names = "-u", description = "Those for datagrams over rings; not among the others.")
  private boolean udp;

  @Option(names = "-x", description = "Unix sockets.")
  private boolean unix;

  @Option(
      names = {"-i", "-e", "-p"},
      description = "A second line: traffic, memory, who waits.")
  private boolean details;

  @SuppressWarnings("UnusedVariable") // names are never looked up
  @Option(names = "-n", description = "Numbers; names are never looked up.")
  private boolean numeric;

  @SuppressWarnings("UnusedVariable") // picocli acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help and exits.")
  private boolean help;

  @Parameters(index = "1..*", paramLabel = "FILTER", description = "A filter.")
  private List<String> filter = List.of();

  @Override
  public Integer call() {
    String words = String.join(" ", filter);
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      if (output.isJson()) {
        print(network.connections(options() + words));
      } else {
        output.writer().print(network.call("ss", options() + words, String.class));
        output.writer().flush();
      }
    }
    return 0;
  }

  private void print(List<Map<String, Object>> rows) {
    rows.forEach(row -> output.print(Json.of(row)));
    if (rows.size() == NetworkBean.MOST_ROWS) {
      spec.commandLine()
          .getErr()
          .println("nioring: these are the first " + rows.size() + "; a filter chooses others");
    }
  }

  private String options() {
    String letters =
        (listening ? "l" : "")
            + (all ? "a" : "")
            + (tcp ? "t" : "")
            + (udp ? "u" : "")
            + (unix ? "x" : "")
            + (details ? "i" : "")
            + "n"; // which names are anyway: so that options are there
    return "-" + letters + " ";
  }
}
