package io.nioring.internal.names;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiFunction;

/**
 * An IP address taken on a port, with what it stands for.
 *
 * <p>A client's binding tells how far the client is, as a socket of the kernel's does: bound to a
 * wildcard it stands for every address, connected for the one it connects from. That changes under
 * the lock of the port, see {@link InetNames}.
 */
final class InetBinding extends Binding {
  /** A step from the bindings of a port to those afterwards; null where there are none. */
  interface Change extends BiFunction<Integer, List<InetBinding>, List<InetBinding>> {}

  /** Takes this one out. */
  private final class Removal implements Change {
    @Override
    public List<InetBinding> apply(Integer port, List<InetBinding> taken) {
      return names.without(taken, InetBinding.this);
    }
  }

  private final InetNames names;
  private final BindOptions options;

  /** The port as a key, and how it is taken out: made now, since a release may lack memory. */
  private final Integer key;

  private final Change removal = new Removal();

  private volatile InetAddress ip;

  /** Where the client connects to; null if it does not. */
  private InetSocketAddress destination;

  InetBinding(InetNames names, InetSocketAddress address, BindOptions options) {
    super(address);
    this.names = names;
    this.options = options;
    this.key = address.getPort();
    this.ip = address.getAddress();
  }

  int port() {
    return key;
  }

  /** The port, as what its bindings are found by. */
  Integer key() {
    return key;
  }

  /** Takes this out of the bindings of its port. */
  Change removal() {
    return removal;
  }

  InetAddress ip() {
    return ip;
  }

  boolean isDualStack() {
    return options.dualStack();
  }

  boolean isWildcard() {
    return ip.isAnyLocalAddress();
  }

  /** Whether the kernel listens at the address too, maybe for somebody else beside us. */
  boolean isSharedWithKernel() {
    return options.kernelToo() && options.reusePort();
  }

  /** Whether a connect to an address may end here. */
  boolean covers(InetAddress address) {
    return isWildcard() ? coversFamilyOf(address) : ip.equals(address);
  }

  private boolean coversFamilyOf(InetAddress address) {
    return ip.getClass() == address.getClass()
        || (options.dualStack() && ip instanceof Inet6Address && address instanceof Inet4Address);
  }

  /** Whether this may not be bound beside another one that is. */
  boolean collidesWith(InetBinding taken) {
    if (options.reusePort() && taken.options.reusePort()) {
      return false;
    }
    if (options.reuseAddress() && taken.options.reuseAddress() && !taken.options.server()) {
      return false;
    }
    return covers(taken.ip) || taken.covers(ip);
  }

  /** Notes where the client connects from and to; under the lock of the port. */
  void connect(InetAddress source, InetSocketAddress to) {
    ip = source;
    destination = to;
  }

  /** Whether the client connects from an address to another; under the lock of the port. */
  boolean connects(InetAddress source, InetSocketAddress to) {
    return to.equals(destination) && ip.equals(source);
  }

  @Override
  public void release() {
    names.release(this);
  }
}
