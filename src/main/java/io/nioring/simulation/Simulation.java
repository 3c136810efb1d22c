package io.nioring.simulation;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A network to test with, in the memory of the JVM: hosts, the links between them, and faults.
 *
 * <pre>{@code
 * try (Simulation sim = Simulation.open()) {
 *   RingHost client = sim.host("client");
 *   RingHost db = sim.host("db");
 *   sim.link(client, db).latency(Latency.uniform(ofMillis(2), ofMillis(20)));
 *   Server server = db.call(() -> new Server(5432)); // threads begun in here belong to "db"
 *   try (Fault cut = sim.partition(client, db)) {    // heals at close
 *     assertThrows(TimeoutException.class, () -> client.call(() -> query(db.address(), 5432)));
 *   }
 * }
 * }</pre>
 *
 * <p>Every fault applies from the call that makes it on, to existing connections too and to what is
 * on its way in them. A stream never loses, duplicates or reorders bytes: what a packet network
 * does to segments, TCP turns into delay or into the end of the connection, and so does a
 * simulation. No delay occupies a thread of the program under test.
 *
 * <p>All random choices are functions of the {@linkplain SimulationConfig#seed() seed} and of what
 * they are for, see {@link Trace}. All methods may be called by any number of threads.
 */
public final class Simulation implements AutoCloseable {
  private final World world;
  private final RingNetwork network;

  private Simulation(SimulationConfig config) {
    this.world = new World(config);
    this.network = NetworkOpener.open(networkConfig(config), new SimulationParts(world));
    world.isOf(network);
  }

  private static RingNetworkConfig networkConfig(SimulationConfig config) {
    RingNetworkConfig plain = config.network();
    if (!config.virtualTime()) {
      return plain;
    }
    return RingNetworkConfig.builder() // a busy wait would wait for a time that stands still
        .bufferSizeBytes(plain.bufferSizeBytes())
        .maxBufferBytes(plain.maxBufferBytes())
        .idleMillis(plain.idleMillis())
        .directMemory(plain.directMemory())
        .spinMicros(0)
        .build();
  }

  /** {@return a new simulation with the default configuration, which the caller closes} */
  public static Simulation open() {
    return open(SimulationConfig.builder().build());
  }

  /**
   * Opens a simulation.
   *
   * @param config its configuration
   * @return the simulation, which the caller closes
   */
  public static Simulation open(SimulationConfig config) {
    return new Simulation(Objects.requireNonNull(config, "config"));
  }

  World world() {
    return world;
  }

  /**
   * Returns the network. Channels that its provider opens belong to the host of the thread that
   * opens them.
   *
   * @return the network, which {@link #close()} closes
   */
  public RingNetwork network() {
    return network;
  }

  /** {@return the configuration that the simulation was opened with} */
  public SimulationConfig config() {
    return world.config();
  }

  /** {@return the seed of all random choices} */
  public long seed() {
    return world.config().seed();
  }

  // -- hosts and links

  /**
   * Returns the host of a name, which is created if there is none yet. Its address is the next one
   * of 10.0.0.0/16, in the order of these calls, from 10.0.0.1 on.
   *
   * @param name the host's name, not empty
   * @return the host; the same object for the same name
   * @throws IllegalArgumentException if the name is empty
   */
  public RingHost host(String name) {
    return world.host(name, List.of());
  }

  /**
   * Makes a host with addresses of its own.
   *
   * @param name the host's name, not empty, which no host has
   * @param addresses IP addresses as literals, at least one, which no host has; the first is {@link
   *     RingHost#address()}
   * @return the host
   * @throws IllegalArgumentException if the name or an address is taken, or an address is no
   *     literal of an IP address, or is a loopback, wildcard or multicast address
   */
  public RingHost host(String name, String... addresses) {
    return world.host(name, HostAddresses.parse(name, List.of(addresses)));
  }

  /** {@return the host of all threads that belong to no other, and of the loopback addresses} */
  public RingHost localhost() {
    return world.localhost();
  }

  /** {@return all hosts in the order of their creation, "localhost" first} */
  public List<RingHost> hosts() {
    return world.hosts();
  }

  /**
   * Returns the host that has an address.
   *
   * @param address an IP address
   * @return the host; "localhost" if no other has it
   */
  public RingHost hostOf(InetAddress address) {
    return world.hostOf(Objects.requireNonNull(address, "address"));
  }

  /**
   * Returns the link between two hosts, in both directions.
   *
   * @param a a host of this simulation
   * @param b another one; or the same for the connections of a host with its own addresses, which
   *     has one direction. Loopback addresses are not among them, unless each host has {@linkplain
   *     SimulationConfig#isolatedLoopback() its own}
   * @return the link
   * @throws IllegalArgumentException if a host is another simulation's
   */
  public Link link(RingHost a, RingHost b) {
    return new Link(world, world.checked(a), world.checked(b), true, true);
  }

  // -- faults

  /**
   * Begins to describe a fault for chosen connections.
   *
   * @return a new builder; its fault begins when it is {@linkplain FaultBuilder#install()
   *     installed}
   */
  public FaultBuilder faults() {
    return world.describe();
  }

  /**
   * Installs faults that are written as text, as {@code tcp:10.0.0.7:5432: latency 20ms+-5ms, loss
   * 0.01; tcp:*:80: down}: the addresses of servers as in {@linkplain io.nioring.route.Routes
   * routes}, then words separated by commas. These are the names of {@link FaultBuilder}'s methods
   * followed by their arguments, and as synonyms those of Toxiproxy: {@code latency}, {@code
   * bandwidth}, {@code slow_close}, {@code timeout}, {@code reset_peer}, {@code slicer}, {@code
   * limit_data}, {@code down}, {@code toxicity}, {@code upstream}, {@code downstream}. A time
   * without a unit is in milliseconds, a rate in KB a second.
   *
   * @param faults the text
   * @return the faults, in their order
   * @throws IllegalArgumentException if there is none, or one is malformed, which the message
   *     quotes; none is installed then
   */
  public List<Fault> install(String faults) {
    List<FaultBuilder> described = new FaultText(world).parse(faults);
    if (described.isEmpty()) {
      throw new IllegalArgumentException("\"" + faults + "\" has no fault");
    }
    return described.stream().map(FaultBuilder::install).toList();
  }

  /**
   * Cuts two hosts off from one another, as by dropping their packets: connects between them wait,
   * bytes stay on their way, and both go on when the fault is closed.
   *
   * @param a a host
   * @param b another one, or the same as for {@link #link}
   * @return the fault, which heals when it is closed
   * @throws IllegalArgumentException if a host is another simulation's
   */
  public Fault partition(RingHost a, RingHost b) {
    return world.cut(List.of(world.lane(a, b), world.lane(b, a)), false, "partition");
  }

  /**
   * Cuts two groups of hosts off from one another, as {@link #partition(RingHost, RingHost)} does
   * two hosts; within each they still reach one another.
   *
   * @param as the hosts of one side
   * @param bs the hosts of the other side
   * @return the fault, which heals when it is closed
   * @throws IllegalArgumentException if a host is on both sides, or another simulation's
   */
  public Fault partition(Collection<RingHost> as, Collection<RingHost> bs) {
    return world.partition(as, bs);
  }

  /**
   * Cuts one direction alone. What comes the other way arrives, but is not acknowledged: its writer
   * gets no room back, and stalls when its bound is full.
   *
   * @param from the host whose packets are dropped
   * @param to the host that they are dropped on their way to
   * @return the fault, which heals when it is closed
   * @throws IllegalArgumentException if a host is another simulation's
   */
  public Fault partitionOneWay(RingHost from, RingHost to) {
    return world.cut(List.of(world.lane(from, to)), false, "partitionOneWay");
  }

  /**
   * Cuts two hosts off from one another, as by a firewall that answers: connects are refused, and
   * an existing connection is reset by the next byte either way.
   *
   * @param a a host
   * @param b another one
   * @return the fault, which heals when it is closed
   * @throws IllegalArgumentException if a host is another simulation's
   */
  public Fault reject(RingHost a, RingHost b) {
    return world.cut(List.of(world.lane(a, b), world.lane(b, a)), true, "reject");
  }

  /**
   * Cuts a host off from all others, as {@link #partition(RingHost, RingHost)} does; hosts made
   * later too.
   *
   * @param host the host
   * @return the fault, which heals when it is closed
   */
  public Fault isolate(RingHost host) {
    return world.isolate(world.checked(host));
  }

  /**
   * Cuts two groups of hosts off from one another, all but one host that both still reach.
   *
   * @param bridge the host that reaches all
   * @param as the hosts of one side
   * @param bs the hosts of the other side
   * @return the fault, which heals when it is closed
   * @throws IllegalArgumentException if a host is on both sides, or another simulation's
   */
  public Fault bridge(RingHost bridge, Collection<RingHost> as, Collection<RingHost> bs) {
    return world.bridge(bridge, as, bs);
  }

  /**
   * Closes all faults, and ends all {@linkplain Link#hold() holds}. What was set on links, as
   * latency and bandwidth, stays; see {@link Link#restore()}.
   */
  public void heal() {
    world.heal();
  }

  /**
   * Holds all that is sent between two hosts, as {@link Link#hold()} does.
   *
   * @param a a host
   * @param b another one
   */
  public void hold(RingHost a, RingHost b) {
    link(a, b).hold();
  }

  /**
   * Ends {@link #hold}.
   *
   * @param a a host
   * @param b another one
   */
  public void release(RingHost a, RingHost b) {
    link(a, b).release();
  }

  // -- time

  /**
   * Lets virtual time pass: all events until then happen, each at its time. Between two of them
   * this waits until the threads of hosts that count have done what they can and wait again. A
   * thread that goes on for a second of real time is not waited for any more until it has waited.
   *
   * @param duration how much, not negative; time ends after 292 years
   * @throws IllegalStateException if the time is the system's
   * @throws IllegalArgumentException if it is negative
   */
  public void advance(Duration duration) {
    world.advance(duration);
  }

  /**
   * Steps the {@linkplain RingHost#loop loops} of the hosts on the calling thread, in an order that
   * the seed chooses anew for each round. When none of them does anything, the next event happens.
   * Programs whose loops decide nothing by other threads, the system's time or hash codes do the
   * same in each run of a seed.
   *
   * <p>Time passes only to the next event, and never for its own sake: without events this returns
   * after a round, at the same time. {@link #advance} lets a duration pass whatever happens.
   *
   * @param atMost how much virtual time may pass, from 0 to 365 days; it returns before when no
   *     loop does anything and no event is left
   * @throws IllegalStateException if the time is the system's
   */
  public void run(Duration atMost) {
    world.runLoops(atMost);
  }

  /** {@return how much time of the simulation has passed since it was opened} */
  public Duration elapsed() {
    return Duration.ofNanos(world.now());
  }

  /**
   * Returns the time of the simulation as a clock for programs. With virtual time it begins at
   * 2000-01-01T00:00:00Z and has the zone UTC.
   *
   * @return the clock; the system's in UTC if the time is the system's
   */
  public Clock clock() {
    return world.userClock(() -> Duration.ZERO);
  }

  /**
   * Returns a scheduler whose delays are those of the simulation's time. Its tasks run one after
   * the other on a thread of its own, as a part of the host whose thread has scheduled them. They
   * may wait in channels and selectors; virtual time stands still while one runs otherwise.
   *
   * @return the scheduler, which {@link #close()} shuts down; of a closed simulation, one that is
   *     shut down
   */
  public ScheduledExecutorService scheduler() {
    return world.scheduler();
  }

  // -- what happened

  /** {@return the random decisions that were made so far} */
  public Trace trace() {
    return world.trace();
  }

  /**
   * Returns random numbers for the test itself, seeded by {@link #seed()}.
   *
   * @return a new source, which begins with the same numbers each time
   */
  public Random random() {
    return new Random(Draws.mix(seed(), "random"));
  }

  /** {@return how many connections the simulation has now, as long as an end is open} */
  public int connections() {
    return world.connectionCount();
  }

  /** {@return how many events wait for their time} */
  public int pendingEvents() {
    return world.pendingEvents();
  }

  /**
   * Returns the channels that are open, of all hosts. Where they were opened is known with {@link
   * SimulationConfig#recordOpenings()}.
   *
   * @return the channels, by hosts in the order of their making
   */
  public List<OpenChannel> openChannels() {
    return hosts().stream().flatMap(host -> host.openChannels().stream()).toList();
  }

  /**
   * Checks that all channels are closed. Open ones are given some time, since the other end of a
   * connection is often closed later, by another thread.
   *
   * @param grace how long to wait at most, in real time
   * @throws AssertionError if channels are open nevertheless, or if the thread is interrupted while
   *     they are; the message names them and who opened them
   */
  public void checkNoLeaks(Duration grace) {
    Leaks.check(this, grace);
  }

  /**
   * Checks that each fault was installed that {@link #faults()} has begun and something was said of
   * that it does.
   *
   * @throws AssertionError if one was not; the message names it, and with {@link
   *     SimulationConfig#recordOpenings()} the line that has begun it
   */
  public void checkFaultsInstalled() {
    check(world.ofFaults(FaultLog::notInstalled), "described and never installed");
  }

  /**
   * Checks that each fault has {@linkplain Fault#timesFired() fired}, the latest 1,000 of those
   * that are healed too. One that has not tests nothing: it may be for another host or port, or
   * behind more bytes than were sent.
   *
   * @throws AssertionError if one has not; the message names it, and with {@link
   *     SimulationConfig#recordOpenings()} the line that has installed it
   */
  public void checkFaultsFired() {
    check(world.ofFaults(FaultLog::notFired), "installed and had no effect");
  }

  private static void check(List<String> found, String what) {
    if (!found.isEmpty()) {
      String count = found.size() + (found.size() == 1 ? " fault was " : " faults were ");
      throw new AssertionError(count + what + ":\n  " + String.join("\n  ", found));
    }
  }

  /**
   * Describes the state of the simulation, for the message of a failure.
   *
   * @return lines of text: the seed, the time, the hosts, the settings of links and for how many
   *     connects and datagrams each was there, the faults and how often each has fired, with
   *     virtual time who keeps it from passing, the open channels, the table of sockets and the
   *     last decisions
   */
  public String report() {
    return Report.of(this);
  }

  /**
   * Adds the {@link #report()} to a failure: as a suppressed exception, so that it is shown with
   * its stack trace.
   *
   * @param failure what was thrown
   */
  public void addReportTo(Throwable failure) {
    Report.addTo(failure, this);
  }

  /**
   * Closes the network, all its channels and hosts, and ends what the simulation runs. Faults that
   * were described and never installed are reported as a warning of the logger {@code
   * io.nioring.simulation.Simulation}.
   */
  @Override
  public void close() {
    try {
      network.close();
    } finally {
      world.close();
    }
  }

  @Override
  public String toString() {
    return "Simulation[seed=" + seed() + ", hosts=" + hosts() + "]";
  }
}
