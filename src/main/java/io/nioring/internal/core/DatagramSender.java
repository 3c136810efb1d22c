package io.nioring.internal.core;

import io.nioring.internal.datagram.DatagramBinding;
import io.nioring.internal.datagram.DatagramNames;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.MulticastSending;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds and caches the targets of a socket with one local address and one set of options. Replaced
 * when either changes. Thread-safe, without locks.
 */
final class DatagramSender {
  /** How many targets are cached; an evicted one is looked up again. */
  private static final int MOST_TARGETS = 256;

  private final DatagramNames names;
  private final DatagramBinding from;
  private final MulticastSending multicast;
  private final Map<InetSocketAddress, DatagramTarget> targets = new ConcurrentHashMap<>();

  /** The one used last; any thread may replace it by another valid one. */
  private volatile DatagramTarget last;

  DatagramSender(DatagramNames names, DatagramBinding from, MulticastSending multicast) {
    this.names = names;
    this.from = from;
    this.multicast = multicast;
  }

  /** The socket's local address. */
  DatagramBinding from() {
    return from;
  }

  DatagramTarget target(InetSocketAddress to) {
    DatagramTarget target = last;
    if (target != null && target.address().equals(to)) {
      return target;
    }
    target = targets.get(to);
    if (target == null) {
      if (targets.size() >= MOST_TARGETS) {
        targets.clear();
      }
      target = names.target(from, to, multicast);
      targets.put(to, target);
    }
    last = target;
    return target;
  }
}
