package io.nioring.simulation;

import io.nioring.internal.address.Interfaces;
import java.net.Inet4Address;
import java.net.InetAddress;

/** The addresses of a host, and for "localhost" all that no other host has. */
final class HostInterfaces extends Interfaces {
  private final World world;
  private final RingHost host;

  HostInterfaces(World world, RingHost host) {
    this.world = world;
    this.host = host;
  }

  @Override
  public boolean isLocal(InetAddress ip) {
    if (ip.isLoopbackAddress()) {
      return host == world.localhost() || world.config().isolatedLoopback();
    }
    RingHost owner = world.ownerOf(ip);
    return owner == null ? host == world.localhost() && super.isLocal(ip) : owner == host;
  }

  @Override
  public InetAddress sourceFor(InetAddress destination) {
    boolean owned = world.ownerOf(destination) != null && !destination.isLoopbackAddress();
    return owned ? ownFor(destination) : super.sourceFor(destination);
  }

  /** Never: a simulation's wires look at the addresses of both ends. */
  @Override
  public boolean isSourceLoopback(InetAddress destination) {
    return false;
  }

  /** The host's address of the family of another one; that itself if there is none. */
  InetAddress ownFor(InetAddress destination) {
    for (InetAddress own : host.addresses()) {
      if ((own instanceof Inet4Address) == (destination instanceof Inet4Address)) {
        return HostAddresses.withoutName(own);
      }
    }
    return HostAddresses.withoutName(destination);
  }

  /** Whether an address is one of the loopback that this host shares with all others. */
  boolean isShared(InetAddress ip) {
    return ip.isLoopbackAddress()
        && host != world.localhost()
        && !world.config().isolatedLoopback();
  }

  boolean mayBind(InetAddress ip) {
    if (ip.isAnyLocalAddress() || ip.isLoopbackAddress()) {
      return true;
    }
    RingHost owner = world.ownerOf(ip);
    return owner == null ? host == world.localhost() : owner == host;
  }
}
