package io.nioring.internal.datagram;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.HashSet;
import java.util.Set;

/**
 * A datagram socket's membership in a multicast group on one interface.
 *
 * <p>It covers packets of one source, or of all sources except the blocked ones. Thread-safe.
 */
public final class MulticastMembership {
  private final InetAddress group;
  private final NetworkInterface networkInterface;
  private final InetAddress source;

  /** Replaced as a whole under the monitor of this object. */
  private volatile Set<InetAddress> blocked = Set.of();

  /**
   * Makes a membership.
   *
   * @param source the only source whose packets are wanted; null for all
   */
  public MulticastMembership(
      InetAddress group, NetworkInterface networkInterface, InetAddress source) {
    this.group = group;
    this.networkInterface = networkInterface;
    this.source = source;
  }

  /** The group. */
  public InetAddress group() {
    return group;
  }

  /** The interface that packets have to come from. */
  public NetworkInterface networkInterface() {
    return networkInterface;
  }

  /** The only source; null if all are wanted. */
  public InetAddress source() {
    return source;
  }

  /** Blocks a source. */
  public synchronized void block(InetAddress unwanted) {
    Set<InetAddress> more = new HashSet<>(blocked);
    more.add(unwanted);
    blocked = Set.copyOf(more);
  }

  /**
   * Unblocks a source.
   *
   * @return false if it was not blocked
   */
  public synchronized boolean unblock(InetAddress wanted) {
    Set<InetAddress> fewer = new HashSet<>(blocked);
    boolean removed = fewer.remove(wanted);
    blocked = Set.copyOf(fewer);
    return removed;
  }

  boolean admits(InetAddress to, InetAddress sender, NetworkInterface from) {
    return group.equals(to)
        && (from == null || networkInterface.equals(from))
        && (source == null ? !blocked.contains(sender) : source.equals(sender));
  }
}
