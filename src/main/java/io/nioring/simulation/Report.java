package io.nioring.simulation;

import io.nioring.SocketEntry;
import java.util.List;

/** What is reported of a simulation when a test has failed. */
final class Report extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MOST_LINES = 50;
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
    section(text, links, "direction of links with settings", "directions of links with settings");
    List<String> faults = sim.world().ofFaults(FaultLog::lines);
    section(text, faults, "fault", "faults");
    if (sim.config().virtualTime()) {
      addTime(text, sim.world().time());
    }
    section(text, sim.openChannels(), "open channel", "open channels");
    List<String> sockets = sim.network().sockets().stream().map(Report::row).toList();
    section(text, sockets, "socket", "sockets");
    addDecisions(text, sim.trace());
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

  /** Why time does not pass, if it does not. */
  private static void addTime(StringBuilder text, SimulationTime time) {
    List<String> acting = time.whoCanAct();
    if (!acting.isEmpty()) {
      section(text, acting.size() + " that can act, so that time stands", acting, MOST_LINES);
    }
    int events = time.eventsWithoutWaiter();
    if (events > 0) {
      text.append('\n').append(count(events, "event is", "events are"));
      text.append(
          " left and nobody waits, so that time stands: a pending operation with a handler");
      text.append(" is no wait, advance() lets time pass");
    }
    List<String> waiting = time.whoWaitsForEver();
    if (!waiting.isEmpty()) {
      String title = "nobody can act and no event is left, so that these wait for ever";
      section(text, title, waiting, MOST_LINES);
    }
  }

  private static void addDecisions(StringBuilder text, Trace trace) {
    List<String> lines = trace.lines();
    if (lines.isEmpty()) {
      text.append("\nno random decisions, hash ").append(trace.hash());
      return;
    }
    String count = count(trace.size(), "random decision", "random decisions");
    String which = lines.size() > MOST_DECISIONS ? ", the last ones" : "";
    List<String> last = lines.subList(Math.max(0, lines.size() - MOST_DECISIONS), lines.size());
    section(text, count + ", hash " + trace.hash() + which, last, MOST_DECISIONS);
  }

  private static String count(long count, String one, String several) {
    return count == 0 ? "no " + several : count + " " + (count == 1 ? one : several);
  }

  private static void section(StringBuilder text, List<?> lines, String one, String several) {
    String title = count(lines.size(), one, several);
    if (lines.isEmpty()) {
      text.append("\n").append(title);
    } else {
      section(text, title, lines, MOST_LINES);
    }
  }

  private static void section(StringBuilder text, String title, List<?> lines, int most) {
    text.append("\n").append(title).append(':');
    lines.stream().limit(most).forEach(line -> text.append("\n  ").append(line));
    if (lines.size() > most) {
      text.append("\n  and ").append(lines.size() - most).append(" more");
    }
  }
}
