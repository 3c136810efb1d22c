package io.nioring.internal.datagram;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** A target that is one socket, the best match. */
final class UnicastTarget extends LocalTarget {
  /** The result of a lookup, and the list it was found in. */
  private static final class Found {
    private final DatagramPort port;
    private final DatagramBinding[] among;
    private final DatagramInbox inbox;

    Found(DatagramPort port, DatagramBinding[] among, DatagramInbox inbox) {
      this.port = port;
      this.among = among;
      this.inbox = inbox;
    }

    boolean isCurrent() {
      return port.bindings() == among;
    }
  }

  /** The last lookup that found a port; any thread may replace it by a later one. */
  private volatile Found last;

  UnicastTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(names, address, source);
  }

  @Override
  public void ensureSendable(boolean mayBroadcast) {}

  @Override
  public List<DatagramInbox> receivers() {
    DatagramInbox inbox = receiver();
    return inbox == null ? List.of() : List.of(inbox);
  }

  private DatagramInbox receiver() {
    Found found = last;
    return found != null && found.isCurrent() ? found.inbox : lookUp();
  }

  @Override
  public boolean send(byte[] bytes) {
    DatagramInbox inbox = receiver();
    if (inbox == null) {
      reportUnreachable();
      return false;
    }
    inbox.offer(new Datagram(source(), bytes));
    inbox.wake();
    return true;
  }

  /**
   * The kernel's ICMP message about a packet is for the socket that an answer would have reached,
   * if that is connected.
   */
  private void reportUnreachable() {
    DatagramPort senders = names().port(source().getPort());
    DatagramBinding sender =
        senders == null ? null : best(senders.bindings(), source().getAddress(), address());
    if (sender != null && sender.peer() != null) {
      sender.inbox().noteUnreachable();
    }
  }

  private DatagramInbox lookUp() {
    DatagramPort port = port();
    if (port == null) {
      return null;
    }
    DatagramBinding[] among = port.bindings();
    DatagramBinding best = best(among, address().getAddress(), source());
    if (best != null && best.dividesPackets()) {
      best = oneOf(among, best);
    }
    DatagramInbox inbox = best == null ? null : best.inbox();
    if (among.length > 0) { // the port of an empty list was removed meanwhile, and stays empty
      last = new Found(port, among, inbox);
    }
    return inbox;
  }

  private DatagramBinding best(DatagramBinding[] among, InetAddress ip, InetSocketAddress source) {
    boolean local = names().isLocal(ip);
    DatagramBinding best = null;
    int highest = -1;
    for (DatagramBinding each : among) {
      int score = each.score(ip, source, local);
      if (score > highest) {
        best = each;
        highest = score;
      }
    }
    return best;
  }

  /** Chooses among equal matches by both addresses: all packets of a sender go to the same one. */
  private DatagramBinding oneOf(DatagramBinding[] among, DatagramBinding best) {
    InetAddress ip = address().getAddress();
    boolean local = names().isLocal(ip);
    int score = best.score(ip, source(), local);
    DatagramBinding[] equals = new DatagramBinding[among.length];
    int count = 0;
    for (DatagramBinding each : among) {
      if (each.dividesPackets() && each.score(ip, source(), local) == score) {
        equals[count++] = each;
      }
    }
    return equals[Math.floorMod(31 * source().hashCode() + address().hashCode(), count)];
  }
}
