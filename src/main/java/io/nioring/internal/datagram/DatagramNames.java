package io.nioring.internal.datagram;

import io.nioring.internal.address.EphemeralPorts;
import io.nioring.internal.address.Interfaces;
import io.nioring.internal.address.IpAddresses;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The UDP half of a namespace: which IP addresses are bound on which port, and by which sockets.
 *
 * <p>Its rules are those of Linux. Two names of a port collide if one address can mean both, unless
 * both sockets have {@code SO_REUSEADDR} or both {@code SO_REUSEPORT}. A packet to one address goes
 * to the best match, the latest if there are several, or to one of those that share packets by
 * {@code SO_REUSEPORT}; one to a group or a broadcast address goes to all. Thread-safe; a lookup
 * takes no lock.
 */
public class DatagramNames {
  private final Interfaces interfaces;
  private final ConcurrentHashMap<Integer, DatagramPort> ports = new ConcurrentHashMap<>();
  private final EphemeralPorts ephemeral = new EphemeralPorts();
  private final PacketRooms packets = new PacketRooms();

  /** The broadcast addresses of the machine's interfaces; null before they were asked for. */
  private volatile Set<InetAddress> broadcasts;

  /** Makes an empty list of this machine's. */
  public DatagramNames() {
    this(Interfaces.OF_MACHINE);
  }

  /**
   * Makes an empty list for a host with its own addresses.
   *
   * @param interfaces the host's addresses
   */
  public DatagramNames(Interfaces interfaces) {
    this.interfaces = interfaces;
  }

  /**
   * Takes a name.
   *
   * @param wanted the name; port 0 chooses a free one
   * @return the name with its port
   * @throws SocketException if it cannot be taken, as {@link BindException} "Address already in
   *     use"
   */
  public DatagramBinding bind(DatagramBinding wanted) throws SocketException {
    if (wanted.port() != 0) {
      if (!add(wanted, false)) {
        throw new BindException("Address already in use");
      }
      return wanted;
    }
    for (int attempt = 0; attempt < EphemeralPorts.COUNT; attempt++) {
      DatagramBinding chosen = wanted.withPort(ephemeral.next());
      if (add(chosen, true)) {
        return chosen;
      }
    }
    throw new BindException("Address already in use: no ephemeral port is free");
  }

  /**
   * Adds a name if it may be added.
   *
   * @param alone whether no other socket may be bound to the port
   */
  private boolean add(DatagramBinding added, boolean alone) {
    boolean[] done = new boolean[1];
    boolean returned = false;
    try {
      implAdd(added, alone, done);
      returned = true;
    } finally {
      if (!returned && done[0]) {
        release(added); // a map that has no memory to count an element has it nevertheless
      }
    }
    return done[0];
  }

  private void implAdd(DatagramBinding added, boolean alone, boolean[] done) {
    ports.compute(
        added.port(),
        (number, port) -> {
          if (port == null) {
            DatagramPort opened = new DatagramPort(added);
            done[0] = true;
            return opened;
          }
          if (!alone && !port.collides(added)) {
            port.add(added);
            done[0] = true;
          }
          return port;
        });
  }

  /** Whether a port is one of those assigned to sockets that ask for any. */
  public static boolean isEphemeral(int port) {
    return EphemeralPorts.contains(port);
  }

  /**
   * Frees a name; does nothing if it is not taken. Needs no memory: when memory is short, the name
   * is free, but is removed from the list only with the next one of its port.
   */
  public void release(DatagramBinding binding) {
    try {
      ports.computeIfPresent(binding.key(), binding.removal());
    } catch (VirtualMachineError | LinkageError e) {
      binding.release();
    }
  }

  /** Puts a name in another one's place that differs in how its socket shares the port. */
  public void exchange(DatagramBinding before, DatagramBinding after) {
    ports.computeIfPresent(
        before.port(),
        (number, port) -> {
          port.exchange(before, after);
          return port;
        });
  }

  /** Puts a name of the same port in another one's place: its socket was connected or is not. */
  public void replace(DatagramBinding before, DatagramBinding after) {
    ports.computeIfPresent(
        before.port(),
        (number, port) -> {
          port.replace(before, after);
          return port;
        });
  }

