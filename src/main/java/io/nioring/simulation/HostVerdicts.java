package io.nioring.simulation;

import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.Verdict;
import io.nioring.internal.network.Verdicts;
import io.nioring.internal.select.RingSelector;
import io.nioring.internal.stream.Wire;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.socket.PeerCredentials;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Map;

/** Where the connects of one host lead: those to IP addresses go through the simulation. */
final class HostVerdicts extends Verdicts {
  private final World world;
  private final RingHost host;

  HostVerdicts(World world, RingHost host, HostNames names) {
    this(world, host, names, Mode.RING, Routes.none(), Map.of());
  }

  HostVerdicts(
      World world,
      RingHost host,
      Namespace names,
      Mode mode,
      Routes routes,
      Map<String, List<InetAddress>> hosts) {
    super(names, mode, routes, hosts);
    this.world = world;
    this.host = host;
  }

  @Override
  public Verdict onConnect(SocketAddress local, SocketAddress remote) throws SocketException {
    if (AddressFamily.toConnect(remote) instanceof InetSocketAddress) {
      host.ensureUp();
    }
    Verdict plain = super.onConnect(local, remote);
    if (plain == Verdict.ITSELF
        || plain == Verdict.KERNEL
        || !(AddressFamily.toConnect(remote) instanceof InetSocketAddress target)) {
      return plain;
    }
    RingHost server = world.serverOf(host, target.getAddress());
    RingHost client = world.clientOf(host, target.getAddress());
    return new Verdict.Pend(request -> world.connects().begin(client, server, target, request));
  }

  @Override
  protected InetAddress addressOf(String name) {
    InetAddress known = world.addressOf(name);
    return known == null ? super.addressOf(name) : known;
  }

  @Override
  public boolean isProcessEnding() {
    return host.isEnding();
  }

  @Override
  public void selectorOpened(RingSelector selector) {
    host.selectors().opened(selector);
  }

  @Override
  public Listener listener(Wire wire, PeerCredentials identity, Runnable admitted) {
    return new SimulatedListener(world, host, wire, identity, admitted);
  }
}
