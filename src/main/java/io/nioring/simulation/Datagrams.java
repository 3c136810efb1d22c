package io.nioring.simulation;

import io.nioring.internal.datagram.DatagramNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The datagrams of a simulation, by hosts and ports. Guarded by the world's lock. */
final class Datagrams {
  /** The key by which datagrams are counted. */
  private record Way(RingHost from, RingHost to, int sourcePort, int port) {}

  private final World world;
  private final Map<Way, Flow> flows = new HashMap<>();

  Datagrams(World world) {
    this.world = world;
  }

  /** The flow between two ports of two hosts; no random choice depends on a port chosen for it. */
  Flow flow(RingHost from, RingHost to, int sourcePort, int port) {
    Way way = new Way(from, to, named(sourcePort), named(port));
    Flow[] flow = new Flow[1];
    world.run(
        () ->
            flow[0] =
                flows.computeIfAbsent(
                    way, each -> new Flow(world, from, to, way.sourcePort, way.port)));
    return flow[0];
  }

  private static int named(int port) {
    return DatagramNames.isEphemeral(port) ? 0 : port;
  }

  /** Delivers what a change of the links no longer holds back. */
  void refresh() {
    flows.values().forEach(Flow::refresh);
  }

  /** Adds what is on its way on some lanes. */
  void inFlight(List<Lane> of, List<InFlight> found) {
    flows.values().stream()
        .filter(flow -> of.contains(flow.lane()))
        .forEach(flow -> flow.inFlight(found));
  }

  /**
   * Lets datagrams arrive whenever they are due.
   *
   * @param most how many bytes they may have
   * @return how many they have
   */
  long letPass(List<Lane> of, long most) {
    long passed = 0;
    for (Flow each : flows.values()) {
      if (of.contains(each.lane())) {
        passed += each.letPass(most - passed);
      }
    }
    return passed;
  }

  void clear() {
    flows.clear();
  }
}
