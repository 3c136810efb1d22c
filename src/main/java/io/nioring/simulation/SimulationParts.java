package io.nioring.simulation;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.NetworkFaults;
import io.nioring.internal.network.NetworkParts;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.Verdicts;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes the parts of a simulated network. */
class SimulationParts extends NetworkParts {
  private final World world;

  SimulationParts(World world) {
    this.world = world;
  }

  @Override
  public Clock clock() {
    return world.clock();
  }

  @Override
  public Namespace names(Path temporaryDirectory, Mode mode, Map<String, List<InetAddress>> hosts) {
    HostNames names = new HostNames(world, world.localhost(), temporaryDirectory);
    world.localhost().binds(names);
    return names;
  }

  @Override
  public Verdicts verdicts(
      Namespace names, Mode mode, Routes routes, Map<String, List<InetAddress>> hosts) {
    return new HostVerdicts(world, world.localhost(), names, mode, routes, hosts);
  }

  @Override
  public Wire wire(MemoryPool memory, int bufferBytes, Clock clock) {
    SimulatedWire wire = new SimulatedWire(world, memory, bufferBytes, clock);
    world.connects().refusalsTo(wire);
    return wire;
  }

  @Override
  public void opened(Providers providers) {
    world.opened(providers);
  }

  @Override
  public NetworkFaults faults() {
    return new WorldFaults(world);
  }

  @Override
  public NetworkResources ofThread() {
    RingHost host = world.hostOfThread();
    return host == null || host == world.localhost() ? null : host.resources();
  }
}
