package io.nioring.internal.names;

import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.address.EphemeralPorts;
import io.nioring.internal.address.Interfaces;
import io.nioring.internal.address.IpAddresses;
import io.nioring.internal.platform.KernelListeners;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The TCP half of a namespace: which IP addresses are bound on which port.
 *
 * <p>A port's bindings are an immutable list that is replaced as a whole, so that a lookup takes no
 * lock. Two bindings of a port collide if one address can mean the other, as on Linux: equal
 * addresses, or a wildcard with any address of a family it covers. {@code SO_REUSEPORT} on both
 * lets them share the port, and connects are then distributed in turn; so does {@code SO_REUSEADDR}
 * as long as none of them listens, and then no two may connect to the same address.
 */
final class InetNames {
  private final ConcurrentHashMap<Integer, List<InetBinding>> ports = new ConcurrentHashMap<>();
  private final EphemeralPorts ephemeral = new EphemeralPorts();
  private final AtomicInteger turn = new AtomicInteger();
  private final KernelListeners outside;
  private final Interfaces interfaces;

  InetNames(Interfaces interfaces) {
    this(new KernelListeners(), interfaces);
  }

  InetNames(KernelListeners outside) {
    this(outside, Interfaces.OF_MACHINE);
  }

  private InetNames(KernelListeners outside, Interfaces interfaces) {
    this.outside = outside;
    this.interfaces = interfaces;
  }

  /**
   * Takes an address.
   *
   * @param wanted the address; port 0 chooses a free one
   * @throws BindException "Address already in use"
   */
  Binding bind(InetSocketAddress wanted, BindOptions options) throws BindException {
    InetSocketAddress address = IpAddresses.withoutName(wanted);
    if (address.getPort() != 0) {
      return tryBind(address, options);
    }
    for (int attempt = 0; attempt < EphemeralPorts.COUNT; attempt++) {
      int port = ephemeral.next();
      if (ephemeral.isFree(port)) {
        InetSocketAddress chosen = new InetSocketAddress(address.getAddress(), port);
        InetBinding binding = new InetBinding(this, chosen, options);
        if (add(binding)) {
          return binding;
        }
      }
    }
    throw new BindException("Address already in use: no ephemeral port is free");
  }

  private InetBinding tryBind(InetSocketAddress address, BindOptions options) throws BindException {
    InetBinding binding = new InetBinding(this, address, options);
    if (!add(binding)) {
      throw new BindException("Address already in use");
    }
    return binding;
  }

  /** Adds a binding to those of its port unless it collides with another. */
  private final class Addition implements InetBinding.Change {
    private final InetBinding added;

    /** Whether the port was there to be changed. */
    private boolean tried;

    private boolean done;
    private Error failure;

    Addition(InetBinding added) {
      this.added = added;
    }

    /** Throws nothing: a port for which there was no memory is removed unless others are bound. */
    @Override
    public List<InetBinding> apply(Integer port, List<InetBinding> taken) {
      tried = true;
      List<InetBinding> after = taken;
      try {
        after = tryAdd(taken);
      } catch (VirtualMachineError | LinkageError e) {
        failure = e;
      }
      return after.isEmpty() ? null : after;
    }

    /** The resulting bindings: unchanged if it may not be added. Takes the port last. */
    private List<InetBinding> tryAdd(List<InetBinding> taken) {
      if (collides(taken, added)) {
        return taken;
      }
      List<InetBinding> after = with(taken, added);
      done = ephemeral.bind(added.port(), added.ip(), added.isDualStack());
      return done ? after : taken;
    }
  }

  /**
   * Adds a binding if it may be added. In two steps, so that nothing needs memory any more once the
   * port is taken: the map gets an entry, and then the entry its bindings.
   */
  private boolean add(InetBinding added) {
    Addition addition = new Addition(added);
    do {
      ports.putIfAbsent(added.key(), List.of());
      ports.computeIfPresent(added.key(), addition);
    } while (!addition.tried); // the last of the others was released in between
    if (addition.failure != null) {
      throw addition.failure;
    }
    return addition.done;
  }

  private static boolean collides(List<InetBinding> taken, InetBinding added) {
    for (InetBinding each : taken) {
      if (!each.isReleased() && added.collidesWith(each)) {
        return true;
      }
    }
    return false;
  }

  private static List<InetBinding> with(List<InetBinding> taken, InetBinding added) {
    List<InetBinding> all = new ArrayList<>(taken.size() + 1);
    for (InetBinding each : taken) { // without a lambda, which a JVM's first bytes would wait for
      if (!each.isReleased()) {
        all.add(each);
      }
    }
    all.add(added);
    return List.copyOf(all);
  }

  /**
   * The bindings of a port without one that was released; null if that leaves none, so that the
   * port is free.
   */
  List<InetBinding> without(List<InetBinding> taken, InetBinding removed) {
    for (InetBinding each : taken) {
      if (!each.isReleased()) {
        return taken.stream().filter(other -> other != removed).toList();
      }
    }
    ephemeral.unbind(removed.port());
    return null;
  }

