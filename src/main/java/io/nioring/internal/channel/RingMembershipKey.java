package io.nioring.internal.channel;

import io.nioring.internal.datagram.MulticastMembership;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.MembershipKey;
import java.nio.channels.MulticastChannel;

/**
 * The key of a membership that a {@link RingDatagramChannel} has in the JVM, or in the kernel if
 * the group is routed there. Thread-safe.
 */
final class RingMembershipKey extends MembershipKey {
  private final RingDatagramChannel channel;
  private final MulticastMembership membership;

  /** The platform's key; null for a membership in the JVM. Written before this key is published. */
  private volatile MembershipKey inKernel;

  private volatile boolean dropped;

  RingMembershipKey(RingDatagramChannel channel, MulticastMembership membership) {
    this.channel = channel;
    this.membership = membership;
  }

  void joinedInKernel(MembershipKey key) {
    inKernel = key;
  }

  MulticastMembership membership() {
    return membership;
  }

  boolean isFor(InetAddress group, NetworkInterface networkInterface) {
    return membership.group().equals(group)
        && membership.networkInterface().equals(networkInterface);
  }

  @Override
  public boolean isValid() {
    return !dropped && channel.isOpen();
  }

  @Override
  public void drop() {
    if (inKernel != null) {
      inKernel.drop();
    }
    dropped = true;
    channel.dropped(this);
  }

  @Override
  public MembershipKey block(InetAddress source) throws IOException {
    ensureAnySource();
    ensureIsSource(source, membership.group());
    ensureValid();
    if (inKernel != null) {
      inKernel.block(source);
    } else {
      membership.block(source);
    }
    return this;
  }

  @Override
  public MembershipKey unblock(InetAddress source) {
    ensureAnySource();
    if (inKernel != null) {
      inKernel.unblock(source);
      return this;
    }
    ensureValid();
    if (!membership.unblock(source)) {
      throw new IllegalStateException("not blocked");
    }
    return this;
  }

  private void ensureAnySource() {
    if (membership.source() != null) {
      throw new IllegalStateException("key is source-specific");
    }
  }

  private void ensureValid() {
    if (!isValid()) {
      throw new IllegalStateException("key is no longer valid");
    }
  }

  /**
   * Refuses an address that cannot be the source of packets to the group.
   *
   * @throws IllegalArgumentException with the reason
   */
  static void ensureIsSource(InetAddress source, InetAddress group) {
    if (source.isAnyLocalAddress()) {
      throw new IllegalArgumentException("Source address is a wildcard address");
    }
    if (source.isMulticastAddress()) {
      throw new IllegalArgumentException("Source address is multicast address");
    }
    if (source.getClass() != group.getClass()) {
      throw new IllegalArgumentException("Source address is different type to group");
    }
  }

  @Override
  public MulticastChannel channel() {
    return channel;
  }

  @Override
  public InetAddress group() {
    return membership.group();
  }

  @Override
  public NetworkInterface networkInterface() {
    return membership.networkInterface();
  }

  @Override
  public InetAddress sourceAddress() {
    return membership.source();
  }

  @Override
  public String toString() {
    String from = membership.source() == null ? "" : "," + membership.source().getHostAddress();
    return "<"
        + membership.group().getHostAddress()
        + ","
        + membership.networkInterface().getName()
        + from
        + ">";
  }
}
