package io.nioring.observe;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.nioring.RingNetwork;
import io.nioring.SocketEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The number of sockets of each kind in a network, counted once for all gauges that are read
 * together. Thread-safe.
 */
final class SocketCounts {
  /** The states under OpenTelemetry's names. */
  static final List<String> STATES =
      List.of("listen", "syn_sent", "established", "close_wait", "fin_wait_2", "closed");

  private static final long GOOD_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final RingNetwork network;
  private final Consumer<Iterable<MultiGauge.Row<?>>> backlogs;

  private Map<Kind, Integer> counts = Map.of();
  private Map<String, Integer> waiting = Map.of();
  private long countedAt;
  private boolean closed;

  /** What is counted. */
  record Kind(String state, String transport, String route) {}

  /**
   * Creates one that has not counted yet.
   *
   * @param backlogs is given a row for each address of a listener when sockets are counted
   */
  SocketCounts(RingNetwork network, Consumer<Iterable<MultiGauge.Row<?>>> backlogs) {
    this.network = network;
    this.backlogs = backlogs;
    this.countedAt = System.nanoTime() - GOOD_FOR_NANOS;
  }

  /** Whether such sockets can exist: only listeners are hybrid. */
  static boolean isPossible(String state, String route) {
    return state.equals("listen") || !route.equals("hybrid");
  }

  /** The number of sockets of a kind, now or a moment ago. */
  synchronized double of(Kind kind) {
    refreshIfOld();
    return counts.getOrDefault(kind, 0);
  }

  /** The number of connections that wait at an address, now or a moment ago. */
  private synchronized double waitingAt(String address) {
    refreshIfOld();
    return waiting.getOrDefault(address, 0);
  }

  private void refreshIfOld() {
    if (System.nanoTime() - countedAt >= GOOD_FOR_NANOS) {
      refresh();
    }
  }

  /** Counts again, unless this was closed. */
  synchronized void refresh() {
    if (closed) {
      return;
    }
    Map<Kind, Integer> counted = new HashMap<>();
    Map<String, Integer> backlog = new HashMap<>();
    for (SocketEntry socket : network.sockets()) {
      String state = socket.isDatagram() ? null : stateOf(socket);
      if (state != null) {
        String transport = socket.family().equals("unix") ? "unix" : "tcp";
        counted.merge(new Kind(state, transport, socket.route()), 1, Integer::sum);
      }
      if (socket.state() == SocketEntry.State.LISTEN) {
        String address = socket.localAddress().map(SocketListing::text).orElse("");
        backlog.merge(address, (int) socket.receiveQueue(), Integer::sum);
      }
    }
    counts = counted;
    waiting = backlog;
    countedAt = System.nanoTime();
    backlogs.accept(backlog.keySet().stream().map(this::row).toList());
  }

  /** Takes the rows of the listeners back; the last counts stay. */
  synchronized void close() {
    closed = true;
    backlogs.accept(List.of());
  }

  /** A row that looks for itself, so that it is as fresh as the counts. */
  private MultiGauge.Row<?> row(String address) {
    return MultiGauge.Row.of(
        Tags.of("network.local.address", address), this, all -> all.waitingAt(address));
  }

  private static String stateOf(SocketEntry socket) {
    return switch (socket.state()) {
      case UNCONN -> null;
      case LISTEN -> "listen";
      case SYN_SENT -> "syn_sent";
      case ESTAB -> "established";
      case CLOSE_WAIT -> "close_wait";
      case FIN_WAIT_2 -> "fin_wait_2";
      case CLOSED, CLOSED_RESET -> "closed";
    };
  }
}