  /**
   * Needs no memory: when memory is short, the address is free, but the binding is removed from the
   * list only with the next change of its port.
   */
  void release(InetBinding binding) {
    binding.markReleased();
    try {
      ports.computeIfPresent(binding.key(), binding.removal());
    } catch (VirtualMachineError | LinkageError e) {
      return; // others are bound to the port, and the list without this one is made later
    }
  }

  /**
   * Finds the listener at an address.
   *
   * @param kernelToo whether connects to the address may go to the kernel
   * @return the listener with exactly this address, else one with a wildcard that covers it, else
   *     {@code null}; also {@code null} if the kernel would choose a listener outside this network
   */
  Listener lookup(InetSocketAddress address, boolean kernelToo) {
    List<InetBinding> taken = ports.get(address.getPort());
    if (taken == null) {
      return null;
    }
    InetBinding chosen = choose(taken, address.getAddress());
    return chosen == null || (kernelToo && isOutsidersAddress(chosen, address))
        ? null
        : chosen.listener();
  }

  /**
   * Whether the kernel prefers a socket outside this network. Only {@code SO_REUSEPORT} lets others
   * listen beside ours, so no other connect has to check.
   */
  private boolean isOutsidersAddress(InetBinding ours, InetSocketAddress address) {
    return ours.isSharedWithKernel()
        && outside.bestRank(address) > rank(ours, address.getAddress());
  }

  /** How well a socket fits: the kernel prefers an address to a wildcard, and IPv4 sockets. */
  private static int rank(InetBinding binding, InetAddress ip) {
    boolean plain = !binding.isDualStack() || ip instanceof Inet6Address;
    return KernelListeners.rank(!binding.isWildcard(), plain);
  }

  /** The best match; among equally good ones, each in turn. */
  private InetBinding choose(List<InetBinding> taken, InetAddress ip) {
    InetBinding best = null;
    int bestRank = 0;
    int equals = 0;
    for (InetBinding each : taken) {
      int rank = isConnectable(each, ip) ? rank(each, ip) : 0;
      if (rank > bestRank) {
        best = each;
        bestRank = rank;
        equals = 1;
      } else if (rank == bestRank) {
        equals++;
      }
    }
    return equals < 2 || best == null ? best : chooseByTurn(taken, ip, bestRank);
  }

  private boolean isConnectable(InetBinding binding, InetAddress ip) {
    return binding.listener() != null
        && !binding.isReleased()
        && binding.covers(ip)
        && (!binding.isWildcard() || interfaces.isLocal(ip));
  }

  private InetBinding chooseByTurn(List<InetBinding> taken, InetAddress ip, int rank) {
    List<InetBinding> all =
        taken.stream().filter(each -> isConnectable(each, ip) && rank(each, ip) == rank).toList();
    return all.isEmpty() ? null : all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
  }

  /** The address from which an unbound client connects, with a new port. */
  SocketAddress takeClientAddress(InetAddress destination) {
    if (interfaces.isSourceLoopback(destination)) {
      return new ClientAddress(destination, ephemeral.takeLoopback(destination));
    }
    InetAddress source = interfaces.sourceFor(destination);
    int port = ephemeral.take(source);
    SocketAddress address = null;
    try {
      address = new InetSocketAddress(source, port);
      return address;
    } finally {
      if (address == null) { // no memory
        ephemeral.give(port);
      }
    }
  }

  /** The address from which a bound client connects; it may be bound to a wildcard. */
  InetAddress sourceOf(InetAddress bound, InetAddress destination) {
    return bound.isAnyLocalAddress() ? interfaces.sourceFor(destination) : bound;
  }

  /**
   * The address from which a bound client connects.
   *
   * @throws BindException "Cannot assign requested address" if another client that is bound to the
   *     same address connects there too
   */
  InetSocketAddress connect(InetBinding client, InetSocketAddress destination)
      throws BindException {
    InetAddress source = sourceOf(client.ip(), destination.getAddress());
    boolean[] isFree = {true};
    ports.computeIfPresent(
        client.port(),
        (port, taken) -> {
          isFree[0] =
              taken.stream()
                  .noneMatch(
                      each ->
                          each != client
                              && !each.isReleased()
                              && each.connects(source, destination));
          if (isFree[0]) {
            client.connect(source, destination);
          }
          return taken;
        });
    if (!isFree[0]) {
      throw new BindException("Cannot assign requested address");
    }
    return new InetSocketAddress(source, client.port());
  }

  /** Releases the port that {@link #takeClientAddress} chose. */
  void giveClientAddress(SocketAddress address) {
    ephemeral.give(ClientAddress.portOf(address));
  }

  int listeners() {
    return (int)
        ports.values().stream()
            .flatMap(List::stream)
            .filter(binding -> binding.listener() != null && !binding.isReleased())
            .count();
  }
}
