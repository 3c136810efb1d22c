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
    RingHost owner = world.ownerOf(destination);
    if (destination.isLoopbackAddress() || owner == null) {
      return super.sourceFor(destination);
    }
    for (InetAddress own : host.addresses()) {
      if ((own instanceof Inet4Address) == (destination instanceof Inet4Address)) {
        return World.withoutName(own);
      }
    }
    return World.withoutName(destination);
  }
}
