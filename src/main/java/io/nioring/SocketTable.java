package io.nioring;

import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.LastUses;
import io.nioring.internal.stream.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Puts the table of a network's sockets together; see {@link RingNetwork#sockets()}. */
final class SocketTable {
  private SocketTable() {}

  /** The rows of all sockets of a registry. */
  static List<SocketEntry> of(ChannelRegistry registry, LastUses uses) {
    List<ChannelRegistry.Entry> all = registry.entries();
    List<SocketEntry> rows = new ArrayList<>(all.size());
    for (ChannelRegistry.Entry entry : all) {
      SocketSnapshot row = snapshot(entry);
      if (row != null) {
        row.opening = registry.openingOf(entry);
        takeUses(row, entry.endpoint(), uses);
        rows.add(new SocketEntry(row));
      }
    }
    addNotAccepted(all, rows);
    rows.sort(
        Comparator.comparingLong(SocketEntry::connection)
            .thenComparing(row -> !row.end().equals("client")));
    return rows;
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
    return entry instanceof ListeningSocket listening ? listening.snapshot() : null;
  }

  /** The server ends in backlogs: no channel has them yet, and only their peers lead to them. */
  private static void addNotAccepted(List<ChannelRegistry.Entry> all, List<SocketEntry> rows) {
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
          rows.add(new SocketEntry(SocketSnapshot.of(server)));
        }
      }
    }
  }
}
