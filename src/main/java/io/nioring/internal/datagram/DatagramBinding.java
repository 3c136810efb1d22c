package io.nioring.internal.datagram;

import io.nioring.internal.address.IpAddresses;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.BiFunction;

/**
 * An address that a datagram socket is bound to, with the address that it is connected to.
 *
 * <p>Immutable: connecting replaces it, see {@link DatagramNames#replace}.
 */
public final class DatagramBinding {
  private final DatagramInbox inbox;
  private final InetSocketAddress address;
  private final InetSocketAddress peer;
  private final boolean dualStack;
  private final boolean reuseAddress;
  private final boolean reusePort;
  private final boolean boundToDivide;

  /** Whether it was bound to the wildcard of both families, which it keeps when it is connected. */
  private final boolean boundToAll;

  /**
   * The port as a key, and the removal of the name: created now, since memory may be short at
   * release.
   */
  private final Integer key;

  private final BiFunction<Integer, DatagramPort, DatagramPort> removal;

  /** Whether it was released although it is still in the list, since memory was short. */
  private volatile boolean released;

  private DatagramBinding(
      DatagramInbox inbox,
      InetSocketAddress address,
      InetSocketAddress peer,
      boolean dualStack,
      boolean reuseAddress,
      boolean reusePort,
      boolean boundToDivide,
      boolean boundToAll) {
    this.inbox = inbox;
    this.address = address;
    this.peer = peer;
    this.dualStack = dualStack;
    this.reuseAddress = reuseAddress;
    this.reusePort = reusePort;
    this.boundToDivide = boundToDivide;
    this.boundToAll = boundToAll;
    this.key = address.getPort();
    this.removal = this::removedFrom;
  }

  /**
   * Describes the name that a socket requests.
   *
   * @param dualStack whether an IPv6 wildcard also stands for IPv4 addresses
   * @param reuseAddress whether the address may be shared with others that set it too
   * @param reusePort the same, and packets to it are distributed among them
   */
  public static DatagramBinding of(
      DatagramInbox inbox,
      InetSocketAddress address,
      boolean dualStack,
      boolean reuseAddress,
      boolean reusePort) {
    InetSocketAddress bare = IpAddresses.withoutName(address);
    boolean toAll = dualStack && isWildcardOfIpv6(bare.getAddress());
    return new DatagramBinding(
        inbox, bare, null, dualStack, reuseAddress, reusePort, reusePort, toAll);
  }

  private static boolean isWildcardOfIpv6(InetAddress ip) {
    return ip instanceof Inet6Address && ip.isAnyLocalAddress();
  }

  DatagramBinding withPort(int port) {
    InetSocketAddress chosen = new InetSocketAddress(address.getAddress(), port);
    return new DatagramBinding(
        inbox, chosen, null, dualStack, reuseAddress, reusePort, boundToDivide, boundToAll);
  }

  /** The same name once its socket's options have changed; packets are divided as when bound. */
  public DatagramBinding shared(boolean byAddress, boolean byPort) {
    return new DatagramBinding(
        inbox, address, peer, dualStack, byAddress, byPort, boundToDivide, boundToAll);
  }

  /**
   * The same name when the socket is connected: a wildcard becomes the address it sends from.
   *
   * @param source that address, see {@link DatagramNames#source}
   */
  public DatagramBinding connectedTo(InetSocketAddress remote, InetSocketAddress source) {
    InetSocketAddress name = isWildcard() ? source : address;
    return new DatagramBinding(
        inbox, name, remote, dualStack, reuseAddress, reusePort, boundToDivide, boundToAll);
  }

  /** The address. */
  public InetSocketAddress address() {
    return address;
  }

  /** The remote address; null if the socket is not connected. */
  public InetSocketAddress peer() {
    return peer;
  }

  /** Where packets to it go. */
  public DatagramInbox inbox() {
    return inbox;
  }

  int port() {
    return address.getPort();
  }

  void release() {
    released = true;
  }

  boolean isReleased() {
    return released;
  }

  Integer key() {
    return key;
  }

  private DatagramPort removedFrom(Integer number, DatagramPort from) {
    return from.remove(this) ? null : from;
  }

  BiFunction<Integer, DatagramPort, DatagramPort> removal() {
    return removal;
  }

  boolean dividesPackets() {
    return reusePort && boundToDivide && peer == null;
  }

  boolean isWildcard() {
    return address.getAddress().isAnyLocalAddress();
  }

  /** Whether the name stands for an address: its own, or any of a family that it covers. */
  boolean covers(InetAddress ip) {
    return isWildcard() ? coversFamilyOf(ip) : address.getAddress().equals(ip);
  }

  private boolean coversFamilyOf(InetAddress ip) {
    InetAddress own = address.getAddress();
    return own.getClass() == ip.getClass()
        || (dualStack && own instanceof Inet6Address && ip instanceof Inet4Address);
  }

  /**
   * Whether the socket can send to addresses of a family: one that is bound in the other cannot.
   */
  boolean reachesFamilyOf(InetAddress ip) {
    return isWildcard() || address.getAddress().getClass() == ip.getClass();
  }

  /** Whether packets of a source are for this socket: it is not connected, or to just that one. */
  boolean takesFrom(InetSocketAddress source) {
    return peer == null || peer.equals(source);
  }

  /**
   * How well the name matches a packet, as the kernel scores sockets of a port; -1 if not at all.
   *
   * @param local whether a wildcard stands for the address
   */
  int score(InetAddress ip, InetSocketAddress source, boolean local) {
    boolean wildcard = isWildcard();
    if (released || !covers(ip) || !takesFrom(source) || (wildcard && !local)) {
      return -1;
    }
    return (wildcard ? 0 : 4) + (peer == null ? 0 : 2) + (dualStack ? 0 : 1);
  }

  boolean collidesWith(DatagramBinding other) {
    if (released || (reuseAddress && other.reuseAddress) || (reusePort && other.reusePort)) {
      return false;
    }
    return overlaps(other) || other.overlaps(this);
  }

  /** One that was bound to all and is connected lets others have addresses, but not all of IPv4. */
  private boolean overlaps(DatagramBinding other) {
    InetAddress ip = other.address.getAddress();
    return covers(ip) || (boundToAll && other.isWildcard() && ip instanceof Inet4Address);
  }
}
