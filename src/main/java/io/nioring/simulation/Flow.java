package io.nioring.simulation;

import io.nioring.internal.datagram.DatagramInbox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The datagrams from a port of one host to a port of another, and what becomes of each: lost, late,
 * doubled, answered by an error. Guarded by the world's lock.
 *
 * <p>To a fault each datagram is what a connect is to the faults of streams: they are counted, and
 * chosen by their number.
 */
final class Flow {
  /** How many may wait, for a bandwidth or held: about the default of Linux' queues. */
  private static final int MOST_WAITING = 1_000;

  private final World world;
  private final RingHost from;
  private final RingHost to;
  private final int sourcePort;
  private final int port;
  private final Lane there;
  private final Lane back;
  private final long key;

  /** Those that have not arrived, each with its event, or null if it is held. */
  private final Map<DatagramOnWay, Timeline.Event> onWay = new LinkedHashMap<>();

  /** What each bandwidth has let pass; those of links are theirs. */
  private final Map<Conditions, Rate> rates = new HashMap<>();

  private int sent;

  Flow(World world, RingHost from, RingHost to, int sourcePort, int port) {
    this.world = world;
    this.from = from;
    this.to = to;
    this.sourcePort = sourcePort;
    this.port = port;
    this.there = world.lane(from, to);
    this.back = world.lane(to, from);
    long hash = Draws.mix(Draws.mix(world.config().seed(), "datagrams"), from.name());
    this.key = Draws.mix(Draws.mix(Draws.mix(hash, to.name()), sourcePort), port);
  }

  RingHost from() {
    return from;
  }

  RingHost to() {
    return to;
  }

  /** The sender's port; 0 for all that the system chose. */
  int sourcePort() {
    return sourcePort;
  }

  /** The receiver's port; 0 for all that the system chose. */
  int port() {
    return port;
  }

  Lane lane() {
    return there;
  }

  // -- what rules say

  /**
   * Whether a rule applies to a datagram, as one to a server or as an answer. What a rule does to
   * connects it does to answers only if it applies to nothing else.
   */
  boolean isMatchedBy(Rule rule, DatagramOnWay datagram) {
    long chosen = Draws.mix(key, datagram.number);
    boolean toServer = rule.isForDirection(true);
    boolean fromServer =
        rule.isForDirection(false) && !(toServer && rule.connects() != Rule.Connects.PASS);
    return (toServer && rule.selectsDatagram(question(datagram), chosen))
        || (fromServer && rule.selectsDatagram(answer(datagram), chosen));
  }

  private Connect question(DatagramOnWay datagram) {
    return new Connect(from, to, datagram.destination(), datagram.number);
  }

  private Connect answer(DatagramOnWay datagram) {
    return new Connect(to, from, datagram.source(), datagram.number);
  }

  private static boolean has(List<Rule> rules, Rule.Connects fate) {
    return rules.stream().anyMatch(rule -> rule.connects() == fate);
  }

  /** Whether there is a path for the next datagram at all, so that its sender can send it. */
  boolean hasWayFor(DatagramOnWay next) {
    next.number = sent + 1;
    List<Rule> rules = world.rulesFor(this, next);
    boolean hasNone = has(rules, Rule.Connects.UNREACHABLE);
    if (hasNone) {
      fired(rules);
    }
    return !hasNone;
  }

  /** Records those that have an effect on a datagram. */
  private static void fired(List<Rule> rules) {
    for (Rule rule : rules) {
      if (rule.connects() != Rule.Connects.PASS || rule.silences() || rule.isConditionsAlone()) {
        rule.firings().fired();
      }
    }
  }

  // -- sending

  /**
   * Sends a datagram.
   *
   * @param reached collects what it has reached already
   */
  void send(DatagramOnWay datagram, Consumer<DatagramInbox> reached) {
    datagram.number = ++sent;
    there.countUse();
    List<Rule> rules = world.rulesFor(this, datagram);
    fired(rules);
    boolean silent = has(rules, Rule.Connects.BLACK_HOLE) || has(rules, Rule.Connects.UNREACHABLE);
    if (there.isDropping() || silent || rules.stream().anyMatch(Rule::silences)) {
      there.cutsFired();
      return;
    }
    if (there.isRejecting() || has(rules, Rule.Connects.REFUSE)) {
      there.cutsFired();
      answerUnreachable(datagram);
      return;
    }
    List<Conditions> conditions = new ArrayList<>(1 + rules.size());
    conditions.add(there.conditions());
    rules.forEach(rule -> conditions.add(rule.conditions()));
    pass(datagram, conditions, reached);
  }

  private void pass(
      DatagramOnWay datagram, List<Conditions> conditions, Consumer<DatagramInbox> reached) {
    long leaves = leaves(datagram, conditions);
    if (leaves < 0 || isDrawn("loss", conditions, datagram.number, each -> each.loss)) {
      return;
    }
    long late = latency("latency", conditions, datagram.number);
    for (int i = 0; i < conditions.size(); i++) {
      Conditions each = conditions.get(i);
      boolean isLate = isDrawn("reordering", i, each, each.reordering, datagram.number);
      late += isLate ? each.reorderingDelay : 0;
    }
    boolean twice = isDrawn("duplication", conditions, datagram.number, each -> each.duplication);
    arriveAt(leaves + late, datagram, reached);
    if (twice) {
      long lateToo = latency("copy", conditions, datagram.number);
      arriveAt(leaves + lateToo, datagram.copy(), reached);
    }
  }

