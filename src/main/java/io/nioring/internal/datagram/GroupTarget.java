package io.nioring.internal.datagram;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/** A target that is a multicast group: all sockets of the port that are members. */
final class GroupTarget extends DatagramTarget {
  private final NetworkInterface from;
  private final boolean reachable;

  GroupTarget(
      DatagramNames names,
      InetSocketAddress address,
      InetSocketAddress source,
      NetworkInterface from,
      MulticastSending how) {
    super(names, address, source);
    this.from = from;
    this.reachable = how.reachesThisMachine();
  }

  @Override
  public boolean send(byte[] bytes) {
    if (reachable) {
      InetAddress group = address().getAddress();
      for (DatagramBinding each : bindings()) {
        DatagramInbox inbox = each.inbox();
        if (each.covers(group)
            && each.takesFrom(source())
            && inbox.admits(group, source().getAddress(), from)) {
          inbox.offer(new Datagram(source(), bytes));
          inbox.wake();
        }
      }
    }
    return true;
  }
}
