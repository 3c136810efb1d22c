package io.nioring.simulation;

import io.nioring.internal.names.ConnectRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A connect from its beginning until it is decided. Guarded by the world's lock. */
final class Attempt {
  private final Connect connect;
  private final ConnectRequest request;
  private final long key;

  /** The rules that apply to it. */
  final List<Rule> rules = new ArrayList<>();

  /** Which of the world's rules it knows: those up to this number. */
  long rulesKnown;

  /** What has fired at it, or at its connection; null while nothing has. */
  private Set<Firings> fired;

  /** Whether its first packet was sent, which a suspended program does not do. */
  boolean sent;

  /** Ends it if nobody answers; null while none is needed. */
  Timeline.Event timeout;

  /** What it waits for next; null while it waits for a change. */
  Timeline.Event next;

  /** Where it was offered; null before. */
  SimulatedListener listener;

  /**
   * Makes one.
   *
   * @param seed the simulation's
   */
  Attempt(Connect connect, ConnectRequest request, long seed) {
    this.connect = connect;
    this.request = request;
    long hash = Draws.mix(seed, connect.client().name());
    hash = Draws.mix(hash, connect.server().name());
    this.key = Draws.mix(Draws.mix(hash, connect.address().getPort()), connect.number());
  }

  Connect connect() {
    return connect;
  }

  ConnectRequest request() {
    return request;
  }

  boolean isDecided() {
    return request.state() != ConnectRequest.State.WAITING;
  }

  /** Adds a rule that applies to it. */
  void take(Rule rule) {
    rules.add(rule);
    if (rule.isConditionsAlone()) {
      firedAt(rule.firings());
    }
  }

  /** Records that a fault has fired at it or at its connection: each counts once. */
  void firedAt(Firings fault) {
    try {
      fired = fired == null ? new HashSet<>() : fired;
      if (fired.add(fault)) {
        fault.fired();
      }
    } catch (OutOfMemoryError e) {
      // It has fired, and is not counted.
    }
  }

  /** Drops a fault that was healed: a connection may outlive any number of them. */
  void forgets(Firings fault) {
    if (fired != null) {
      fired.remove(fault);
    }
  }

  /** The identity of the connection in random choices. */
  long key() {
    return key;
  }

  /** The random bits for something of a direction. */
  long bits(String rule, String direction, long k) {
    return Draws.mix(Draws.mix(Draws.mix(key, rule), direction), k);
  }
}