  /** When the bandwidths have let it pass; -1 if too many wait for them already. */
  private long leaves(DatagramOnWay datagram, List<Conditions> conditions) {
    long at = world.now();
    for (Conditions each : conditions) {
      Rate rate = rate(each);
      if (rate != null && onWay.size() >= MOST_WAITING) {
        return -1;
      }
      at = rate == null ? at : Math.max(at, rate.send(at, datagram.length()));
    }
    return at;
  }

  private Rate rate(Conditions conditions) {
    Rate fresh = conditions.rateOfDirection();
    Rate present = fresh == null ? null : rates.get(conditions);
    if (present != null && present.bandwidth() == fresh.bandwidth()) {
      return present;
    }
    if (fresh == null) {
      rates.remove(conditions);
    } else {
      rates.put(conditions, fresh);
    }
    return fresh;
  }

  private long latency(String rule, List<Conditions> conditions, int k) {
    long sum = 0;
    for (int i = 0; i < conditions.size(); i++) {
      Conditions each = conditions.get(i);
      Latency latency = each.latency;
      sum += latency.isRandom() ? drawn(rule, rule + i, each, latency, k) : latency.nanosOf(0);
    }
    return sum;
  }

  /**
   * Draws a latency.
   *
   * @param key what distinguishes the draw
   * @param by what makes the datagram late; null if the rule itself says that
   */
  private long drawn(String rule, String key, Conditions by, Latency latency, int k) {
    long nanos = latency.nanosOf(bits(key, k));
    world.trace().decidedDelay(rule, by, this, k, nanos);
    return nanos;
  }

  private boolean isDrawn(
      String rule, List<Conditions> conditions, int k, Probability probability) {
    boolean happens = false;
    for (int i = 0; i < conditions.size(); i++) {
      Conditions each = conditions.get(i);
      happens |= isDrawn(rule, i, each, probability.of(each), k);
    }
    return happens;
  }

  private boolean isDrawn(String rule, int place, Conditions by, double probability, int k) {
    if (probability == 0) {
      return false;
    }
    boolean happens = Draws.happens(bits(rule + place, k), probability);
    world.trace().decided(rule, by, this, k, happens);
    return happens;
  }

  private long bits(String rule, int k) {
    return Draws.mix(Draws.mix(key, rule), k);
  }

  /** One of the probabilities of conditions. */
  private interface Probability {
    double of(Conditions conditions);
  }

  // -- arriving

  private void arriveAt(long at, DatagramOnWay datagram, Consumer<DatagramInbox> reached) {
    if (at <= world.now()) {
      arrive(datagram, reached);
    } else {
      onWay.put(
          datagram, world.timeline().schedule(at, () -> arrive(datagram, this::wakeAfterwards)));
    }
  }

  private void wakeAfterwards(DatagramInbox inbox) {
    world.after(inbox::wake);
  }

  private void arrive(DatagramOnWay datagram, Consumer<DatagramInbox> reached) {
    onWay.remove(datagram);
    if (there.isDropping()) {
      there.cutsFired();
      return;
    }
    if (there.isBlocked()) {
      if (onWay.size() < MOST_WAITING) {
        onWay.put(datagram, null);
      }
    } else if (there.isRejecting()) {
      there.cutsFired();
      answerUnreachable(datagram);
    } else if (!deliver(datagram, reached)) {
      answerUnreachable(datagram);
    }
  }

  private boolean deliver(DatagramOnWay datagram, Consumer<DatagramInbox> reached) {
    world.arriving(to, datagram);
    return datagram.deliver(reached);
  }

  /** As by ICMP: the answer takes the path back, if there is one. */
  private void answerUnreachable(DatagramOnWay datagram) {
    if (!datagram.wantsAnswer() || back.isDropping()) {
      return;
    }
    Latency latency = back.conditions().latency;
    long late =
        latency.isRandom()
            ? drawn("unreachable", "unreachable", null, latency, datagram.number)
            : latency.nanosOf(0);
    if (late == 0) {
      world.after(datagram::unreachable);
    } else {
      world.timeline().schedule(world.now() + late, () -> world.after(datagram::unreachable));
    }
  }

  /** Delivers those that were held, or loses them, after a change; forgets faults that ended. */
  void refresh() {
    if (!rates.isEmpty()) {
      rates.keySet().removeIf(each -> each != there.conditions() && !world.hasRuleWith(each));
    }
    if (onWay.isEmpty() || (there.isBlocked() && !there.isDropping())) {
      return;
    }
    List<DatagramOnWay> held = new ArrayList<>();
    onWay.forEach(
        (datagram, event) -> {
          if (event == null) {
            held.add(datagram);
          }
        });
    held.forEach(datagram -> arrive(datagram, this::wakeAfterwards));
  }

  // -- inspection

  void inFlight(List<InFlight> found) {
    for (DatagramOnWay each : onWay.keySet()) {
      found.add(new InFlight(question(each), to, each.length(), false));
    }
  }

  /**
   * Lets datagrams pass in their order, whenever they are due.
   *
   * @return how many bytes they had
   */
  long letPass(long most) {
    long passed = 0;
    for (DatagramOnWay datagram : List.copyOf(onWay.keySet())) {
      if (passed + datagram.length() > most) {
        return passed;
      }
      world.timeline().cancel(onWay.remove(datagram));
      passed += datagram.length();
      deliver(datagram, this::wakeAfterwards);
    }
    return passed;
  }
}
