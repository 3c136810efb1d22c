package io.nioring.simulation;

import io.nioring.internal.names.ConnectRequest;
import java.util.ArrayList;
import java.util.List;

/** A connect from its beginning until it is decided. Guarded by the world's lock. */
final class Attempt {
  private final Connect connect;
  private final ConnectRequest request;
  private final long key;

  /** The rules that are about it. */
  final List<Rule> rules = new ArrayList<>();

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

  /** Who the connection is to random choices. */
  long key() {
    return key;
  }

  /** The random bits for something of a direction. */
  long bits(String rule, String direction, long k) {
    return Draws.mix(Draws.mix(Draws.mix(key, rule), direction), k);
  }
}
