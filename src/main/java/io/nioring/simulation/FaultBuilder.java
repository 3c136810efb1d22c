package io.nioring.simulation;

import io.nioring.route.Routes;
import java.time.Duration;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.Predicate;

/**
 * Says what happens to which connections of a {@link Simulation}.
 *
 * <pre>{@code
 * sim.faults().to(db, 5432).connection(2).resetAfterBytes(117).install();
 * sim.faults().to(db, 5432).first(2).refuse().install();
 * }</pre>
 *
 * <p>To a fault a datagram is a connection of its own, from its sender to its receiver, and also an
 * answer, on the way downstream, from its sender as the server. {@code connection(3)} is the third
 * one between two hosts and ports, {@code first(2).blackHole()} loses two. For datagrams there are
 * latency, bandwidth, loss, duplication and reordering; {@code blackHole} and {@code halfOpen},
 * which lose them; {@code refuse}, which answers that the port is unreachable; and {@code
 * unreachable}, by which the sender's {@code send} fails.
 *
 * <p>Which ones: all, as far as nothing narrows it down. What: at least one thing. A fault holds
 * from {@link #install()} on, for connections that exist too. Not safe for use by many threads;
 * what is installed is.
 */
public final class FaultBuilder {
  private final World world;
  private final Rule.Builder rule = new Rule.Builder();
  private final StringJoiner words = new StringJoiner(", ");
  private String text;
  private boolean installed;

  FaultBuilder(World world) {
    this.world = world;
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
    StringJoiner said = new StringJoiner(" ").add(word);
    for (Object each : arguments) {
      said.add(each instanceof Duration time ? text(time) : each.toString());
    }
    words.add(said.toString());
    return this;
  }

  private static String text(Duration time) {
    boolean isMillis = time.toNanosPart() % 1_000_000 == 0;
    return isMillis ? time.toMillis() + "ms" : time.toNanos() + "ns";
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
   */
  public FaultBuilder from(RingHost client) {
    rule.client = world.checked(client);
    return says("from", client.name());
  }

  /**
   * Narrows it down to connects to one host.
   *
   * @param server the host
   * @return this builder
   */
  public FaultBuilder to(RingHost server) {
    rule.server = world.checked(server);
    return says("to", server.name());
  }

  /**
   * Narrows it down to connects to one port of one host.
   *
   * @param server the host
   * @param port the port, from 1 to 65,535
   * @return this builder
   * @throws IllegalArgumentException if the port is out of bounds
   */
  public FaultBuilder to(RingHost server, int port) {
    return to(server).port(port);
  }

  /**
   * Narrows it down to connects to one port, of whatever host.
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
   * @param predicate tells which connects; called once for each, quickly, without side effects
   * @return this builder
   */
  public FaultBuilder where(Predicate<Connect> predicate) {
    rule.predicate = rule.predicate.and(Objects.requireNonNull(predicate, "predicate"));
    return this;
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
   * Lets it begin, for each connection alone, when exactly so many bytes have arrived since the
   * connection was made; at once if they have. For what happens to connections that exist, not for
   * datagrams.
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
   * Connects are refused: {@code ConnectException: Connection refused}, after the time there and
   * back.
   *
   * @return this builder
   */
  public FaultBuilder refuse() {
    rule.connects = Rule.Connects.REFUSE;
    return says("refuse");
  }

  /**
   * Connects are not answered: they stay pending until the fault is closed, or fail with {@code
   * ConnectException: Connection timed out} after {@link SimulationConfig#connectTimeout()}.
   *
   * @return this builder
   */
  public FaultBuilder blackHole() {
    rule.connects = Rule.Connects.BLACK_HOLE;
    return says("blackHole");
  }

  /**
   * Connects fail with {@code NoRouteToHostException: No route to host}.
   *
   * @return this builder
   */
  public FaultBuilder unreachable() {
    rule.connects = Rule.Connects.UNREACHABLE;
    return says("unreachable");
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
    return says("connectDelay", delay);
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
    return says("acceptDelay", delay);
  }

  /**
   * Accepts fail with {@code IOException: Too many open files}; the connection stays queued. Needs
   * {@link #to(RingHost, int)} or {@link #port}, and heeds nothing else that narrows down.
   *
   * @param count how many accepts that find a connection, at least 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public FaultBuilder acceptFails(int count) {
    rule.acceptFailures = atLeastOne("count", count);
    return says("acceptFails", count);
  }

  /**
   * As {@link Link#latency(Latency)}; adds up with that.
   *
   * @param latency one way
   * @return this builder
   */
  public FaultBuilder latency(Latency latency) {
    rule.conditions.latency = Objects.requireNonNull(latency, "latency");
    return says("latency", latency);
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
    return says("bandwidth", bandwidth);
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
    return says("loss", probability);
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
    return says("duplication", probability);
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
    return says("reordering", probability, delay);
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
    return says("sliceReads", average, variation);
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
    return says("sliceWrites", average, variation);
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
    return says("closeDelay", delay);
  }

  /**
   * Keys are selected now and then for bytes that are not there: the read gives 0. Never twice in a
   * row, and blocking reads go on waiting.
   *
   * @param probability how likely a segment is preceded by that, from 0 to 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of bounds
   */
  public FaultBuilder spuriousReadiness(double probability) {
    rule.conditions.spurious = Conditions.checkProbability(probability);
    return says("spuriousReadiness", probability);
  }

  /**
   * Resets the connection after exactly so many bytes: those arrive, then both ends are reset.
   *
   * @param bytes how many, at least 0; from the server unless {@link #upstream()} was called
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public FaultBuilder resetAfterBytes(long bytes) {
    rule.cutAfterBytes(Rule.Cut.RESET, bytes);
    return says("resetAfterBytes", bytes);
  }

  /**
   * Ends the connection after exactly so many bytes: those arrive, then each end sees that the
   * other has closed.
   *
   * @param bytes how many, at least 0; from the server unless {@link #upstream()} was called
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public FaultBuilder closeAfterBytes(long bytes) {
    rule.cutAfterBytes(Rule.Cut.CLOSE, bytes);
    return says("closeAfterBytes", bytes);
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
    return says("resetAfter", delay);
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
    return says("closeAfter", delay);
  }

  /**
   * Nothing passes any more, and what an end sends to close or to reset the connection is lost for
   * good: the survivor sees silence. Bytes are taken until the bound is full. When the fault is
   * closed, bytes that then arrive at an end that is gone are answered by a reset.
   *
   * @return this builder
   */
  public FaultBuilder halfOpen() {
    rule.silences = true;
    return says("halfOpen");
  }

  /**
   * Lets the fault begin.
   *
   * @return the fault, which is taken back when it is closed
   * @throws IllegalStateException if it was called before
   * @throws IllegalArgumentException if something cannot begin {@linkplain #afterBytes later}
   */
  public Fault install() {
    if (installed) {
      throw new IllegalStateException("the fault was installed before");
    }
    installed = true;
    rule.text = text == null ? words.toString() : text;
    return world.install(rule.build());
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected at least 1");
    }
    return value;
  }
}
