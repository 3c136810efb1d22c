package io.nioring.simulation;

import io.nioring.SocketEntry;
import java.util.List;

/** What is reported of a simulation when a test has failed. */
final class Report extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CHANNELS = 50;
  private static final int MOST_FAULTS = 50;
  private static final int MOST_LINKS = 50;
  private static final int MOST_DECISIONS = 20;

  private Report(String message) {
    super(message, null, false, false);
  }

  /** Adds it to what was thrown. */
  static void addTo(Throwable failure, Simulation sim) {
    failure.addSuppressed(new Report(of(sim)));
  }

  static String of(Simulation sim) {
    StringBuilder text = new StringBuilder();
    text.append("simulation with seed ").append(sim.seed());
    text.append(", open for ").append(sim.elapsed());
    if (sim.config().virtualTime()) {
      text.append(" of virtual time");
    }
    List<String> hosts =
        sim.hosts().stream().map(host -> host + (host.isUp() ? "" : " (down)")).toList();
    section(text, "hosts", hosts, hosts.size());
    List<String> links = sim.world().linkLines();
    section(text, links.size() + " directions of links with settings", links, MOST_LINKS);
    List<String> faults = sim.world().ofFaults(FaultLog::lines);
    section(text, faults.size() + " faults", faults, MOST_FAULTS);
    if (sim.config().virtualTime()) {
      List<String> acting = sim.world().time().whoCanAct();
      section(text, acting.size() + " that can act, so that time stands", acting, MOST_CHANNELS);
    }
    List<OpenChannel> channels = sim.openChannels();
    section(text, channels.size() + " open channels", channels, MOST_CHANNELS);
    List<String> sockets = sim.network().sockets().stream().map(Report::row).toList();
    section(text, sockets.size() + " sockets", sockets, MOST_CHANNELS);
    Trace trace = sim.trace();
    List<String> lines = trace.lines();
    List<String> last = lines.subList(Math.max(0, lines.size() - MOST_DECISIONS), lines.size());
    section(
        text,
        trace.size() + " random decisions, hash " + trace.hash() + ", the last ones",
        last,
        MOST_DECISIONS);
    return text.toString();
  }

  private static String row(SocketEntry socket) {
    String waiting =
        socket
            .waitingThread()
            .map(name -> ", \"" + name + "\" waits: " + socket.waitingOperation().orElse("?"))
            .orElse("");
    return socket + waiting;
  }

  private static void section(StringBuilder text, String title, List<?> lines, int most) {
    text.append("\n").append(title).append(':');
    lines.stream().limit(most).forEach(line -> text.append("\n  ").append(line));
    if (lines.size() > most) {
      text.append("\n  and ").append(lines.size() - most).append(" more");
    }
  }
}
