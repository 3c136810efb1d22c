package io.nioring.internal.address;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/**
 * Which IP addresses belong to a machine: those of this machine, unless a subclass overrides it.
 * Thread-safe.
 */
public class Interfaces {
  /** Those of this machine. */
  public static final Interfaces OF_MACHINE = new Interfaces();

  /** Makes the rules of this machine. */
  protected Interfaces() {}

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
