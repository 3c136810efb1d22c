package io.nioring.simulation;

import java.net.InetSocketAddress;

/**
 * A connect, as a predicate of a {@link FaultBuilder} sees it; or a datagram, which is looked at as
 * one from the client to the server, and as an answer of the server's to the client.
 *
 * @param client the host that connects
 * @param server the host that it connects to
 * @param address the address that it asked for
 * @param number which connect it is of this client host to this port of this server host, counted
 *     from 1; those that failed count too. Which datagram between two ports of two hosts, where all
 *     ports that the system has chosen count as one
 */
public record Connect(RingHost client, RingHost server, InetSocketAddress address, int number) {
  /** Returns hosts, port and number: {@code client->db:5432#2}. */
  @Override
  public String toString() {
    return client.name() + "->" + server.name() + ":" + address.getPort() + "#" + number;
  }
}
