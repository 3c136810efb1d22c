package io.nioring.internal.datagram;

import java.net.BindException;
import java.net.InetSocketAddress;

/**
 * A target that is a broadcast address: all sockets of the port that are bound to a wildcard or to
 * it.
 */
final class BroadcastTarget extends ManyTarget {
  BroadcastTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(names, address, source);
  }

  @Override
  public void ensureSendable(boolean mayBroadcast) throws BindException {
    if (!mayBroadcast) {
      throw new BindException("Permission denied");
    }
  }

  @Override
  boolean isFor(DatagramBinding name) {
    return name.covers(address().getAddress()) && name.takesFrom(source());
  }
}
