package io.nioring.simulation;

import io.nioring.internal.datagram.DatagramBinding;
import io.nioring.internal.datagram.DatagramNames;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.MulticastSending;
import io.nioring.internal.datagram.PacketRooms;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/**
 * The names of one host's datagram sockets. Loopback, unless each host has its own, is one for all:
 * its names are those of "localhost".
 */
final class HostDatagrams extends DatagramNames {
  private final World world;
  private final RingHost host;
  private final HostInterfaces interfaces;

  HostDatagrams(World world, RingHost host, HostInterfaces interfaces) {
    super(interfaces);
    this.world = world;
    this.host = host;
    this.interfaces = interfaces;
  }

  private DatagramNames shared() {
    return world.localhost().names().datagrams();
  }

  private boolean isShared(DatagramBinding name) {
    return interfaces.isShared(name.address().getAddress());
  }

  @Override
  public DatagramBinding bind(DatagramBinding wanted) throws SocketException {
    host.ensureUp();
    InetAddress ip = wanted.address().getAddress();
    if (isShared(wanted)) {
      return shared().bind(wanted);
    }
    if (isOne(ip) && !interfaces.mayBind(ip)) {
      throw new BindException("Cannot assign requested address");
    }
    return super.bind(wanted);
  }

  @Override
  public void release(DatagramBinding name) {
    if (isShared(name)) {
      shared().release(name);
    } else {
      super.release(name);
    }
  }

  @Override
  public void exchange(DatagramBinding before, DatagramBinding after) {
    if (isShared(before)) {
      shared().exchange(before, after);
    } else {
      super.exchange(before, after);
    }
  }

  @Override
  public void replace(DatagramBinding before, DatagramBinding after) {
    if (isShared(before)) {
      shared().replace(before, after);
    } else {
      super.replace(before, after);
    }
  }

  /** Whether the socket still has this name. */
  boolean isCurrent(DatagramBinding name) {
    return isShared(name) ? shared().has(name) : has(name);
  }

  @Override
  public PacketRooms packets() {
    return host == world.localhost() ? super.packets() : shared().packets();
  }

  /** Over the loopback that all hosts share too: an answer has to find the host. */
  @Override
  protected InetAddress sourceFor(InetAddress destination) {
    return host == world.localhost() || interfaces.isLocal(destination)
        ? super.sourceFor(destination)
        : interfaces.ownFor(destination);
  }

  @Override
  protected InetAddress sourceForMany(InetAddress destination, NetworkInterface through) {
    return host == world.localhost()
        ? super.sourceForMany(destination, through)
        : interfaces.ownFor(destination);
  }

  @Override
  public DatagramTarget target(DatagramBinding from, InetSocketAddress to, MulticastSending how) {
    InetAddress ip = to.getAddress();
    InetSocketAddress source = source(from, ip, how);
    SimulatedTarget.Sender sender = new SimulatedTarget.Sender(this, from);
    if (!isOne(ip) && !ip.isLoopbackAddress()) {
      return new SimulatedTarget(world, to, sender, each -> leg(host, each, from, to, source, how));
    }
    RingHost client = world.clientOf(host, ip);
    RingHost server = world.serverOf(host, ip);
    return new SimulatedTarget(world, to, sender, leg(client, server, from, to, source, how));
  }

  private SimulatedTarget.Leg leg(
      RingHost client,
      RingHost server,
      DatagramBinding from,
      InetSocketAddress to,
      InetSocketAddress source,
      MulticastSending how) {
    boolean sameHost = server == host;
    MulticastSending there = sameHost ? how : new MulticastSending(how.through(), true);
    return new SimulatedTarget.Leg(
        world.datagrams().flow(client, server, source.getPort(), to.getPort()),
        server.names().datagrams().targetHere(from, to, source, there));
  }
}
