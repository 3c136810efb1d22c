package io.nioring.internal.address;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Set;

/** The addresses of this machine, and those of hosts that are in this JVM. */
public final class InterfacesAndHosts extends Interfaces {
  private final Set<InetAddress> hosts;

  private InterfacesAndHosts(Collection<InetAddress> hosts) {
    this.hosts = Set.copyOf(hosts);
  }

  /** Those with the addresses of hosts. */
  public static Interfaces of(Collection<InetAddress> hosts) {
    return new InterfacesAndHosts(hosts);
  }

  @Override
  public boolean isLocal(InetAddress ip) {
    return hosts.contains(ip) || super.isLocal(ip);
  }
}
