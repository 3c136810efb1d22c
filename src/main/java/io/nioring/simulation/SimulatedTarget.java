package io.nioring.simulation;

import io.nioring.internal.datagram.DatagramBinding;
import io.nioring.internal.datagram.DatagramInbox;
import io.nioring.internal.datagram.DatagramTarget;
import io.nioring.internal.datagram.LocalTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Where datagrams of one socket go over the simulated network, to one host or to all. */
final class SimulatedTarget extends DatagramTarget {
  /** The way to one host, and who gets there what has arrived. */
  record Leg(Flow flow, LocalTarget target) {}

  /** The sending socket, as long as it keeps its name. */
  record Sender(HostDatagrams names, DatagramBinding name) {
    /** Tells it that a datagram had no receiver; sockets that are not connected do not listen. */
    void unreachable() {
      if (name.peer() != null && names.isCurrent(name)) {
        name.inbox().noteUnreachable();
      }
    }
  }

  private final World world;
  private final Sender sender;
  private final Function<RingHost, Leg> toEach;

  /** Replaced when there are more hosts, if it goes to all. */
  private volatile List<Leg> legs;

  SimulatedTarget(World world, InetSocketAddress address, Sender sender, Leg only) {
    super(address);
    this.world = world;
    this.sender = sender;
    this.toEach = null;
    this.legs = List.of(only);
  }

  SimulatedTarget(
      World world, InetSocketAddress address, Sender sender, Function<RingHost, Leg> toEach) {
    super(address);
    this.world = world;
    this.sender = sender;
    this.toEach = toEach;
    this.legs = List.of();
  }

  private List<Leg> legs() {
    List<Leg> present = legs;
    if (toEach == null) {
      return present;
    }
    List<RingHost> hosts = world.hosts();
    if (hosts.size() != present.size()) {
      present = hosts.stream().map(toEach).toList();
      legs = present;
    }
    return present;
  }

  @Override
  public InetSocketAddress source() {
    return legs().get(0).target().source();
  }

  @Override
  public void ensureSendable(boolean mayBroadcast) throws IOException {
    Leg any = legs().get(0);
    any.target().ensureSendable(mayBroadcast);
    if (toEach == null && world.hasRules() && !hasWay(any)) {
      throw new NoRouteToHostException("No route to host");
    }
  }

  private boolean hasWay(Leg only) {
    boolean[] hasWay = new boolean[1];
    world.run(() -> hasWay[0] = only.flow().hasWayFor(datagram(only, new byte[0])));
    return hasWay[0];
  }

  private DatagramOnWay datagram(Leg leg, byte[] bytes) {
    return new DatagramOnWay(leg.target(), sender, bytes, toEach == null);
  }

  /**
   * A sender without a receiver is notified by {@link Sender#unreachable}, when the answer has come
   * back.
   */
  @Override
  public boolean send(byte[] bytes) {
    List<DatagramInbox> reached = new ArrayList<>(1);
    for (Leg each : legs()) {
      DatagramOnWay datagram = datagram(each, bytes);
      world.run(() -> each.flow().send(datagram, reached::add));
    }
    reached.forEach(DatagramInbox::wake);
    return true;
  }
}
