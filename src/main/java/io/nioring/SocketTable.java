package io.nioring;

import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.hybrid.DatagramResources;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.LastUses;
import io.nioring.internal.stream.Endpoint;
import java.util.List;

/** Puts the table of a network's sockets together; see {@link RingNetwork#sockets()}. */
final class SocketTable {
  private final ChannelRegistry registry;
  private final LastUses uses;
  private final SocketRows rows;

  /** Filled in again for each socket that the rows take the figures of. */
  private SocketSnapshot reused = new SocketSnapshot();

  private SocketTable(ChannelRegistry registry, LastUses uses) {
    this.registry = registry;
    this.uses = uses;
    this.rows = new SocketRows(registry.size());
  }

  /** The rows of all sockets of a registry. */
  static List<SocketEntry> of(ChannelRegistry registry, LastUses uses) {
    SocketTable table = new SocketTable(registry, uses);
    registry.forEach(table::add);
    table.rows.sort();
    return table.rows;
  }

  private void add(ChannelRegistry.Entry entry) {
    SocketSnapshot row = snapshot(entry);
    if (row == null) {
      return;
    }
    row.opening = registry.openingOf(entry);
    takeUses(row, entry.endpoint());
    if (!rows.add(row) && row == reused) {
      reused = new SocketSnapshot();
    }
  }

  private void takeUses(SocketSnapshot row, Endpoint end) {
    if (end != null && end.isConnected()) {
      row.sentAgoNanos = uses.sentAgoNanos(end);
      row.receivedAgoNanos = uses.receivedAgoNanos(end);
    }
  }

  private SocketSnapshot snapshot(ChannelRegistry.Entry entry) {
    if (entry instanceof SocketState socket) {
      return socket.snapshot(reused);
    }
    if (entry instanceof ListeningSocket listening) {
      return listening.snapshot();
    }
    return entry instanceof DatagramResources datagrams ? datagrams.snapshot() : null;
  }
}
