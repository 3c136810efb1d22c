package io.nioring.internal.datagram;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/** A target that is a multicast group: all sockets of the port that are members. */
final class GroupTarget extends ManyTarget {
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
  public void ensureSendable(boolean mayBroadcast) {}

  @Override
  boolean isFor(DatagramBinding name) {
    InetAddress group = address().getAddress();
    return reachable
        && name.covers(group)
        && name.takesFrom(source())
        && name.inbox().admits(group, source().getAddress(), from);
  }
}
