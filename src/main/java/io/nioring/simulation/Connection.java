package io.nioring.simulation;

import io.nioring.internal.stream.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A connection: its two directions, and how it is broken. Guarded by the world's lock. */
final class Connection {
  private final World world;
  private final Attempt attempt;
  private final List<Rule> rules;

  /** Rules that begin later. */
  private final List<Rule> waiting = new ArrayList<>();

  /** The times of rules to cut, or to begin, that run or have come; of those that apply. */
  private final Map<Rule, Timeline.Event> timers = new HashMap<>();

  private SimulatedDirection up;
  private SimulatedDirection down;

  /** Whether a host crashed that an end was on: what it would have sent is lost. */
  private boolean crashed;

  private boolean ended;

  Connection(World world, Attempt attempt) {
    this.world = world;
    this.attempt = attempt;
    this.rules = new ArrayList<>(attempt.rules);
  }

  Attempt attempt() {
    return attempt;
  }

  List<Rule> rules() {
    return rules;
  }

  /** Adds a rule that applies to it, which may begin later. */
  void take(Rule rule) {
    if (rule.beginsLater()) {
      waiting.add(rule);
    } else {
      rules.add(rule);
      ruleBegins(rule);
    }
  }

  private void ruleBegins(Rule rule) {
    if (!isOver() && (rule.silences() || rule.isConditionsAlone())) {
      attempt.firedAt(rule.firings());
    }
  }

  /**
   * Applies what has changed since its connect was decided.
   *
   * @param all the world's rules
   */
  void made(List<Rule> all) {
    rules.retainAll(all);
    rules.forEach(this::ruleBegins);
    for (Rule rule : all) {
      boolean isNew = rule.beginsLater() || rule.number() > attempt.rulesKnown;
      if (isNew && rule.selects(attempt.connect(), attempt.key())) {
        take(rule);
      }
    }
    crashed = !bothUp();
  }

  void drop(Rule rule) {
    rules.remove(rule);
    waiting.remove(rule);
    world.timeline().cancel(timers.remove(rule));
  }

  /** The offset of a direction at which the next rule begins; the greatest number for none. */
  long beginsAt(boolean upstream) {
    long at = Long.MAX_VALUE;
    for (Rule each : waiting) {
      if (each.beginBytes() >= 0 && each.counts(upstream)) {
        at = Math.min(at, each.beginBytes());
      }
    }
    return at;
  }

  /** Begins the rules that wait for so many bytes of a direction. */
  void arrived(boolean upstream, long bytes) {
    if (bytes >= beginsAt(upstream)) {
      List<Rule> due =
          waiting.stream()
              .filter(each -> each.beginBytes() >= 0 && each.counts(upstream))
              .filter(each -> each.beginBytes() <= bytes)
              .toList();
      due.forEach(this::begin);
      refresh();
    }
  }

  private void begin(Rule rule) {
    if (waiting.remove(rule)) {
      world.timeline().cancel(timers.remove(rule)); // it may have a time to cut now
      rules.add(rule);
      ruleBegins(rule);
      world.tell("begins: " + rule.text(), this, down.arrivedBytes());
    }
  }

  void directions(SimulatedDirection toServer, SimulatedDirection toClient) {
    up = toServer;
    down = toClient;
    toServer.meet(toClient);
    toClient.meet(toServer);
  }

  SimulatedDirection up() {
    return up;
  }

  SimulatedDirection down() {
    return down;
  }

  /** The end that has connected. */
  Endpoint client() {
    return down.reader();
  }

  /** What is done to it, as text. */
  String faults() {
    Set<String> all = new LinkedHashSet<>();
    rules.forEach(rule -> all.add(rule.text()));
    up.lane().describe(all);
    down.lane().describe(all);
    if (crashed) {
      all.add("crash");
    }
    return String.join("; ", all);
  }

  boolean isOf(RingHost host) {
    return attempt.connect().client() == host || attempt.connect().server() == host;
  }

  /** Adds its ends that are on a host and open. */
  void addOpenEnds(RingHost host, List<Endpoint> ends) {
    for (SimulatedDirection each : List.of(up, down)) {
      if (each.lane().to() == host && !each.isReaderClosed()) {
        ends.add(each.reader());
      }
    }
  }

  boolean bothUp() {
    return attempt.connect().client().isUp() && attempt.connect().server().isUp();
  }

  /** Whether nothing passes, and ends are lost. */
  boolean isSilent() {
    return crashed || rules.stream().anyMatch(Rule::silences);
  }

  void crashed(boolean on) {
    crashed = on;
    if (on) {
      up.loseEnds();
      down.loseEnds();
    }
  }

  /** Begins what its rules ask for, and continues after a change. */
  void refresh() {
    if (ended) {
      return;
    }
    if (isSilent()) {
      up.loseEnds();
      down.loseEnds();
    }
    startTimers();
    up.refresh();
    down.refresh();
  }

  /** Whether neither end hears anything from the other. */
  boolean isDeaf() {
    return isSilent() || up.lane().isDropping() || down.lane().isDropping();
  }

  private void startTimers() {
    for (Rule rule : rules) {
      if (rule.timeCut() != Rule.Cut.NONE) {
        startTimer(rule, rule.cutNanos(), () -> cut(rule, rule.timeCut(), down));
      }
    }
    for (Rule rule : waiting) {
      if (rule.beginNanos() >= 0) {
        startTimer(
            rule,
            rule.beginNanos(),
            () -> {
              begin(rule);
              refresh();
            });
      }
    }
  }

  /** Starts the time of a rule, once; it ends when the rule no longer applies. */
  private void startTimer(Rule rule, long nanos, Runnable action) {
    if (!timers.containsKey(rule)) {
      Timeline.Event event = world.timeline().schedule(world.now() + nanos, action);
      boolean kept = false;
      try {
        timers.put(rule, event);
        kept = true;
      } finally {
        if (!kept) {
          timers.remove(rule); // a map that cannot grow may keep it
          world.timeline().cancel(event);
        }
      }
    }
  }

  /**
   * Ends it in the middle.
   *
   * @param by the rule that says so
   * @param in the direction whose bytes are reported
   */
  void cut(Rule by, Rule.Cut how, SimulatedDirection in) {
    if (isOver()) {
      return;
    }
    attempt.firedAt(by.firings());
    world.tell(how == Rule.Cut.RESET ? "reset" : "close", this, in.arrivedBytes());
    if (how == Rule.Cut.RESET) {
      reset();
    } else {
      up.cutClosed();
      down.cutClosed();
    }
  }

  /**
   * Ends it by a reset of both ends, unless it has ended.
   *
   * @param by what does that, for the observer
   */
  void resetNow(String by) {
    if (!isOver()) {
      world.tell(by, this, down.arrivedBytes());
      reset();
    }
  }

  /** Resets both ends, in one step: neither sees the other's end first. */
  void reset() {
    up.abortReader();
    down.abortReader();
    up.endReader();
    down.endReader();
  }

  /** Ends it for good if both ends have closed. */
  void endIfClosed() {
    if (!ended && up.isReaderClosed() && down.isReaderClosed()) {
      end();
    }
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether nothing can happen to it any more, though an end may still be open. */
  private boolean isOver() {
    return ended || (up.isOver() && down.isOver());
  }

  void end() {
    ended = true;
    timers.values().forEach(world.timeline()::cancel);
    timers.clear();
    up.discard();
    down.discard();
    world.ended(this);
  }
}
