package io.nioring.internal.names;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** An IP address taken on a port, with what it stands for. */
final class InetBinding extends Binding {
  private final InetNames names;
  private final InetAddress ip;
  private final int port;
  private final boolean dualStack;
  private final boolean reusePort;

  InetBinding(InetNames names, InetSocketAddress address, boolean dualStack, boolean reusePort) {
    super(address);
    this.names = names;
    this.ip = address.getAddress();
    this.port = address.getPort();
    this.dualStack = dualStack;
    this.reusePort = reusePort;
  }

  int port() {
    return port;
  }

  boolean isWildcard() {
    return ip.isAnyLocalAddress();
  }

  /** Whether a connect to an address may end here. */
  boolean covers(InetAddress address) {
    return isWildcard() ? coversFamilyOf(address) : ip.equals(address);
  }

  private boolean coversFamilyOf(InetAddress address) {
    return ip.getClass() == address.getClass()
        || (dualStack && ip instanceof Inet6Address && address instanceof Inet4Address);
  }

  boolean collidesWith(InetBinding other) {
    if (reusePort && other.reusePort) {
      return false;
    }
    return overlaps(other) || other.overlaps(this);
  }

  private boolean overlaps(InetBinding other) {
    return isWildcard() ? coversFamilyOf(other.ip) : ip.equals(other.ip);
  }

  @Override
  public void release() {
    names.release(this);
  }
}
