package io.nioring.internal.names;

import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The addresses of one network: binds take them, connects look them up.
 *
 * <p>Thread-safe; a lookup takes no lock. Who binds in the kernel too does both under a pass of the
 * address's {@link #gate}.
 */
public final class Namespace {
  /** So many: binds and connects at different ports should seldom meet. A power of two. */
  private static final int GATES = 16;

  private final InetNames inet = new InetNames();
  private final UnixNames unix;
  private final AbstractNames names = new AbstractNames();
  private final DatagramNames datagrams = new DatagramNames();
  private final BindGate[] gates = new BindGate[GATES];

  /**
   * Makes an empty namespace.
   *
   * @param temporaryDirectory where the paths of Unix servers lie that are bound without one
   */
  public Namespace(Path temporaryDirectory) {
    unix = new UnixNames(temporaryDirectory);
    Arrays.setAll(gates, i -> new BindGate());
  }

  /** Where binds to an address, and connects to it, pass on their way to the kernel. */
  public BindGate gate(SocketAddress address) {
    int port = address instanceof InetSocketAddress ip ? ip.getPort() : 0;
    return gates[port & (GATES - 1)];
  }

  /** The names of datagram sockets, which have ports of their own. */
  public DatagramNames datagrams() {
    return datagrams;
  }

  /** Whether an IP address is this machine's, so that a server here can be behind it. */
  public boolean isLocal(InetAddress ip) {
    return InetNames.isLocal(ip);
  }

  /**
   * Takes an IP address and port.
   *
   * @param address the address; port 0 chooses a free one
   * @param dualStack whether an IPv6 wildcard also stands for IPv4 addresses
   * @param reusePort whether others that say so too may take the same address
   * @throws BindException "Address already in use"
   */
  public Binding bind(InetSocketAddress address, boolean dualStack, boolean reusePort)
      throws BindException {
    return inet.bind(address, dualStack, reusePort);
  }

  /**
   * Takes a Unix path.
   *
   * @throws BindException "Address already in use"
   * @throws SocketException if the path is too long for an address
   */
  public Binding bind(UnixDomainSocketAddress path) throws SocketException {
    return unix.bind(path);
  }

  /**
   * Takes an abstract name.
   *
   * @throws BindException "Address already in use"
   */
  public Binding bind(AbstractSocketAddress name) throws BindException {
    return names.bind(name);
  }

  /** A Unix path in the temporary directory that is not taken here, as an example of those. */
  public UnixDomainSocketAddress freshPath() {
    return unix.freshPath();
  }

  /**
   * Takes a fresh Unix path in the temporary directory.
   *
   * @throws SocketException if the temporary directory's path is too long for an address
   */
  public Binding bindFreshPath() throws SocketException {
    return unix.bindFresh();
  }

  /**
   * Takes a path whose socket file the kernel has just made.
   *
   * @return the name; null on a file system that cannot tell files apart
   * @throws IOException if the file is gone already
   */
  public Binding bindFile(UnixDomainSocketAddress path) throws IOException {
    return unix.bindFile(path);
  }

  /** Who listens at the socket file that a path leads to now; null if nobody in this JVM does. */
  public Listener lookupFile(UnixDomainSocketAddress path) {
    return unix.lookupFile(path);
  }

  /** Who listens at an IP address and port; {@code null} if nobody does. */
  public Listener lookup(InetSocketAddress address) {
    return inet.lookup(address);
  }

  /**
   * Who listens at a path; {@code null} if it is taken but nobody listens.
   *
   * @throws SocketException "No such file or directory" if it is not taken
   */
  public Listener lookup(UnixDomainSocketAddress path) throws SocketException {
    return unix.lookup(path);
  }

  /** Who listens at an abstract name; {@code null} if nobody does. */
  public Listener lookup(AbstractSocketAddress name) {
    return names.lookup(name);
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

  /** The IP address a client bound to the wildcard connects from. */
  public InetAddress sourceFor(InetAddress destination) {
    return InetNames.sourceFor(destination);
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