  /** The port with a number; null if no socket is bound to it. */
  DatagramPort port(int number) {
    return ports.get(number);
  }

  /** The buffer lengths of packets, which programs may use with several sockets of the network. */
  public PacketRooms packets() {
    return packets;
  }

  /** The number of bound names. */
  public int size() {
    return ports.values().stream().mapToInt(port -> port.bindings().length).sum();
  }

  /** Whether an address belongs to the machine, so that a wildcard covers it. */
  boolean isLocal(InetAddress ip) {
    return interfaces.isLocal(ip);
  }

  /** Whether a name is taken here as it is, and its socket neither closed nor connected anew. */
  public final boolean has(DatagramBinding name) {
    DatagramPort port = port(name.port());
    return port != null && List.of(port.bindings()).contains(name);
  }

  /**
   * Makes what sends to an address.
   *
   * @param from the sender's name
   * @param to the destination, with a wildcard standing for loopback
   * @param how the sender's options for groups
   */
  public DatagramTarget target(DatagramBinding from, InetSocketAddress to, MulticastSending how) {
    return targetHere(from, to, source(from, to.getAddress(), how), how);
  }

  /**
   * Makes what sends to the sockets in this list.
   *
   * @param source the source address of the packets
   */
  public final LocalTarget targetHere(
      DatagramBinding from, InetSocketAddress to, InetSocketAddress source, MulticastSending how) {
    InetAddress ip = to.getAddress();
    if (!from.reachesFamilyOf(ip)) {
      return new OtherFamilyTarget(this, to, source);
    }
    if (ip.isMulticastAddress()) {
      return new GroupTarget(this, to, source, how.interfaceOf(from), how);
    }
    return isBroadcast(ip)
        ? new BroadcastTarget(this, to, source)
        : new UnicastTarget(this, to, source);
  }

  /** The source address of packets that a socket sends to an address. */
  public final InetSocketAddress source(
      DatagramBinding from, InetAddress to, MulticastSending how) {
    if (!from.isWildcard() && isOne(from.address().getAddress())) {
      return from.address();
    }
    return new InetSocketAddress(
        isOne(to) ? sourceFor(to) : sourceForMany(to, how.through()), from.port());
  }

  /** The source address of packets of a socket that is bound to the wildcard, or to many. */
  protected InetAddress sourceFor(InetAddress destination) {
    return interfaces.sourceFor(destination);
  }

  /**
   * The same of packets to a group or a broadcast address: one of the interface, else loopback.
   *
   * @param through the interface that was set; null if none was
   */
  protected InetAddress sourceForMany(InetAddress destination, NetworkInterface through) {
    return through == null
        ? IpAddresses.loopback(destination)
        : through
            .inetAddresses()
            .filter(each -> each.getClass() == destination.getClass())
            .findFirst()
            .map(IpAddresses::withoutName)
            .orElseGet(() -> IpAddresses.loopback(destination));
  }

  /** Whether an address is neither a group nor a broadcast address. */
  protected final boolean isOne(InetAddress ip) {
    return !ip.isMulticastAddress() && !isBroadcast(ip);
  }

  /** Whether an address is the limited broadcast address or that of an interface. */
  private boolean isBroadcast(InetAddress ip) {
    if (!(ip instanceof Inet4Address)) {
      return false;
    }
    if (ip.equals(IpAddresses.LIMITED_BROADCAST) || ip.equals(IpAddresses.LOOPBACK_BROADCAST)) {
      return true;
    }
    Set<InetAddress> known = broadcasts;
    if (known == null) {
      known = broadcastAddresses();
      broadcasts = known;
    }
    return known != null && known.contains(ip);
  }

  /** The broadcast addresses of the interfaces; null if they cannot be asked for now. */
  private static Set<InetAddress> broadcastAddresses() {
    try {
      Set<InetAddress> all = new HashSet<>();
      List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces().toList();
      for (NetworkInterface each : interfaces) {
        for (InterfaceAddress address : each.getInterfaceAddresses()) {
          if (address.getBroadcast() != null) {
            all.add(address.getBroadcast());
          }
        }
      }
      return Set.copyOf(all);
    } catch (SocketException e) {
      return null; // perhaps for lack of descriptors: the next packet asks again
    }
  }
}
