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
 * The addresses of one network, of all kinds: binds take them, connects look them up.
 *
 * <p>A network of several hosts has a subclass for each. Thread-safe; a lookup takes no lock. Who
 * binds in the kernel too does both under a pass of {@link #toBind}, and who asks the kernel for a
 * connection does so under one of {@link #toConnect}.
 */
public class Namespace {
  private final Interfaces interfaces;
  private final InetNames inet;
  private final UnixNames unix;
  private final AbstractNames names = new AbstractNames();
  private final BindGate gate = new BindGate();

  /** Null until it is asked for, where it is this machine's: most programs have no use for it. */
  private volatile DatagramNames datagrams;

  /**
   * Makes an empty namespace.
   *
   * @param temporaryDirectory where the paths of Unix servers lie that are bound without one
   */
  public Namespace(Path temporaryDirectory) {
    this(temporaryDirectory, Interfaces.OF_MACHINE, null);
  }

  /**
   * Makes an empty namespace of a host with addresses of its own.
   *
   * @param interfaces which addresses these are
   * @param datagrams the names of its datagram sockets, none yet; null for this machine's
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

  /** The names of datagram sockets, which have ports of their own. */
  public DatagramNames datagrams() {
    DatagramNames present = datagrams;
    return present == null ? makeDatagrams() : present;
  }

  private synchronized DatagramNames makeDatagrams() {
    if (datagrams == null) {
      datagrams = new DatagramNames();
    }
    return datagrams;
  }

  /** Whether an IP address is this machine's, so that a server here can be behind it. */
  public boolean isLocal(InetAddress ip) {
    return interfaces.isLocal(ip);
  }

  /**
   * Takes an address.
   *
   * @param address an IP address, where port 0 chooses a free one; a Unix path, whose socket file
   *     exists already if the kernel has bound it too; or an abstract name
   * @return the name; null for a socket file on a file system that cannot tell files apart
   * @throws BindException "Address already in use"
   * @throws SocketException if a path is too long for an address
   * @throws IOException if a socket file is gone already
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

  /** A Unix path in the temporary directory that is not taken here, for a bind without one. */
  public UnixDomainSocketAddress freshPath() {
    return unix.freshPath();
  }

  /**
   * Who listens at an address; {@code null} if nobody in this JVM does.
   *
   * @param kernelToo whether connects to the address may be the kernel's: a path is then the socket
   *     file that it leads to now
   * @throws SocketException "No such file or directory" for a path that is not taken at all, unless
   *     the kernel can say so
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
   * Chooses the address a client connects from, with a port that is given back by {@link
   * #giveClientAddress}.
   *
   * @param destination where it connects to
   */
  public InetSocketAddress takeClientAddress(InetAddress destination) {
    return inet.takeClientAddress(destination);
  }

  /**
   * The address that a bound client connects from; it is taken for this destination until the
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
   * Whether a connect asks for the very address that the connecting end has.
   *
   * @param bound what the end is bound to; null if it is not
   * @param destination where it connects to
   */
  public boolean isOwn(SocketAddress bound, SocketAddress destination) {
    return bound instanceof InetSocketAddress from
        && destination instanceof InetSocketAddress to
        && from.getPort() == to.getPort()
        && inet.sourceOf(from.getAddress(), to.getAddress()).equals(to.getAddress());
  }

  /** Gives the port of a client's address back, once. */
  public void giveClientAddress(InetSocketAddress address) {
    inet.giveClientAddress(address);
  }

  /** How many bound addresses listen now. */
  public int listeners() {
    return inet.listeners() + unix.listeners() + names.listeners();
  }
}
