package io.nioring.internal.datagram;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A target that is a broadcast address: all sockets of the port that have a wildcard or it. */
final class BroadcastTarget extends DatagramTarget {
  BroadcastTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(names, address, source);
  }

  @Override
  public boolean isBroadcast() {
    return true;
  }

  @Override
  public boolean send(byte[] bytes) {
    InetAddress ip = address().getAddress();
    for (DatagramBinding each : bindings()) {
      if (each.covers(ip) && each.takesFrom(source())) {
        each.inbox().offer(new Datagram(source(), bytes));
        each.inbox().wake();
      }
    }
    return true;
  }
}
