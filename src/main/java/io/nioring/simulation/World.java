package io.nioring.simulation;

import io.nioring.RingNetwork;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.network.NetworkParts;
import io.nioring.internal.poll.Failures;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.TurnLock;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The state of a simulation, under one lock.
 *
 * <p>Whatever locks, wakes or calls other code is deferred by {@link #after}, and done by the
 * thread that releases the lock.
 */
final class World {
  private static final int MOST_NAMES = 5;

  private final TurnLock lock = new TurnLock();
  private final SimulationConfig config;
  private final Timeline timeline;
  private final SimulationTime time;
  private final Trace trace = new Trace();
  private final Connects connects = new Connects(this);
  private final Datagrams datagrams = new Datagrams(this);
  private final HostAddresses addresses = new HostAddresses();
  private final Map<Endpoint, Boolean> heldBack = new ConcurrentHashMap<>();

  /** One for each simulation: a thread may be on a host of several. */
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<ThreadPlace> placeOfThread = new InheritableThreadLocal<>();

  private final RingHost localhost;

  // Guarded by the lock.

  /**
   * The deferred actions. A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses
   * what it has.
   */
  @SuppressWarnings("JdkObsolete")
  private Queue<Runnable> afters = new LinkedList<>();

  private final Map<String, RingHost> hosts = new LinkedHashMap<>();
  private final Lanes lanes = new Lanes();
  private final Set<Connection> connections = new LinkedHashSet<>();

  /** Changed under the lock; whether there are any may be asked without. */
  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  private final FaultLog faults = new FaultLog();
  private final List<HostLoop> loops = new ArrayList<>();
  private final Set<SimulatedListener> listeners = Collections.newSetFromMap(new WeakHashMap<>());
  private NetworkParts.Providers providers;

  /** Written before anybody has a host. */
  private volatile RingNetwork network;

  private long rulesAdded;
  private boolean closed;

  /** Whether all connections are refreshed, many of which may ask for their sockets. */
  private boolean refreshing;

  /** The sockets that were found for them, by one walk; null if nobody has asked. */
  private IdentityHashMap<Endpoint, SocketState> sockets;

  World(SimulationConfig config) {
    this.config = config;
    this.timeline = new Timeline(config.virtualTime());
    this.time = new SimulationTime(this, timeline);
    this.localhost = new RingHost(this, "localhost", HostAddresses.loopback("localhost"));
    hosts.put("localhost", localhost);
  }

  SimulationConfig config() {
    return config;
  }

  Timeline timeline() {
    return timeline;
  }

  Trace trace() {
    return trace;
  }

  Connects connects() {
    return connects;
  }

  Datagrams datagrams() {
    return datagrams;
  }

  TurnLock lock() {
    return lock;
  }

  /** The clock that the network waits by. */
  Clock clock() {
    return time.networkClock();
  }

  SimulationTime time() {
    return time;
  }

  long now() {
    return timeline.now();
  }

  // -- the lock

  /** Runs something under the lock, and then, without it, the actions that it has deferred. */
  void run(Runnable action) {
    enter();
    try {
      action.run();
    } finally {
      exit();
    }
  }

  /**
   * Takes the lock, for a caller that has no memory for what {@link #run} is given; {@link #exit}
   * must follow.
   */
  void enter() {
    lock.lock();
  }

  /** Releases the lock, and runs the deferred actions. */
  void exit() {
    Queue<Runnable> due = null;
    try {
      if (lock.getHoldCount() == 1) {
        try {
          due = drain();
        } finally {
          time.changed();
        }
      }
    } finally {
      lock.unlock();
      finish(due);
    }
  }

  /**
   * Takes the deferred actions, for the caller to {@link #finish} when it has released the lock;
   * null if there are none.
   */
  @SuppressWarnings("JdkObsolete") // as afters
  Queue<Runnable> drain() {
    if (afters.isEmpty()) {
      return null;
    }
    Queue<Runnable> next = new LinkedList<>();
    time.finishing(true);
    Queue<Runnable> due = afters;
    afters = next;
    return due;
  }

  /** Whether there are deferred actions that nobody has taken; with the lock held. */
  boolean hasPutOff() {
    return !afters.isEmpty();
  }

  /**
   * Runs all deferred actions, even if one of them throws; virtual time stands still meanwhile.
   * Without the lock. Throws the first failure.
   */
  void finish(Queue<Runnable> due) {
    if (due != null) {
      try {
        Failures.runAll(due);
      } finally {
        finished();
      }
    }
  }

  /** As above, but logs failures instead of throwing one: each ends its own action alone. */
  void finishAndLog(Queue<Runnable> due) {
    if (due != null) {
      try {
        for (Runnable next = due.poll(); next != null; next = due.poll()) {
          SimulationTime.runGuarded(next);
        }
      } finally {
        finished();
      }
    }
  }

  private void finished() {
    lock.lock();
    try {
      time.finishing(false);
    } finally {
      lock.unlock();
    }
  }

  /** Defers something until the lock is released; with the lock held. */
  void after(Runnable action) {
    afters.add(action);
  }

  /** Has an end's waiters look again. */
  void wake(Endpoint end, int bits) {
    after(
        () -> {
          VarHandle.fullFence(); // the change before the waiters, see PollSet
          end.poll().wake(bits);
        });
  }

  /** Changes something, and continues whatever was waiting for it. */
  void change(Runnable action) {
    run(
        () -> {
          action.run();
          refresh();
        });
  }

  private void refresh() {
    refreshing = true;
    try {
      new ArrayList<>(connections).forEach(Connection::refresh);
    } finally {
      refreshing = false;
      sockets = null;
    }
    connects.refresh();
    datagrams.refresh();
    listeners.forEach(listener -> after(listener::changed));
  }

  /**
   * The socket that an end of a stream belongs to; null if it is closed, or not accepted yet. With
   * the lock held.
   */
  SocketState socketOf(Endpoint end) {
    IdentityHashMap<Endpoint, SocketState> found =
        sockets == null ? localhost.socketsByEnd() : sockets;
    sockets = refreshing ? found : null;
    return found.get(end);
  }

  // -- hosts

  void opened(NetworkParts.Providers made) {
    run(
        () -> {
          providers = made;
          localhost.makeProvider(made);
        });
  }

  /** Takes the network that was opened with its parts. */
  void isOf(RingNetwork opened) {
    network = opened;
  }

  RingNetwork network() {
    return network;
  }

  RingHost localhost() {
    return localhost;
  }

  List<RingHost> hosts() {
    List<RingHost> all = new ArrayList<>();
    run(() -> all.addAll(hosts.values()));
    return List.copyOf(all);
  }

  RingHost host(String name, List<InetAddress> wanted) {
    if (Objects.requireNonNull(name, "name").isEmpty()) {
      throw new IllegalArgumentException("a host's name is empty");
    }
    RingHost[] host = new RingHost[1];
    run(
        () -> {
          host[0] = hosts.get(name);
          if (host[0] == null) {
            host[0] = addHost(name, wanted.isEmpty() ? List.of(addresses.next(name)) : wanted);
          } else if (!wanted.isEmpty()) {
            throw new IllegalArgumentException("there is a host named " + name);
          }
        });
    return host[0];
  }

  private RingHost addHost(String name, List<InetAddress> wanted) {
    if (closed) {
      throw new IllegalStateException("the simulation is closed");
    }
    addresses.ensureFree(wanted);
    RingHost host = new RingHost(this, name, List.copyOf(wanted));
    host.makeProvider(providers);
    addresses.give(wanted, host);
    hosts.put(name, host);
    return host;
  }

  /** The address of the host of a name, in any case, as names are looked up; null for none. */
  InetAddress addressOf(String name) {
    RingHost[] found = new RingHost[1];
    run(
        () -> {
          found[0] = hosts.get(name);
          if (found[0] == null) {
            found[0] =
                hosts.values().stream()
                    .filter(host -> host.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElse(null);
          }
        });
    return found[0] == null ? null : found[0].address();
  }

  /** The host that an address was given to; null if it was to none. */
  RingHost ownerOf(InetAddress ip) {
    return addresses.ownerOf(ip);
  }

  RingHost hostOf(InetAddress ip) {
    RingHost owner = addresses.ownerOf(ip);
    return owner == null ? localhost : owner;
  }

  /** The host that a connect of another goes to. */
  RingHost serverOf(RingHost client, InetAddress ip) {
    return ip.isLoopbackAddress() && config.isolatedLoopback() ? client : hostOf(ip);
  }

  /** The host that a connect comes from: over the common loopback that is "localhost". */
  RingHost clientOf(RingHost host, InetAddress ip) {
    return ip.isLoopbackAddress() && !config.isolatedLoopback() ? localhost : host;
  }

  ThreadLocal<ThreadPlace> placeOfThread() {
    return placeOfThread;
  }

  /** The host that the current thread is on; null if it is on none. */
  RingHost hostOfThread() {
    ThreadPlace place = placeOfThread.get();
    return place == null ? null : place.host();
  }

  RingHost checked(RingHost host) {
    if (Objects.requireNonNull(host, "host").world() != this) {
      throw new IllegalArgumentException(host + " is a host of another simulation");
    }
    return host;
  }

  // -- links and connections

  Lane lane(RingHost from, RingHost to) {
    Lane[] lane = new Lane[1];
    run(() -> lane[0] = lanes.get(checked(from), checked(to)));
    return lane[0];
  }

  /** The latency of a connect's step. */
  long latencyOf(Lane lane, Attempt attempt, String direction, long k) {
    long sum = latencyOf(lane.conditions(), 0, attempt, direction, k);
    for (int i = 0; i < attempt.rules.size(); i++) {
      sum += latencyOf(attempt.rules.get(i).conditions(), i + 1, attempt, direction, k);
    }
    return sum;
  }

  private long latencyOf(
      Conditions conditions, int place, Attempt attempt, String direction, long k) {
    Latency latency = conditions.latency;
    if (!latency.isRandom()) {
      return latency.nanosOf(0);
    }
    long nanos = latency.nanosOf(attempt.bits("latency" + place, direction, k));
    trace.decidedDelay(conditions, attempt, direction, k, nanos);
    return nanos;
  }

  void rulesFor(Attempt attempt) {
    attempt.rulesKnown = rulesAdded;
    for (Rule rule : rules) {
      if (!rule.beginsLater() && rule.selects(attempt.connect(), attempt.key())) {
        attempt.take(rule);
      }
    }
  }

  /** Whether conditions are those of a fault that is installed. */
  boolean hasRuleWith(Conditions conditions) {
    return rules.stream().anyMatch(rule -> rule.conditions() == conditions);
  }

  boolean hasRules() {
    return !rules.isEmpty();
  }

  /** The rules that apply to a datagram; most often none. */
  List<Rule> rulesFor(Flow flow, DatagramOnWay datagram) {
    if (rules.isEmpty()) {
      return List.of();
    }
    return rules.stream().filter(rule -> flow.isMatchedBy(rule, datagram)).toList();
  }

  /** Adds a connection that was made; possibly with a listener's lock held. */
  void connected(Connection connection, Endpoint server) {
    run(
        () -> {
          connections.add(connection);
          connection.made(rules);
          holdBack(connection.attempt(), server);
          drawSpuriousAccept(connection.attempt());
          connection.refresh();
        });
  }

  private void holdBack(Attempt attempt, Endpoint server) {
    RingHost client = attempt.connect().client();
    Lane there = lane(client, attempt.connect().server());
    long delay = latencyOf(there, attempt, "up", Connects.ACCEPT) + there.conditions().acceptDelay;
    for (Rule rule : attempt.rules) {
      delay += rule.conditions().acceptDelay;
    }
    SimulatedListener listener = attempt.listener;
    if (delay > 0 && listener != null) {
      heldBack.put(server, true);
      timeline.schedule(
          now() + delay,
          () -> {
            heldBack.remove(server);
            after(listener::changed);
          });
    }
  }

  private void drawSpuriousAccept(Attempt attempt) {
    double probability = 0;
    for (Rule rule : attempt.rules) {
      probability = Math.max(probability, rule.conditions().spurious);
    }
    if (probability > 0 && attempt.listener != null) {
      long bits = attempt.bits("spurious accept", "up", Connects.ACCEPT);
      boolean happens = Draws.happens(bits, probability);
      trace.decidedSpurious(attempt, "up", Connects.ACCEPT, "accept", happens);
      attempt.listener.isToFindNothing(happens);
    }
  }

  boolean isHeldBack(Endpoint server) {
    return !heldBack.isEmpty() && heldBack.containsKey(server);
  }

  void listens(SimulatedListener listener) {
    run(() -> listeners.add(listener));
  }

  boolean takesAccept(RingHost host, InetSocketAddress bound) {
    boolean[] fails = new boolean[1];
    run(
        () -> {
          for (Rule rule : rules) {
            fails[0] = fails[0] || rule.takesAccept(host, bound);
          }
          if (fails[0]) {
            tell("acceptFails " + host.name() + ":" + bound.getPort(), null, 0);
          }
        });
    return fails[0];
  }

  void ended(Connection connection) {
    connections.remove(connection);
  }

  int connectionCount() {
    int[] count = new int[1];
    run(() -> count[0] = connections.size());
    return count[0];
  }

  int pendingEvents() {
    int[] count = new int[1];
    run(() -> count[0] = timeline.size());
    return count[0];
  }

  private List<SimulatedDirection> directionsOf(List<Lane> of) {
    List<SimulatedDirection> found = new ArrayList<>();
    for (Connection each : connections) {
      if (of.contains(each.up().lane())) {
        found.add(each.up());
      }
      if (of.contains(each.down().lane())) {
        found.add(each.down());
      }
    }
    return found;
  }

  List<InFlight> inFlight(List<Lane> of) {
    List<InFlight> found = new ArrayList<>();
    run(
        () ->
            directionsOf(of).stream()
                .filter(SimulatedDirection::hasInFlight)
                .map(SimulatedDirection::inFlight)
                .forEach(found::add));
    run(() -> datagrams.inFlight(of, found));
    return List.copyOf(found);
  }

  long deliver(List<Lane> of, long bytes) {
    long[] left = {bytes};
    run(
        () -> {
          directionsOf(of).forEach(each -> left[0] -= each.letPass(left[0]));
          left[0] -= datagrams.letPass(of, left[0]);
        });
    return bytes - left[0];
  }

  void resetAll(List<Lane> of) {
    run(
        () ->
            new ArrayList<>(connections)
                .stream()
                    .filter(
                        each -> of.contains(each.up().lane()) || of.contains(each.down().lane()))
                    .forEach(each -> each.resetNow("reset")));
  }

  // -- faults

  /**
   * Begins a fault.
   *
   * @param text what it is, for people
   * @param firings how often it fires
   * @param healing takes it back, with the lock held
   */
  private Fault begin(String text, Firings firings, Runnable action, Runnable healing) {
    StackTraceElement place = placeOfProgram();
    InstalledFault[] fault = new InstalledFault[1];
    run(
        () -> {
          InstalledFault made =
              new InstalledFault(this, faults.nextNumber(), text, firings, healing, place);
          try {
            faults.begins(made);
            action.run();
            tell(text, null, 0);
            refresh();
            fault[0] = made;
          } finally {
            if (fault[0] == null) { // nobody has it to take it back
              made.heal();
              faults.forgets(made); // unless that failed: then heal() finds it
            }
          }
        });
    return fault[0];
  }

  /** Takes a fault back, unless that was done. */
  void heal(InstalledFault fault) {
    run(
        () -> {
          if (fault.heal()) {
            faults.healed(fault);
            connections.forEach(each -> each.attempt().forgets(fault.counter()));
            tell("healed: " + fault.text(), null, 0);
            refresh();
          }
        });
  }

  /** The faults that were not taken back, in their order. */
  List<InstalledFault> faults() {
    return ofFaults(FaultLog::lasting);
  }

  /** Asks the log of the faults. */
  <T> List<T> ofFaults(Function<FaultLog, List<T>> question) {
    List<T> answer = new ArrayList<>();
    run(() -> answer.addAll(question.apply(faults)));
    return List.copyOf(answer);
  }

  /** What is set on links, and how often that was of use; a line for each direction. */
  List<String> linkLines() {
    List<String> lines = new ArrayList<>();
    run(() -> lines.addAll(lanes.lines()));
    return lines;
  }

  /** A builder that the program is expected to install. */
  FaultBuilder describe() {
    FaultBuilder builder = new FaultBuilder(this);
    run(() -> faults.describes(builder));
    return builder;
  }

  /** Where the program is; null if that is not recorded. */
  StackTraceElement placeOfProgram() {
    return config.recordOpenings() ? Caller.find().orElse(null) : null;
  }

  /**
   * Tells the network's observer what was done to it; with the lock held.
   *
   * @param connection what it was done to; null if it is no single one
   * @param offset after how many bytes of a direction of it
   */
  void tell(String fault, Connection connection, long offset) {
    Observer told = connects.observer();
    if (told != null) {
      try {
        told.fault(fault, connection == null ? null : connection.client(), offset, config.seed());
      } catch (OutOfMemoryError e) {
        // It was done, and goes unobserved.
      }
    }
  }

  /** Tells the network's observer of a datagram that arrives at a host; with the lock held. */
  void arriving(RingHost at, DatagramOnWay datagram) {
    Observer told = connects.observer();
    if (told != null) {
      try {
        told.datagramArriving(
            at.name(), datagram.source(), datagram.destination(), datagram.bytes());
      } catch (OutOfMemoryError e) {
        // It arrives, and goes unobserved.
      }
    }
  }

  Fault cut(List<Lane> of, boolean reject, String name) {
    LaneCut cut = new LaneCut(name + " " + of.get(0).from().name() + " " + of.get(0).to().name());
    return begin(
        cut.text(),
        cut.firings(),
        () -> of.forEach(lane -> lane.cut(cut, reject)),
        () -> of.forEach(lane -> lane.heal(cut)));
  }

  /** Cuts all lanes that a predicate selects, including those that are made later. */
  private Fault cutAll(String name, Predicate<Lane> predicate) {
    LaneCut cut = new LaneCut(name);
    return begin(name, cut.firings(), () -> lanes.cut(cut, predicate), () -> lanes.heal(cut));
  }

  Fault isolate(RingHost host) {
    return cutAll("isolate " + host.name(), Lanes.around(host));
  }

  Fault bridge(RingHost bridge, Collection<RingHost> as, Collection<RingHost> bs) {
    Predicate<Lane> between = between(as, bs);
    return cutAll(
        "bridge " + checked(bridge).name(),
        lane -> lane.from() != bridge && lane.to() != bridge && between.test(lane));
  }

  Fault partition(Collection<RingHost> as, Collection<RingHost> bs) {
    Predicate<Lane> between = between(as, bs);
    return cutAll("partition " + names(as) + " from " + names(bs), between);
  }

  /** The first of them by name: it stands at each of the connections. */
  private static String names(Collection<RingHost> hosts) {
    return firstOf(hosts.stream().map(RingHost::name).toList(), ", ");
  }

  /** Selects the lanes from one side to the other, in both directions. */
  private Predicate<Lane> between(Collection<RingHost> as, Collection<RingHost> bs) {
    as.forEach(this::checked);
    bs.forEach(this::checked);
    return Lanes.between(Set.copyOf(as), Set.copyOf(bs));
  }

  Fault install(Rule rule) {
    return begin(rule.text(), rule.firings(), () -> add(rule), () -> remove(rule));
  }

  /** The builder's fault is installed, or cannot be. */
  void installs(FaultBuilder builder) {
    run(() -> faults.installs(builder));
  }

  private void add(Rule rule) {
    rule.number(++rulesAdded);
    rules.add(rule);
    for (Connection each : List.copyOf(connections)) { // a predicate may change something
      if (rule.matches(each.attempt().connect(), each.attempt().key())) {
        each.take(rule);
      }
    }
    for (Attempt each : connects.waiting()) {
      if (!rule.beginsLater() && rule.matches(each.connect(), each.key())) {
        each.take(rule);
      }
      each.rulesKnown = rulesAdded;
    }
  }

  private void remove(Rule rule) {
    rules.remove(rule);
    connections.forEach(each -> each.drop(rule));
    connects.waiting().forEach(each -> each.rules.remove(rule));
  }

  void heal() {
    run(
        () -> {
          faults.lasting().forEach(InstalledFault::close);
          lanes.endHolds();
          refresh();
        });
  }

  // -- what happens to hosts

  void kill(RingHost host) {
    host.endPrograms();
  }

  void crash(RingHost host) {
    run(
        () -> {
          if (host.isUp()) {
            tell("crash " + host.name(), null, 0);
          }
          host.switchOn(false);
          connections.stream().filter(each -> each.isOf(host)).forEach(each -> each.crashed(true));
          refresh();
        });
    host.endPrograms();
  }

  void restart(RingHost host) {
    run(
        () -> {
          if (!host.isUp()) {
            tell("restart " + host.name(), null, 0);
          }
          host.switchOn(true);
          connections.stream()
              .filter(each -> each.isOf(host) && each.bothUp())
              .forEach(each -> each.crashed(false));
          refresh();
        });
  }

  /** The ends of connections that a host has and did not close. */
  List<Endpoint> openEndsOf(RingHost host) {
    List<Endpoint> ends = new ArrayList<>();
    run(() -> connections.forEach(each -> each.addOpenEnds(host, ends)));
    return ends;
  }

  // -- time

  void advance(Duration duration) {
    time.advance(duration);
  }

  void addLoop(HostLoop loop) {
    run(() -> loops.add(loop));
  }

  /**
   * Steps the loops of the hosts in random orders; when none does anything, the next event comes.
   */
  void runLoops(Duration atMost) {
    time.ensureVirtual();
    Random random = new Random(Draws.mix(config.seed(), "loops"));
    long until = now() + Latency.nanos("atMost", atMost);
    Quiet quiet = time.quiet();
    boolean goesOn = true;
    while (goesOn) {
      List<HostLoop> turn = new ArrayList<>();
      run(() -> turn.addAll(loops));
      Collections.shuffle(turn, random);
      boolean did = false;
      for (HostLoop each : turn) {
        did |= each.run();
      }
      goesOn = did || time.step(until, false);
      quiet.await();
    }
  }

  java.time.Clock userClock(Supplier<Duration> offset) {
    return time.userClock(offset);
  }

  ScheduledExecutorService scheduler() {
    return time.scheduler();
  }

  private void endAll(List<String> forgotten) {
    forgotten.addAll(closed ? List.of() : faults.notInstalled());
    closed = true;
    new ArrayList<>(connections).forEach(Connection::end);
    connects.clear();
    datagrams.clear();
    timeline.close();
    heldBack.clear();
  }

  /** Ends what it runs; the network is closed already. */
  void close() {
    List<String> forgotten = new ArrayList<>();
    try {
      run(() -> endAll(forgotten));
    } finally {
      try {
        hosts().forEach(RingHost::close);
      } finally {
        time.close(); // in any case, for those that wait by it
      }
    }
    if (!forgotten.isEmpty()) {
      System.getLogger(Simulation.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "faults that were described and never installed: " + firstOf(forgotten, "; "));
    }
  }

  private static String firstOf(List<String> texts, String separator) {
    String first = texts.stream().limit(MOST_NAMES).collect(Collectors.joining(separator));
    int more = texts.size() - MOST_NAMES;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
