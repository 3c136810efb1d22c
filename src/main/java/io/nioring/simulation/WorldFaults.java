package io.nioring.simulation;

import io.nioring.internal.network.NetworkFaults;
import java.net.InetAddress;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The faults of a world, for the management of its network from outside. Thread-safe. */
final class WorldFaults implements NetworkFaults {
  private final World world;

  WorldFaults(World world) {
    this.world = world;
  }

  @Override
  public List<String> hosts() {
    return world.hosts().stream().map(host -> host + (host.isUp() ? "" : " (down)")).toList();
  }

  @Override
  public String hostOf(InetAddress address) {
    RingHost owner = world.ownerOf(address);
    return owner == null ? "" : owner.name();
  }

  @Override
  public SortedMap<Long, String> installed() {
    SortedMap<Long, String> all = new TreeMap<>();
    world.faults().forEach(fault -> all.put(fault.number(), fault.text()));
    return all;
  }

  @Override
  public long timesFired(long number) {
    return world.faults().stream()
        .filter(each -> each.number() == number)
        .mapToLong(InstalledFault::timesFired)
        .sum();
  }

  @Override
  public List<Long> install(String text) {
    return new FaultText(world)
        .parse(text).stream().map(each -> ((InstalledFault) each.install()).number()).toList();
  }

  @Override
  public boolean remove(long number) {
    for (InstalledFault each : world.faults()) {
      if (each.number() == number) {
        each.close();
        return true;
      }
    }
    return false;
  }
}
