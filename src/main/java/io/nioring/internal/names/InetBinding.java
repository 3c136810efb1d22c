package io.nioring.internal.names;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A bound IP address and port, with the addresses that it covers.
 *
 * <p>A client's binding reflects the state of the client, like a kernel socket: bound to a wildcard
 * it covers every address; once connected, only the one it connects from. That changes under the
 * lock of the port, see {@link InetNames}.
 */
final class InetBinding extends Binding {
  /** A change of the bindings of a port; null stands for no bindings. */
  interface Change extends BiFunction<Integer, List<InetBinding>, List<InetBinding>> {}

  /** Removes this binding. */
  private final class Removal implements Change {
    @Override
    public List<InetBinding> apply(Integer port, List<InetBinding> taken) {
      return names.without(taken, InetBinding.this);
    }
  }

  private final InetNames names;
  private final BindOptions options;

  /** The port as a key, and the removal: created now, since memory may be short at release. */
  private final Integer key;

  private final Change removal = new Removal();

  /** Whether it was bound to the wildcard of both families, part of which it keeps: see below. */
  private final boolean boundToAll;

  private volatile InetAddress ip;

  /** Whether others that set {@code SO_REUSEADDR} or {@code SO_REUSEPORT} may bind the port too. */
  private volatile boolean sharesAddress;

  private volatile boolean sharesPort;

  /** Whether it stays in the list only until that is changed. */
  private volatile boolean released;

  /** The destination of the client; null if it does not connect. */
  private InetSocketAddress destination;

  InetBinding(InetNames names, InetSocketAddress address, BindOptions options) {
    super(address);
    this.names = names;
    this.options = options;
    this.key = address.getPort();
    this.ip = address.getAddress();
    this.boundToAll = options.dualStack() && isWildcardOfIpv6(ip);
    this.sharesAddress = options.reuseAddress();
    this.sharesPort = options.reusePort();
  }

  private static boolean isWildcardOfIpv6(InetAddress ip) {
    return ip instanceof Inet6Address && ip.isAnyLocalAddress();
  }

  int port() {
    return key;
  }

  /** The port, as the key of its bindings. */
  Integer key() {
    return key;
  }

  /** Removes this from the bindings of its port. */
  Change removal() {
    return removal;
  }

  InetAddress ip() {
    return ip;
  }

  void markReleased() {
    released = true;
  }

  boolean isReleased() {
    return released;
  }

  boolean isDualStack() {
    return options.dualStack();
  }

  boolean isWildcard() {
    return ip.isAnyLocalAddress();
  }

  /** Whether the kernel listens at the address too, perhaps also for other processes. */
  boolean isSharedWithKernel() {
    return options.kernelToo() && sharesPort;
  }

  /** Whether a connect to an address may end here. */
  boolean covers(InetAddress address) {
    return isWildcard() ? coversFamilyOf(address) : ip.equals(address);
  }

  private boolean coversFamilyOf(InetAddress address) {
    return ip.getClass() == address.getClass()
        || (options.dualStack() && ip instanceof Inet6Address && address instanceof Inet4Address);
  }

  /** Whether this conflicts with an existing binding. */
  boolean collidesWith(InetBinding taken) {
    if (sharesPort && taken.sharesPort) {
      return false;
    }
    if (sharesAddress && taken.sharesAddress && !taken.options.server()) {
      return false;
    }
    return overlaps(taken) || taken.overlaps(this);
  }

  /** One that was bound to all and is connected lets others have addresses, but not all of IPv4. */
  private boolean overlaps(InetBinding other) {
    InetAddress theirs = other.ip;
    return covers(theirs)
        || (boundToAll && theirs instanceof Inet4Address && theirs.isAnyLocalAddress());
  }

  /** Stores the two addresses of the client's connection; under the lock of the port. */
  void connect(InetAddress source, InetSocketAddress to) {
    ip = source;
    destination = to;
  }

  /** Whether the client connects from an address to another; under the lock of the port. */
  boolean connects(InetAddress source, InetSocketAddress to) {
    return to.equals(destination) && ip.equals(source);
  }

  /** As the kernel does it, which remembers for a port that {@code SO_REUSEPORT} was set. */
  @Override
  public void share(boolean reuseAddress, boolean reusePort) {
    sharesAddress = reuseAddress;
    sharesPort = options.reusePort() || reusePort;
  }

  @Override
  public void release() {
    names.release(this);
  }
}
