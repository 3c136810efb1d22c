package io.nioring.internal.core;

import io.nioring.internal.datagram.DatagramBinding;
import io.nioring.internal.datagram.DatagramNames;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.MulticastSending;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the targets of a socket that has one name and one setting of its options, and keeps them at
 * hand. Replaced when either changes. Thread-safe, without locks.
 */
final class DatagramSender {
  /** How many targets are kept; one that is forgotten is found again. */
  private static final int MOST_TARGETS = 256;

  private final DatagramNames names;
  private final DatagramBinding from;
  private final MulticastSending multicast;
  private final Map<InetSocketAddress, DatagramTarget> targets = new ConcurrentHashMap<>();

  /** The one that was asked for last; any thread may replace it by another right one. */
  private volatile DatagramTarget last;

  DatagramSender(DatagramNames names, DatagramBinding from, MulticastSending multicast) {
    this.names = names;
    this.from = from;
    this.multicast = multicast;
  }

  /** The socket's name. */
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
