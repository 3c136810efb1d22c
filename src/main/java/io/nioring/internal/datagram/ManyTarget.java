package io.nioring.internal.datagram;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A target that is all sockets of the port that meet a condition. */
abstract sealed class ManyTarget extends LocalTarget permits GroupTarget, BroadcastTarget {
  ManyTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(names, address, source);
  }

  /** Whether a packet is for the socket with a name. */
  abstract boolean isFor(DatagramBinding name);

  @Override
  public final boolean send(byte[] bytes) {
    for (DatagramInbox each : receivers()) {
      each.offer(new Datagram(source(), bytes));
      each.wake();
    }
    return true;
  }

  @Override
  public final List<DatagramInbox> receivers() {
    DatagramPort port = port();
    List<DatagramInbox> receivers = new ArrayList<>();
    if (port != null) {
      for (DatagramBinding each : port.bindings()) {
        if (isFor(each)) {
          receivers.add(each.inbox());
        }
      }
    }
    return receivers;
  }
}
