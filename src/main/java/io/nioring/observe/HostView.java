package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.NetworkFaults;
import io.nioring.internal.stream.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The vantage point of a capture: the whole network, or the links of one host of a simulated
 * network. An immutable value.
 */
final class HostView {
  private final NetworkFaults hosts;
  private final String host;

  private HostView(NetworkFaults hosts, String host) {
    this.hosts = hosts;
    this.host = host;
  }

  /**
   * Makes one.
   *
   * @param host the host's name; empty for all of the network
   * @throws IllegalArgumentException if the network has no hosts
   */
  static HostView of(RingNetwork network, String host) {
    if (host.isEmpty()) {
      return new HostView(null, host);
    }
    if (!NetworkInternals.hasFaults(network)) {
      throw new IllegalArgumentException(
          "host is " + host + ", but the network is not simulated and has no hosts");
    }
    return new HostView(NetworkInternals.faultsOf(network), host);
  }

  /** Whether it is limited to one host. */
  boolean isOfHost() {
    return hosts != null;
  }

  /** Whether a connection between two addresses is seen; one over loopback is not. */
  boolean sees(SocketAddress client, SocketAddress server) {
    return hosts == null
        || (!(isLoopback(client) && isLoopback(server)) && (isHost(client) || isHost(server)));
  }

  /** Whether a direction is seen where it arrives, and not where it is sent. */
  boolean seesArrivals(Endpoint writing, Endpoint reading) {
    return hosts != null && !isHost(writing.localAddress()) && isHost(reading.localAddress());
  }

  /** Whether a datagram is seen where it is sent. */
  boolean seesDeparture(InetSocketAddress from, InetSocketAddress to) {
    return hosts == null || (!isLoopback(to) && isHost(from));
  }

  /** Whether a datagram is seen where it arrives, and not where it was sent. */
  boolean seesArrival(String where, InetSocketAddress from, InetSocketAddress to) {
    return hosts != null && where.equals(host) && !isLoopback(to) && !isHost(from);
  }

  private static boolean isLoopback(SocketAddress address) {
    return address instanceof InetSocketAddress ip
        && !ip.isUnresolved()
        && ip.getAddress().isLoopbackAddress();
  }

  private boolean isHost(SocketAddress address) {
    return address instanceof InetSocketAddress ip
        && !ip.isUnresolved()
        && hosts.hostOf(ip.getAddress()).equals(host);
  }
}
