package io.nioring.internal.network;

import io.nioring.internal.names.BindGate;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.select.RingSelector;
import io.nioring.internal.stream.Wire;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.PeerCredentials;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Decides where the addresses of a network lead: the only place that knows its mode, its routes and
 * its listeners. A subclass may decide otherwise. Thread-safe.
 */
public class Verdicts {
  private final Namespace names;
  private final Mode mode;
  private final Routes routes;
  private final Map<String, List<InetAddress>> hosts;

  /**
   * Makes the plain rules.
   *
   * @param names the bound addresses
   * @param mode the mode of addresses without a route
   * @param routes the rules for the modes of addresses
   */
  public Verdicts(Namespace names, Mode mode, Routes routes) {
    this(names, mode, routes, Map.of());
  }

  /**
   * Makes the plain rules of a network that knows hosts.
   *
   * @param hosts addresses by names in lower case, at least one each
   */
  public Verdicts(Namespace names, Mode mode, Routes routes, Map<String, List<InetAddress>> hosts) {
    this.names = names;
    this.mode = mode;
    this.routes = routes;
    this.hosts = hosts;
  }

  /**
   * The first address of a host that the network knows for an unresolved one; otherwise the same
   * address.
   */
  public final SocketAddress resolved(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet) || !inet.isUnresolved()) {
      return address;
    }
    InetAddress known = addressOf(inet.getHostString());
    return known == null ? address : new InetSocketAddress(known, inet.getPort());
  }

  /** The first address of a host that the network knows; null for any other name. */
  protected InetAddress addressOf(String name) {
    List<InetAddress> known = hosts.isEmpty() ? null : hosts.get(name.toLowerCase(Locale.ROOT));
    return known == null ? null : known.get(0);
  }

  /**
   * Makes the listener of a server.
   *
   * @param wire the wire of its connections
   * @param identity the identity of the accepted ends as their peers see it; null for the process's
   * @param admitted as {@link Listener#Listener}
   */
  public Listener listener(Wire wire, PeerCredentials identity, Runnable admitted) {
    return new Listener(wire, identity, admitted);
  }

  /**
   * Whether sockets are closed by the end of their process, as it seems to their peers: no output
   * is shut first then, as programs do.
   */
  public boolean isProcessEnding() {
    return false;
  }

  /** A selector was opened for channels that these rules are for. */
  public void selectorOpened(RingSelector selector) {}

  /** Whether an address may belong to the kernel at all. */
  public final boolean mayReachKernel() {
    return mode != Mode.RING || !routes.isEmpty();
  }

  /**
   * The mode of an address; never the kernel for an abstract name, which java.nio cannot express.
   */
  public final Mode modeFor(SocketAddress address) {
    return address instanceof AbstractSocketAddress ? Mode.RING : routes.modeFor(address, mode);
  }

  /** Whether some datagram addresses exist only in this JVM. */
  public final boolean hasDatagrams() {
    return routes.mayBeDatagramsInRing(mode == Mode.RING);
  }

  /** The mode of a datagram address: {@code ring}, or {@code kernel} for all others. */
  public final Mode datagramModeFor(InetSocketAddress address) {
    return routes.datagramModeFor(address, mode) == Mode.RING ? Mode.RING : Mode.KERNEL;
  }

  /**
   * Decides a connect.
   *
   * @param local the address that the connecting end is bound to; null if unbound
   * @param remote the address that was asked for
   * @throws SocketException if the connect fails at once, for example without a route to the
   *     address
   */
  public Verdict onConnect(SocketAddress local, SocketAddress remote) throws SocketException {
    Mode way = modeFor(remote);
    if (way == Mode.KERNEL) {
      return Verdict.KERNEL;
    }
    SocketAddress target = AddressFamily.toConnect(remote);
    ensureReachable(local, target);
    Listener listener = names.lookup(target, way == Mode.HYBRID);
    if (listener != null) {
      return new Verdict.Ring(listener, way == Mode.HYBRID);
    }
    if (way == Mode.HYBRID) {
      return Verdict.KERNEL;
    }
    return names.isOwn(local, target) ? Verdict.ITSELF : new Verdict.Refuse(null);
  }

  /**
   * Waits until a connect may go to the kernel, see {@link BindGate}; it then has to ask for its
   * verdict once more: a server may have been bound meanwhile, also in the kernel.
   *
   * @param remote the address that was asked for
   * @param waits whether the connect waits for its completion
   * @return the pass, with which no thread waits in the kernel; null if none is needed
   */
  public final BindGate.Pass pass(SocketAddress remote, boolean waits) {
    boolean passes = modeFor(remote) == Mode.HYBRID && !(waits && isOfAnotherMachine(remote));
    return passes ? names.toConnect(AddressFamily.toConnect(remote)) : null;
  }

  private boolean isOfAnotherMachine(SocketAddress remote) {
    return AddressFamily.toConnect(remote) instanceof InetSocketAddress ip
        && !names.isLocal(ip.getAddress());
  }

  /**
   * An IP address of one family reaches none of the other.
   *
   * @throws SocketException as the kernel reports it for a dual-stack socket
   */
  private static void ensureReachable(SocketAddress bound, SocketAddress target)
      throws SocketException {
    if (bound instanceof InetSocketAddress from
        && target instanceof InetSocketAddress to
        && !from.getAddress().isAnyLocalAddress()
        && from.getAddress().getClass() != to.getAddress().getClass()) {
      throw new SocketException(
          to.getAddress() instanceof Inet4Address
              ? "Network is unreachable"
              : "Address family not supported by protocol");
    }
  }
}
