package io.nioring.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The path between two hosts of a {@link Simulation}, in both directions, or in one: see {@link
 * #toward}.
 *
 * <p>What is set here applies to all connections between the two hosts, including existing ones,
 * from the call on; what is on its way already keeps the time of its arrival. Where two settings of
 * a kind meet, the later replaces the earlier; the settings of {@link FaultBuilder faults} add up
 * with these. They work in this order: slices, bandwidth, loss, latency.
 *
 * <p>Objects of this class have no state of their own: two for the same hosts are interchangeable.
 * All methods may be called by any number of threads.
 */
public final class Link {
  private final World world;
  private final RingHost a;
  private final RingHost b;
  private final List<Lane> lanes = new ArrayList<>(2);

  Link(World world, RingHost a, RingHost b, boolean towardB, boolean towardA) {
    this.world = world;
    this.a = a;
    this.b = b;
    if (towardB) {
      lanes.add(world.lane(a, b));
    }
    if (towardA && (a != b || !towardB)) {
      lanes.add(world.lane(b, a));
    }
  }

  /**
   * Returns one direction of the link alone.
   *
   * @param host the host that it goes to, one of the link's two
   * @return the link in that direction
   * @throws IllegalArgumentException if the host is neither
   */
  public Link toward(RingHost host) {
    if (host != a && host != b) {
      throw new IllegalArgumentException(host + " is not a host of the link " + this);
    }
    return new Link(world, a, b, host == b, host == a);
  }

  private Link set(Consumer<Conditions> setting) {
    world.change(() -> lanes.forEach(lane -> setting.accept(lane.conditions())));
    return this;
  }

  /**
   * Sets how long bytes, connects and closes are on their way.
   *
   * @param latency one way; a connect takes a round trip
   * @return this link
   */
  public Link latency(Latency latency) {
    Objects.requireNonNull(latency, "latency");
    return set(conditions -> conditions.latency = latency);
  }

  /**
   * Sets a constant latency.
   *
   * @param delay one way, from 0 to 365 days
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link latency(Duration delay) {
    return latency(Latency.constant(delay));
  }

  /**
   * Sets how many bytes arrive per second, in each direction. When the bound of a connection's
   * direction is full its writer waits, as usual. Of datagrams 1,000 wait at most; more are lost.
   *
   * @param bandwidth the rate
   * @return this link
   */
  public Link bandwidth(Bandwidth bandwidth) {
    Objects.requireNonNull(bandwidth, "bandwidth");
    return set(conditions -> conditions.bandwidth(bandwidth));
  }

  /**
   * Sets how many segments are lost. TCP sends a lost segment again: it arrives 200 ms later, the
   * delay doubles with each further loss, and what is behind it waits for it. A datagram that is
   * lost does not arrive.
   *
   * @param probability from 0 to below 1
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link loss(double probability) {
    Conditions.checkProbability(probability);
    if (probability == 1) {
      throw new IllegalArgumentException("a loss of 1 is a partition");
    }
    return set(conditions -> conditions.loss = probability);
  }

  /**
   * Sets how many datagrams arrive twice. The second of them has a latency of its own. Streams have
   * no duplicates.
   *
   * @param probability from 0 to 1
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link duplication(double probability) {
    Conditions.checkProbability(probability);
    return set(conditions -> conditions.duplication = probability);
  }

  /**
   * Sets how many datagrams are late, so that those which are sent within that time arrive before
   * them. A random {@linkplain #latency(Latency) latency} lets them overtake one another too.
   * Streams keep their order.
   *
   * @param probability from 0 to 1
   * @param delay how late, from 0 to 365 days
   * @return this link
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public Link reordering(double probability, Duration delay) {
    Conditions.checkProbability(probability);
    long nanos = Latency.nanos("delay", delay);
    return set(
        conditions -> {
          conditions.reordering = probability;
          conditions.reorderingDelay = nanos;
        });
  }

  /**
   * Cuts what is read into slices: no read goes beyond the end of one. The next is ready at once.
   *
   * @param average the mean size in bytes, at least 1
   * @param variation how far a size may be from it, from 0 to below {@code average}
   * @return this link
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public Link sliceReads(int average, int variation) {
    Slices slices = new Slices(average, variation);
    return set(conditions -> conditions.sliceReads = slices);
  }

  /**
   * Cuts what is written into slices: no non-blocking write takes more than the rest of one. A
   * blocking write takes all nevertheless.
   *
   * @param average the mean size in bytes, at least 1
   * @param variation how far a size may be from it, from 0 to below {@code average}
   * @return this link
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public Link sliceWrites(int average, int variation) {
    Slices slices = new Slices(average, variation);
    return set(conditions -> conditions.sliceWrites = slices);
  }

  /**
   * Sets how much later than its last byte the end of a stream, or a reset, arrives.
   *
   * @param delay from 0 to 365 days
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link closeDelay(Duration delay) {
    long nanos = Latency.nanos("delay", delay);
    return set(conditions -> conditions.closeDelay = nanos);
  }

  /**
   * Sets how much later than its client is connected a connection can be accepted.
   *
   * @param delay from 0 to 365 days
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link acceptDelay(Duration delay) {
    long nanos = Latency.nanos("delay", delay);
    return set(conditions -> conditions.acceptDelay = nanos);
  }

  /**
   * Sets how much longer than a round trip a connect takes.
   *
   * @param delay from 0 to 365 days
   * @return this link
   * @throws IllegalArgumentException if it is out of bounds
   */
  public Link connectDelay(Duration delay) {
    long nanos = Latency.nanos("delay", delay);
    return set(conditions -> conditions.connectDelay = nanos);
  }

  /**
   * Cuts the link, as {@link Simulation#partition} does; one direction as {@link
   * Simulation#partitionOneWay} does.
   *
   * @return the fault, which heals when it is closed
   */
  public Fault partition() {
    return world.cut(lanes, false, "partition");
  }

  /**
   * Holds what is sent from now on and what is on its way: nothing arrives, connects wait. Unlike
   * with a partition, what is held can be inspected, by {@link #inFlight()}, and let through bit by
   * bit, by {@link #deliver}.
   *
   * @return this link
   */
  public Link hold() {
    hold(true);
    return this;
  }

  /**
   * Ends the hold: what was held arrives when it is due.
   *
   * @return this link
   */
  public Link release() {
    hold(false);
    return this;
  }

  private void hold(boolean on) {
    world.change(
        () -> {
          lanes.forEach(lane -> lane.hold(on));
          world.tell((on ? "hold " : "release ") + this, null, 0);
        });
  }

  /**
   * Returns what is on its way.
   *
   * @return an element for each direction of a connection that has something there, and one for
   *     each datagram
   */
  public List<InFlight> inFlight() {
    return world.inFlight(lanes);
  }

  /**
   * Lets bytes pass that are held or on their way: they arrive now. The end of a stream passes
   * behind its last byte if all of these have passed. Datagrams pass as a whole, after the bytes of
   * connections.
   *
   * @param bytes how many, in all connections of the link together in the order of their making, at
   *     least 0
   * @return how many have passed
   * @throws IllegalArgumentException if it is negative
   */
  public long deliver(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 0");
    }
    return world.deliver(lanes, bytes);
  }

  /** Resets all connections of the link now, at both ends, whatever is on its way. */
  public void reset() {
    world.resetAll(lanes);
  }

  /**
   * Resets all settings of this link, and ends its hold. Its faults stay until they are closed.
   *
   * @return this link
   */
  public Link restore() {
    world.change(() -> lanes.forEach(Lane::restore));
    return this;
  }

  @Override
  public String toString() {
    String arrow = lanes.size() == 2 ? "<->" : lanes.get(0).to() == b ? "->" : "<-";
    return a.name() + arrow + b.name();
  }
}
