package io.nioring.internal.address;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.Set;

/**
 * Which IP addresses belong to a machine: those of this machine, unless a subclass overrides it.
 * Thread-safe.
 */
public class Interfaces {
  /** Those of this machine. */
  public static final Interfaces OF_MACHINE = new Interfaces();

  /** Those of this machine, and more. */
  private static final class More extends Interfaces {
    private final Set<InetAddress> more;

    More(Collection<InetAddress> more) {
      this.more = Set.copyOf(more);
    }

    @Override
    public boolean isLocal(InetAddress ip) {
      return more.contains(ip) || super.isLocal(ip);
    }
  }

  /** Makes the rules of this machine. */
  protected Interfaces() {}

  /** Those of this machine, and more. */
  public static Interfaces ofMachineAnd(Collection<InetAddress> more) {
    return more.isEmpty() ? OF_MACHINE : new More(more);
  }

  /** Whether an address is the machine's, so that a wildcard stands for it. */
  public boolean isLocal(InetAddress ip) {
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
   * The source address of a client's packets: 127.0.0.1 for an IPv4 loopback address, as the
   * kernel's routing chooses it, and otherwise the address that the client connects to, without a
   * name.
   */
  public InetAddress sourceFor(InetAddress destination) {
    return destination instanceof Inet4Address && destination.isLoopbackAddress()
        ? IpAddresses.loopback(destination)
        : IpAddresses.withoutName(destination);
  }

  /**
   * Whether {@link #sourceFor} is the loopback address of the destination's family, so that a
   * {@link ClientAddress} can stand for it.
   */
  public boolean isSourceLoopback(InetAddress destination) {
    return destination.isLoopbackAddress();
  }
}
