package io.nioring.simulation;

import io.nioring.route.Routes;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Says what happens to which connections of a {@link Simulation}.
 *
 * <pre>{@code
 * sim.faults().to(db, 5432).connection(2).resetAfterBytes(117).install();
 * sim.faults().to(db, 5432).first(2).refuse().install();
 * }</pre>
 *
 * <p>For a fault, each datagram is a connection, from its sender to its receiver, and also an
 * answer, on the way downstream, from its sender as the server. {@code connection(3)} is the third
 * one between two hosts and ports, {@code first(2).blackHole()} loses two. For datagrams there are
 * latency, bandwidth, loss, duplication and reordering; {@code blackHole} and {@code halfOpen},
 * which lose them; {@code refuse}, which answers that the port is unreachable; and {@code
 * unreachable}, by which the sender's {@code send} fails.
 *
 * <p>A fault applies to all connections unless it is narrowed down, and does at least one thing. It
 * applies from {@link #install()} on, to existing connections too. Not safe for concurrent use; the
 * installed fault is.
 *
 * <p>A fault that is described and never installed has no effect. It is named in the {@linkplain
 * Simulation#report() report} and by {@link Simulation#checkFaultsInstalled()}, and tools that
 * report dropped results, as Error Prone does, find it when the test is compiled.
 */
@CheckReturnValue // a fault that is described and not installed does nothing
public final class FaultBuilder {
  private final World world;
  private final Rule.Builder rule = new Rule.Builder();

  /** Where a program has begun to describe it; null if that is not recorded. */
  private final StackTraceElement place;

  /** Read by reports, which other threads may ask for. */
  private volatile String words = "";

  private volatile boolean doesSomething;
  private String text;
  private boolean installed;

  FaultBuilder(World world) {
    this.world = world;
    this.place = world.placeOfProgram();
  }

  /** Gives it a text in place of the words of its methods. */
  FaultBuilder text(String written) {
    text = written;
    return this;
  }

  /** Narrows it down to servers whose addresses have the mode ring. */
  FaultBuilder routes(Routes servers) {
    rule.routes = servers;
    return this;
  }

  private FaultBuilder says(String word, Object... arguments) {
    StringBuilder said = new StringBuilder(words);
    said.append(words.isEmpty() ? "" : ", ").append(word);
    for (Object each : arguments) {
      said.append(' ').append(each instanceof Duration time ? text(time) : each.toString());
    }
    words = said.toString();
    return this;
  }

  private FaultBuilder does(String word, Object... arguments) {
    doesSomething = true;
    return says(word, arguments);
  }

  /** Whether anything was said that happens to connections. */
  boolean doesSomething() {
    return doesSomething;
  }

  private static String text(Duration time) {
    return Latency.millis(time.toNanos()) + "ms";
  }

  // -- who

  /**
   * Narrows it down to datagrams.
   *
   * @return this builder
   */
  public FaultBuilder datagrams() {
    rule.streams = false;
    rule.datagrams = true;
    return says("datagrams");
  }

  /**
   * Narrows it down to connections.
   *
   * @return this builder
   */
  public FaultBuilder streams() {
    rule.streams = true;
    rule.datagrams = false;
    return says("streams");
  }

  /**
   * Narrows it down to the connects of one host.
   *
   * @param client the host
   * @return this builder
   * @throws IllegalArgumentException if another host was given before: a fault is from one, and
   *     {@link #where} chooses among several
   */
  public FaultBuilder from(RingHost client) {
    rule.client = onlyOne("from", rule.client, world.checked(client));
    return says("from", client.name());
  }

  private static RingHost onlyOne(String word, RingHost before, RingHost host) {
    if (before != null && before != host) {
      throw new IllegalArgumentException(
          "a fault is %1$s one host, and this one is %1$s %2$s and %3$s: describe two, or use where"
              .formatted(word, before.name(), host.name()));
    }
    return host;
  }

  /**
   * Narrows it down to connects to one host.
   *
   * @param server the host
   * @return this builder
   * @throws IllegalArgumentException if another host was given before: a fault is to one, and
   *     {@link #where} chooses among several
   */
  public FaultBuilder to(RingHost server) {
    rule.server = onlyOne("to", rule.server, world.checked(server));
    return says("to", server.name());
  }

  /**
   * Narrows it down to connects to one port of one host.
   *
   * @param server the host
   * @param port the port, from 1 to 65,535
   * @return this builder
   * @throws IllegalArgumentException if the port is out of bounds, or another host was given before
   */
  public FaultBuilder to(RingHost server, int port) {
    return to(server).port(port);
  }

  /**
   * Narrows it down to connects to one port of any host.
   *
   * @param port the port, from 1 to 65,535
   * @return this builder
   * @throws IllegalArgumentException if the port is out of bounds
   */
  public FaultBuilder port(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port is " + port + ", expected 1 to 65535");
    }
    rule.port = port;
    return says("port", port);
  }

  /**
   * Narrows it down to one connect of each client host to each port of each server host.
   *
   * @param number which, counted from 1 since the simulation was opened; those that failed count
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public FaultBuilder connection(int number) {
    rule.firstNumber = atLeastOne("number", number);
    rule.lastNumber = number;
    return says("connection", number);
  }

  /**
   * Narrows it down to the first connects of each client host to each port of each server host.
   *
   * @param count how many, counted as by {@link #connection}
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public FaultBuilder first(int count) {
    rule.firstNumber = 1;
    rule.lastNumber = atLeastOne("count", count);
    return says("first", count);
  }

  /**
   * Narrows it down further.
   *
   * @param predicate selects the connects; called once for each, quickly, without side effects. If
   *     it fails for a new connection or a datagram, that is logged, and the fault does not apply;
   *     if it fails for an existing one, {@link #install()} does too
   * @return this builder
   */
  public FaultBuilder where(Predicate<Connect> predicate) {
    rule.predicate = rule.predicate.and(Objects.requireNonNull(predicate, "predicate"));
    return says("where");
  }

  /**
   * Lets the seed choose among the connections.
   *
   * @param probability how likely one is chosen, from 0, none, to 1, all
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder probability(double probability) {
    rule.probability = Conditions.checkProbability(probability);
    return says("probability", probability);
  }

  /**
   * Means the bytes from the client to the server, in what counts or changes bytes and names no
   * direction itself. Without it and {@link #downstream()} conditions mean both, and counts of
   * bytes the bytes from the server.
   *
   * @return this builder
   */
  public FaultBuilder upstream() {
    rule.upstream = true;
    rule.downstream = false;
    return says("upstream");
  }

  /**
   * Means the bytes from the server to the client; see {@link #upstream()}.
   *
   * @return this builder
   */
  public FaultBuilder downstream() {
    rule.upstream = false;
    rule.downstream = true;
    return says("downstream");
  }

  // -- when

  /**
   * Lets it begin, for each connection alone, when exactly this number of bytes has arrived since
   * the connection was made; at once if more have. For what happens to connections that exist, not
   * for datagrams.
   *
   * @param bytes how many, at least 0; from the server unless {@link #upstream()} was called
   * @return this builder
   * @throws IllegalArgumentException if it is negative, or {@link #afterTime} was called
   */
  public FaultBuilder afterBytes(long bytes) {
    rule.beginAfterBytes(bytes);
    return says("afterBytes", bytes);
  }

  /**
   * Lets it begin, for each connection alone, some time after the connection was made, or after the
   * installation if it exists then. For what happens to connections that exist, not for datagrams.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds, or {@link #afterBytes} was called
   */
  public FaultBuilder afterTime(Duration delay) {
    rule.beginAfterTime(Latency.nanos("delay", delay));
    return says("afterTime", delay);
  }

  // -- what

  /**
   * Connects are refused: {@code ConnectException: Connection refused}, after a round trip.
   *
   * @return this builder
   */
  public FaultBuilder refuse() {
    rule.connectsAre(Rule.Connects.REFUSE);
    return does("refuse");
  }

  /**
   * Connects are not answered: they stay pending until the fault is closed, or fail with {@code
   * ConnectException: Connection timed out} after {@link SimulationConfig#connectTimeout()}.
   *
   * @return this builder
   */
  public FaultBuilder blackHole() {
    rule.connectsAre(Rule.Connects.BLACK_HOLE);
    return does("blackHole");
  }

  /**
   * Connects fail with {@code NoRouteToHostException: No route to host}.
   *
   * @return this builder
   */
  public FaultBuilder unreachable() {
    rule.connectsAre(Rule.Connects.UNREACHABLE);
    return does("unreachable");
  }

  /**
   * As {@link Link#connectDelay}.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder connectDelay(Duration delay) {
    rule.conditions.connectDelay = Latency.nanos("delay", delay);
    return does("connectDelay", delay);
  }

  /**
   * As {@link Link#acceptDelay}.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder acceptDelay(Duration delay) {
    rule.conditions.acceptDelay = Latency.nanos("delay", delay);
    return does("acceptDelay", delay);
  }

  /**
   * Accepts fail with {@code IOException: Too many open files}; the connection stays queued. Needs
   * {@link #to(RingHost, int)} or {@link #port}, and ignores all other conditions.
   *
   * @param count how many accepts that find a connection, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public FaultBuilder acceptFails(int count) {
    rule.acceptFailures = atLeastOne("count", count);
    return does("acceptFails", count);
  }

  /**
   * As {@link Link#latency(Latency)}; adds up with that.
   *
   * @param latency one way
   * @return this builder
   */
  public FaultBuilder latency(Latency latency) {
    rule.conditions.latency = Objects.requireNonNull(latency, "latency");
    return does("latency", latency);
  }

  /**
   * Delays all by the same time, as {@link #latency(Latency)}.
   *
   * @param delay one way
   * @return this builder
   */
  public FaultBuilder latency(Duration delay) {
    return latency(Latency.constant(delay));
  }

  /**
   * As {@link Link#bandwidth}, for each connection alone; the lower one counts.
   *
   * @param bandwidth the rate
   * @return this builder
   */
  public FaultBuilder bandwidth(Bandwidth bandwidth) {
    rule.conditions.bandwidth(bandwidth.perConnection());
    return does("bandwidth", bandwidth);
  }

  /**
   * As {@link Link#loss}.
   *
   * @param probability from 0 to below 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder loss(double probability) {
    Conditions.checkProbability(probability);
    if (probability == 1) {
      throw new IllegalArgumentException("a loss of 1 is a partition");
    }
    rule.conditions.loss = probability;
    return does("loss", probability);
  }

  /**
   * As {@link Link#duplication}.
   *
   * @param probability from 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder duplication(double probability) {
    rule.conditions.duplication = Conditions.checkProbability(probability);
    return does("duplication", probability);
  }

  /**
   * As {@link Link#reordering}.
   *
   * @param probability from 0 to 1
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public FaultBuilder reordering(double probability, Duration delay) {
    rule.conditions.reordering = Conditions.checkProbability(probability);
    rule.conditions.reorderingDelay = Latency.nanos("delay", delay);
    return does("reordering", probability, delay);
  }

  /**
   * As {@link Link#sliceReads}, in place of the link's.
   *
   * @param average the mean size in bytes, at least 1
   * @param variation how far a size may be from it, from 0 to below {@code average}
   * @return this builder
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public FaultBuilder sliceReads(int average, int variation) {
    rule.conditions.sliceReads = new Slices(average, variation);
    return does("sliceReads", average, variation);
  }

  /**
   * As {@link Link#sliceWrites}, in place of the link's.
   *
   * @param average the mean size in bytes, at least 1
   * @param variation how far a size may be from it, from 0 to below {@code average}
   * @return this builder
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public FaultBuilder sliceWrites(int average, int variation) {
    rule.conditions.sliceWrites = new Slices(average, variation);
    return does("sliceWrites", average, variation);
  }

  /**
   * As {@link Link#closeDelay}; adds up with that.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder closeDelay(Duration delay) {
    rule.conditions.closeDelay = Latency.nanos("delay", delay);
    return does("closeDelay", delay);
  }

  /**
   * Keys are selected now and then for nothing: a read gives 0 since the bytes are not there yet, a
   * write 0 though there is room, an accept null though a connection is queued. Never twice in a
   * row, and operations that block go on waiting.
   *
   * @param probability how likely a segment, or a connection in the queue, is preceded by each of
   *     that, from 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder spuriousReadiness(double probability) {
    rule.conditions.spurious = Conditions.checkProbability(probability);
    return does("spuriousReadiness", probability);
  }

  /**
   * Resets the connection after exactly this many bytes: those arrive, then both ends are reset.
   *
   * @param bytes how many, at least 0; from the server unless {@link #upstream()} was called
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public FaultBuilder resetAfterBytes(long bytes) {
    rule.cutAfterBytes(Rule.Cut.RESET, bytes);
    return does("resetAfterBytes", bytes);
  }

  /**
   * Ends the connection after exactly this many bytes: those arrive, then each end sees that the
   * other has closed.
   *
   * @param bytes how many, at least 0; from the server unless {@link #upstream()} was called
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public FaultBuilder closeAfterBytes(long bytes) {
    rule.cutAfterBytes(Rule.Cut.CLOSE, bytes);
    return does("closeAfterBytes", bytes);
  }

  /**
   * Resets the connection some time after it was made, or after the installation if it exists then.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder resetAfter(Duration delay) {
    rule.cutAfterTime(Rule.Cut.RESET, Latency.nanos("delay", delay));
    return does("resetAfter", delay);
  }

  /**
   * Ends the connection, as {@link #closeAfterBytes}, some time after it was made, or after the
   * installation if it exists then.
   *
   * @param delay from 0 to 365 days
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder closeAfter(Duration delay) {
    rule.cutAfterTime(Rule.Cut.CLOSE, Latency.nanos("delay", delay));
    return does("closeAfter", delay);
  }

  /**
   * Nothing passes any more, and an end's close or reset is lost for good: the surviving end sees
   * silence. Bytes are taken until the bound is full. When the fault is closed, bytes that then
   * arrive at an end that is gone are answered by a reset.
   *
   * @return this builder
   */
  public FaultBuilder halfOpen() {
    rule.silences = true;
    return does("halfOpen");
  }

  /**
   * Lets the fault begin.
   *
   * @return the fault, which is taken back when it is closed
   * @throws IllegalStateException if it was called before, or nothing was said that happens
   * @throws IllegalArgumentException if something cannot begin {@linkplain #afterBytes later}, does
   *     not happen to {@linkplain #streams() streams} or to {@linkplain #datagrams() datagrams} if
   *     it is for these alone, or contradicts something else
   */
  @CanIgnoreReturnValue
  public Fault install() {
    if (installed) {
      throw new IllegalStateException("the fault was installed before");
    }
    check();
    installed = true;
    world.installs(this);
    rule.text = text == null ? words : text;
    return world.install(rule.build());
  }

  /** Throws what {@link #install()} would throw for what was said. */
  void check() {
    if (!doesSomething) {
      throw new IllegalStateException(
          "a fault that does nothing: say what happens, as by refuse(), resetAfterBytes(117) or"
              + " latency(...)");
    }
    rule.check();
  }

  /** Returns what was said so far. */
  @Override
  public String toString() {
    String said = text == null ? words : text;
    return place == null ? said : said + ", described at " + place;
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected at least 1");
    }
    return value;
  }
}
