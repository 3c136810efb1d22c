package io.nioring.simulation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The lanes between the hosts of a simulation, each made when it is first needed, and the cuts that
 * apply to later ones too. Guarded by the world's lock.
 */
final class Lanes {
  /** The two ends of a lane. */
  private record Ends(RingHost from, RingHost to) {}

  private final Map<Ends, Lane> lanes = new LinkedHashMap<>();
  private final Map<LaneCut, Predicate<Lane>> cuts = new LinkedHashMap<>();

  Lane get(RingHost from, RingHost to) {
    return lanes.computeIfAbsent(new Ends(from, to), ends -> make(from, to));
  }

  private Lane make(RingHost from, RingHost to) {
    Lane lane = new Lane(from, to);
    cuts.forEach(
        (cut, selected) -> {
          if (selected.test(lane)) {
            lane.cut(cut, false);
          }
        });
    return lane;
  }

  /** Cuts all lanes that a predicate selects, including those that are made later. */
  void cut(LaneCut cut, Predicate<Lane> selected) {
    cuts.put(cut, selected);
    lanes.values().stream().filter(selected).forEach(lane -> lane.cut(cut, false));
  }

  void heal(LaneCut cut) {
    cuts.remove(cut);
    lanes.values().forEach(lane -> lane.heal(cut));
  }

  void endHolds() {
    lanes.values().forEach(lane -> lane.hold(false));
  }

  /** A line for each that something is set for, in the order of their making. */
  List<String> lines() {
    return lanes.values().stream().map(Lane::outcome).filter(Objects::nonNull).toList();
  }

  /** Selects the lanes to and from a host. */
  static Predicate<Lane> around(RingHost host) {
    return lane -> (lane.from() == host) != (lane.to() == host);
  }

  /**
   * Selects the lanes from one side to the other, in both directions.
   *
   * @throws IllegalArgumentException if a host is on both sides
   */
  static Predicate<Lane> between(Set<RingHost> left, Set<RingHost> right) {
    if (!Collections.disjoint(left, right)) {
      throw new IllegalArgumentException("a host is on both sides: " + left + " and " + right);
    }
    return lane ->
        (left.contains(lane.from()) && right.contains(lane.to()))
            || (right.contains(lane.from()) && left.contains(lane.to()));
  }
}
