package io.nioring.internal.datagram;

import java.net.NetworkInterface;
import java.net.SocketException;

/**
 * How a socket sends to groups.
 *
 * @param through the interface, {@code IP_MULTICAST_IF}; null if none was set
 * @param loop whether members on this machine, which here means all, get the packets: {@code
 *     IP_MULTICAST_LOOP}
 */
public record MulticastSending(NetworkInterface through, boolean loop) {

  /**
   * The interface through which packets are sent: the one that was set, else the one with the
   * address that the socket is bound to; null if there is neither, where the kernel would use its
   * routes.
   */
  NetworkInterface interfaceOf(DatagramBinding from) {
    if (through != null || from.isWildcard()) {
      return through;
    }
    try {
      return NetworkInterface.getByInetAddress(from.address().getAddress());
    } catch (SocketException e) {
      return null;
    }
  }

  /** Whether members on this machine get the packets; through a loopback interface they do. */
  boolean reachesThisMachine() {
    if (loop || through == null) {
      return loop;
    }
    try {
      return through.isLoopback();
    } catch (SocketException e) {
      return false;
    }
  }
}
