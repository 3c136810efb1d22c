package io.nioring.internal.names;

import io.nioring.internal.address.Interfaces;
import io.nioring.internal.datagram.DatagramNames;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * All bound addresses of one network: binds add them, connects look them up.
 *
 * <p>A network of several hosts has a subclass for each. Thread-safe; a lookup takes no lock. A
 * bind that also binds in the kernel does both under a pass of {@link #toBind}, and a connect asks
 * the kernel under one of {@link #toConnect}.
 */
public class Namespace {
  private final Interfaces interfaces;
  private final InetNames inet;
  private final UnixNames unix;
  private final AbstractNames names = new AbstractNames();
  private final BindGate gate = new BindGate();

  /** Null until first used: most programs do not need it. */
  private volatile DatagramNames datagrams;

  /**
   * Makes an empty namespace.
   *
   * @param temporaryDirectory the directory for the paths of Unix servers that are bound without
   *     one
   * @param interfaces the IP addresses that wildcards stand for
   */
  public Namespace(Path temporaryDirectory, Interfaces interfaces) {
    this(temporaryDirectory, interfaces, null);
  }

  /**
   * Makes an empty namespace for a host with its own addresses.
   *
   * @param interfaces the host's addresses
   * @param datagrams the addresses of its datagram sockets, empty; null for those with the same
   *     interfaces
   */
  protected Namespace(Path temporaryDirectory, Interfaces interfaces, DatagramNames datagrams) {
    this.interfaces = interfaces;
    this.datagrams = datagrams;
    inet = new InetNames(interfaces);
    unix = new UnixNames(temporaryDirectory);
  }

  /** Waits until an address may be bound in the kernel; see {@link BindGate}. */
  public BindGate.Pass toBind(SocketAddress address) {
    return gate.toBind(placeOf(address));
  }

  /** Waits until a connect to an address may go to the kernel; see {@link BindGate}. */
  public BindGate.Pass toConnect(SocketAddress address) {
    return gate.toConnect(placeOf(address));
  }

  private static Object placeOf(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress path
        ? UnixNames.placeOf(path.getPath())
        : address;
  }

  /** The addresses of datagram sockets, which have separate ports. */
  public DatagramNames datagrams() {
    DatagramNames present = datagrams;
    return present == null ? makeDatagrams() : present;
  }

  private synchronized DatagramNames makeDatagrams() {
    if (datagrams == null) {
      datagrams = new DatagramNames(interfaces);
    }
    return datagrams;
  }

  /** Whether an IP address belongs to this machine, so that a server here may be bound to it. */
  public boolean isLocal(InetAddress ip) {
    return interfaces.isLocal(ip);
  }

  /**
   * Takes an address.
   *
   * @param address an IP address, where port 0 chooses a free one; a Unix path, whose socket file
   *     exists already if the kernel has bound it too; or an abstract name
   * @return the binding; null for a socket file on a file system without file identities
   * @throws BindException "Address already in use"
   * @throws SocketException if a path is too long for an address
   * @throws IOException if a socket file no longer exists
   */
  public Binding bind(SocketAddress address, BindOptions options) throws IOException {
    if (address instanceof InetSocketAddress ip) {
      return inet.bind(ip, options);
    } else if (address instanceof AbstractSocketAddress name) {
      return names.bind(name);
    }
    UnixDomainSocketAddress path = (UnixDomainSocketAddress) address;
    return options.kernelToo() ? unix.bindFile(path) : unix.bind(path);
  }

  /** An unused Unix path in the temporary directory, for a bind without a path. */
  public UnixDomainSocketAddress freshPath() {
    return unix.freshPath();
  }

  /**
   * The listener at an address; {@code null} if there is none in this JVM.
   *
   * @param kernelToo whether connects to the address may go to the kernel: a path then means the
   *     socket file that it leads to now
   * @throws SocketException "No such file or directory" for a path that does not exist, unless the
   *     kernel can report that
   */
  public Listener lookup(SocketAddress address, boolean kernelToo) throws SocketException {
    if (address instanceof InetSocketAddress ip) {
      return inet.lookup(ip, kernelToo);
    } else if (address instanceof AbstractSocketAddress name) {
      return names.lookup(name);
    }
    UnixDomainSocketAddress path = (UnixDomainSocketAddress) address;
    return kernelToo ? unix.lookupFile(path) : unix.lookup(path);
  }

  /**
   * Chooses the address from which a client connects, with a port that {@link #giveClientAddress}
   * releases. It may be a {@link io.nioring.internal.address.ClientAddress}.
   *
   * @param destination the address that it connects to
   */
  public SocketAddress takeClientAddress(InetAddress destination) {
    return inet.takeClientAddress(destination);
  }

  /**
   * The address from which a bound client connects; it is reserved for this destination until the
   * binding is released.
   *
   * @param client an IP address that was bound here
   * @throws BindException "Cannot assign requested address" if another client that is bound to the
   *     same address connects there too
   */
  public InetSocketAddress connect(Binding client, InetSocketAddress destination)
      throws BindException {
    return inet.connect((InetBinding) client, destination);
  }

  /**
   * Whether a connect asks for the address of the connecting end itself.
   *
   * @param bound the address of the end; null if it is unbound
   * @param destination the address that it connects to
   */
  public boolean isOwn(SocketAddress bound, SocketAddress destination) {
    return bound instanceof InetSocketAddress from
        && destination instanceof InetSocketAddress to
        && from.getPort() == to.getPort()
        && inet.sourceOf(from.getAddress(), to.getAddress()).equals(to.getAddress());
  }

  /** Releases the port of a client's address, once. */
  public void giveClientAddress(SocketAddress address) {
    inet.giveClientAddress(address);
  }

  /** The number of bound addresses that listen now. */
  public int listeners() {
    return inet.listeners() + unix.listeners() + names.listeners();
  }
}
