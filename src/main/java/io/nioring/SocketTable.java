package io.nioring;

import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.hybrid.DatagramResources;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.LastUses;
import io.nioring.internal.stream.Endpoint;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.RandomAccess;

/** Puts the table of a network's sockets together; see {@link RingNetwork#sockets()}. */
final class SocketTable {
  private SocketTable() {}

  /** The clients come before the servers that they are connected with. */
  private static final Comparator<SocketSnapshot> BY_CONNECTION =
      Comparator.<SocketSnapshot>comparingLong(row -> row.connection)
          .thenComparingInt(row -> isClient(row) ? 0 : 1);

  /**
   * Rows that become entries when they are looked at. A large table is held by who reads it for as
   * long as a collection or two take: each object less in it is one less to copy, while all threads
   * stand still.
   */
  private static final class Rows extends AbstractList<SocketEntry> implements RandomAccess {
    private final List<SocketSnapshot> rows;

    Rows(List<SocketSnapshot> rows) {
      this.rows = rows;
    }

    @Override
    public SocketEntry get(int index) {
      return new SocketEntry(rows.get(index));
    }

    @Override
    public int size() {
      return rows.size();
    }
  }

  /** The rows of all sockets of a registry. */
  static List<SocketEntry> of(ChannelRegistry registry, LastUses uses) {
    List<ChannelRegistry.Entry> all = registry.entries();
    List<SocketSnapshot> rows = new ArrayList<>(all.size());
    for (ChannelRegistry.Entry entry : all) {
      SocketSnapshot row = snapshot(entry);
      if (row != null) {
        row.opening = registry.openingOf(entry);
        takeUses(row, entry.endpoint(), uses);
        rows.add(row);
      }
    }
    addNotAccepted(all, rows);
    rows.sort(BY_CONNECTION);
    return new Rows(rows);
  }

  private static boolean isClient(SocketSnapshot row) {
    return row.client
        && row.state != SocketSnapshot.State.LISTEN
        && row.state != SocketSnapshot.State.UNCONN;
  }

  private static void takeUses(SocketSnapshot row, Endpoint end, LastUses uses) {
    if (end != null && end.isConnected()) {
      row.sentAgoNanos = uses.sentAgoNanos(end);
      row.receivedAgoNanos = uses.receivedAgoNanos(end);
    }
  }

  private static SocketSnapshot snapshot(ChannelRegistry.Entry entry) {
    if (entry instanceof SocketState socket) {
      return socket.snapshot();
    }
    if (entry instanceof ListeningSocket listening) {
      return listening.snapshot();
    }
    return entry instanceof DatagramResources datagrams ? datagrams.snapshot() : null;
  }

  /** The server ends in backlogs: no channel has them yet, and only their peers lead to them. */
  private static void addNotAccepted(List<ChannelRegistry.Entry> all, List<SocketSnapshot> rows) {
    long[] accepted =
        all.stream()
            .map(ChannelRegistry.Entry::endpoint)
            .filter(end -> end != null && end.isConnected() && !end.isClient())
            .mapToLong(Endpoint::number)
            .sorted()
            .toArray();
    for (ChannelRegistry.Entry entry : all) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected() && end.isClient()) {
        Endpoint server = end.peer();
        if (server != end
            && !server.isClosed()
            && Arrays.binarySearch(accepted, server.number()) < 0) {
          rows.add(SocketSnapshot.of(server));
        }
      }
    }
  }
}
