package io.nioring.internal.names;

import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/**
 * The TCP half of a namespace: which IP addresses are taken on which port.
 *
 * <p>A port's bindings are an immutable list that is replaced as a whole, so that a lookup takes no
 * lock. Two bindings of a port collide if one address can mean the other, as on Linux: equal
 * addresses, or a wildcard with any address of a family it covers. {@code SO_REUSEPORT} on both
 * sides lets them share, and connects then go round.
 */
final class InetNames {
  private static final InetAddress LOOPBACK4 = loopback4();

  private final ConcurrentHashMap<Integer, List<InetBinding>> ports = new ConcurrentHashMap<>();
  private final EphemeralPorts ephemeral = new EphemeralPorts();
  private final AtomicInteger turn = new AtomicInteger();

  /** Made once: each connect asks for it. */
  private final IntPredicate isBound = ports::containsKey;

  private static InetAddress loopback4() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Takes an address.
   *
   * @param wanted the address; port 0 chooses a free one
   * @param dualStack whether an IPv6 wildcard also stands for the IPv4 addresses
   * @param reusePort whether others that say so too may take the same address
   * @throws BindException "Address already in use"
   */
  Binding bind(InetSocketAddress wanted, boolean dualStack, boolean reusePort)
      throws BindException {
    InetSocketAddress address = IpAddresses.withoutName(wanted);
    if (address.getPort() != 0) {
      return tryBind(address, dualStack, reusePort);
    }
    for (int attempt = 0; attempt < EphemeralPorts.COUNT; attempt++) {
      int port = ephemeral.next();
      if (ephemeral.isFree(port) && !ports.containsKey(port)) {
        InetSocketAddress chosen = new InetSocketAddress(address.getAddress(), port);
        InetBinding binding = new InetBinding(this, chosen, dualStack, reusePort);
        if (add(binding)) {
          return binding;
        }
      }
    }
    throw new BindException("Address already in use: no ephemeral port is free");
  }

  private InetBinding tryBind(InetSocketAddress address, boolean dualStack, boolean reusePort)
      throws BindException {
    InetBinding binding = new InetBinding(this, address, dualStack, reusePort);
    if (!add(binding)) {
      throw new BindException("Address already in use");
    }
    return binding;
  }

  private boolean add(InetBinding added) {
    List<InetBinding> after =
        ports.compute(
            added.port(), (port, taken) -> collides(taken, added) ? taken : with(taken, added));
    return after.contains(added);
  }

  private static boolean collides(List<InetBinding> taken, InetBinding added) {
    return taken != null && taken.stream().anyMatch(each -> each.collidesWith(added));
  }

  private static List<InetBinding> with(List<InetBinding> taken, InetBinding added) {
    List<InetBinding> all = taken == null ? new ArrayList<>() : new ArrayList<>(taken);
    all.add(added);
    return List.copyOf(all);
  }

  private static List<InetBinding> without(List<InetBinding> taken, InetBinding removed) {
    List<InetBinding> rest = taken.stream().filter(each -> each != removed).toList();
    return rest.isEmpty() ? null : rest;
  }

  void release(InetBinding binding) {
    List<InetBinding> taken = ports.get(binding.port());
    if (taken != null
        && taken.size() == 1
        && taken.get(0) == binding
        && ports.remove(binding.port(), taken)) {
      return; // without an allocation of ours: a close gives the name back also without memory
    }
    ports.computeIfPresent(binding.port(), (port, all) -> without(all, binding));
  }

  /**
   * Who listens at an address.
   *
   * @return the listener with just this address, else one with a wildcard that stands for it, else
   *     {@code null}
   */
  Listener lookup(InetSocketAddress address) {
    List<InetBinding> taken = ports.get(address.getPort());
    if (taken == null) {
      return null;
    }
    InetAddress ip = address.getAddress();
    Listener exact = choose(taken, ip, false);
    if (exact != null) {
      return exact;
    }
    return isLocal(ip) ? choose(taken, ip, true) : null;
  }

  private Listener choose(List<InetBinding> taken, InetAddress ip, boolean wildcard) {
    Listener only = null;
    int matches = 0;
    for (InetBinding each : taken) {
      if (each.isWildcard() == wildcard && each.listener() != null && each.covers(ip)) {
        only = each.listener();
        matches++;
      }
    }
    return matches < 2 ? only : chooseByTurn(taken, ip, wildcard);
  }

  private Listener chooseByTurn(List<InetBinding> taken, InetAddress ip, boolean wildcard) {
    List<Listener> all =
        taken.stream()
            .filter(each -> each.isWildcard() == wildcard && each.covers(ip))
            .map(Binding::listener)
            .filter(each -> each != null)
            .toList();
    return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
  }

  static boolean isLocal(InetAddress ip) {
    if (ip.isLoopbackAddress()) {
      return true;
    }
    try {
      return NetworkInterface.getByInetAddress(ip) != null;
    } catch (SocketException e) {
      return false; // a machine that cannot name its interfaces has no local address but loopback
    }
  }

  /**
   * The address that a client's packets would bear: 127.0.0.1 for an IPv4 loopback address, as the
   * kernel's routing does, and otherwise the address that it connects to, without a name.
   */
  static InetAddress sourceFor(InetAddress destination) {
    return destination instanceof Inet4Address && destination.isLoopbackAddress()
        ? LOOPBACK4
        : IpAddresses.withoutName(destination);
  }

  /** The address that a client without one of its own connects from, with a fresh port. */
  InetSocketAddress takeClientAddress(InetAddress destination) {
    return new InetSocketAddress(sourceFor(destination), ephemeral.take(isBound));
  }

  /** Gives back the port that {@link #takeClientAddress} chose. */
  void giveClientAddress(InetSocketAddress address) {
    ephemeral.give(address.getPort());
  }

  int listeners() {
    return (int)
        ports.values().stream()
            .flatMap(List::stream)
            .filter(binding -> binding.listener() != null)
            .count();
  }
}
