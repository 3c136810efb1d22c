package io.nioring.simulation;

import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.Wire;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The connects that are not decided yet. Guarded by the world's lock; listeners and clients are
 * told without it.
 */
final class Connects {
  /** The two ends of a connect, as the request names them. */
  private record Ends(SocketAddress client, SocketAddress server) {}

  /** The key by which connects are counted. */
  private record Triple(RingHost client, RingHost server, int port) {}

  private static final long THERE = -1;
  private static final long BACK = -2;

  /** From there on a connection can be accepted. */
  static final long ACCEPT = -3;

  private final World world;
  private final Map<Ends, Attempt> attempts = new LinkedHashMap<>();
  private final Map<Triple, Integer> counts = new HashMap<>();

  /** Receives refusals; written before the first connect. */
  private volatile Wire wire;

  Connects(World world) {
    this.world = world;
  }

  /** The name of a step that latencies are drawn for. */
  static String step(long k) {
    return k == THERE ? "connect" : k == BACK ? "answer to the connect" : "accept";
  }

  void refusalsTo(Wire ofNetwork) {
    wire = ofNetwork;
  }

  /** The observer of the network's connections; null if there is none. */
  Observer observer() {
    Wire present = wire;
    return present == null ? null : present.observer();
  }

  /** Takes over a connect that was begun; called with the locks of the client's end held. */
  void begin(RingHost client, RingHost server, InetSocketAddress address, ConnectRequest request) {
    world.run(
        () -> {
          int number = counts.merge(new Triple(client, server, address.getPort()), 1, Integer::sum);
          Connect connect = new Connect(client, server, address, number);
          Attempt attempt = new Attempt(connect, request, world.config().seed());
          attempts.put(new Ends(request.clientAddress(), request.serverAddress()), attempt);
          world.rulesFor(attempt);
          world.lane(client, server).countUse();
          if (client != server) {
            world.lane(server, client).countUse();
          }
          go(attempt);
        });
  }

  /** Advances a connect as far as possible; not at all while its program is suspended. */
  private void go(Attempt attempt) {
    RingHost client = attempt.connect().client();
    attempt.sent = !client.isPaused();
    if (attempt.sent) {
      send(attempt);
    }
  }

  private void send(Attempt attempt) {
    RingHost client = attempt.connect().client();
    RingHost server = attempt.connect().server();
    Lane there = world.lane(client, server);
    Lane back = world.lane(server, client);
    Rule.Connects fate = fate(attempt);
    if (there.isRejecting() || back.isRejecting()) {
      reject(attempt);
    } else if (fate == Rule.Connects.BLACK_HOLE
        || there.isShutToConnects()
        || back.isShutToConnects()) {
      waitForChange(attempt, fate);
    } else {
      long delay = world.latencyOf(there, attempt, "up", THERE);
      delay += world.latencyOf(back, attempt, "down", BACK);
      delay += connectDelay(there, attempt);
      if (delay == 0) {
        answer(attempt, fate);
      } else {
        startTimeout(attempt);
        attempt.next =
            world
                .timeline()
                .schedule(
                    world.now() + delay,
                    () -> {
                      attempt.next = null;
                      answerIfReached(attempt);
                    });
      }
    }
  }

  private static Rule.Connects fate(Attempt attempt) {
    Rule.Connects fate = Rule.Connects.PASS;
    for (Rule rule : attempt.rules) {
      fate = rule.connects() == Rule.Connects.PASS ? fate : rule.connects();
    }
    return fate;
  }

  /** Records that the rules that decide a connect in this way have fired. */
  private static void fired(Attempt attempt, Rule.Connects fate) {
    for (Rule rule : attempt.rules) {
      if (fate != Rule.Connects.PASS && rule.connects() == fate) {
        attempt.firedAt(rule.firings());
      }
    }
  }

  private void cutsFired(Attempt attempt) {
    Connect connect = attempt.connect();
    world.lane(connect.client(), connect.server()).cutsFiredAt(attempt);
    world.lane(connect.server(), connect.client()).cutsFiredAt(attempt);
  }

  private void reject(Attempt attempt) {
    cutsFired(attempt);
    tell("reject", attempt);
    refuse(attempt, null);
  }

  private static long connectDelay(Lane there, Attempt attempt) {
    long delay = there.conditions().connectDelay;
    for (Rule rule : attempt.rules) {
      delay += rule.conditions().connectDelay;
    }
    return delay;
  }

  /** The path may have been cut meanwhile: then it asks again when that changes. */
  private void answerIfReached(Attempt attempt) {
    Lane there = world.lane(attempt.connect().client(), attempt.connect().server());
    Lane back = world.lane(attempt.connect().server(), attempt.connect().client());
    Rule.Connects fate = fate(attempt);
    if (there.isRejecting() || back.isRejecting()) {
      reject(attempt);
    } else if (fate == Rule.Connects.BLACK_HOLE
        || there.isShutToConnects()
        || back.isShutToConnects()) {
      waitForChange(attempt, fate);
    } else {
      answer(attempt, fate);
    }
  }

  private void answer(Attempt attempt, Rule.Connects fate) {
    fired(attempt, fate);
    switch (fate) {
      case REFUSE -> {
        tell("refuse", attempt);
        refuse(attempt, null);
      }
      case UNREACHABLE -> {
        tell("unreachable", attempt);
        refuse(attempt, new NoRouteToHostException("No route to host"));
      }
      default -> world.after(() -> offerOrRefuse(attempt));
    }
  }

  private void waitForChange(Attempt attempt, Rule.Connects fate) {
    if (fate == Rule.Connects.BLACK_HOLE) {
      fired(attempt, fate);
    }
    cutsFired(attempt);
    if (attempt.timeout == null) {
      tell("unanswered", attempt);
    }
    startTimeout(attempt);
  }

  private void tell(String fault, Attempt attempt) {
    Connect connect = attempt.connect();
    int port = connect.address().getPort();
    String ends = connect.client().name() + " " + connect.server().name() + ":" + port;
    world.tell(fault + " " + ends, null, 0);
  }

  private void startTimeout(Attempt attempt) {
    if (attempt.timeout == null) {
      attempt.timeout =
          world
              .timeline()
              .schedule(
                  world.now() + world.config().connectTimeout().toNanos(),
                  () -> refuse(attempt, new ConnectException("Connection timed out")));
    }
  }

  private void refuse(Attempt attempt, IOException reason) {
    stopWaiting(attempt);
    world.after(
        () -> {
          if (attempt.request().refuse(reason)) {
            tellRefused(attempt.request());
          } else if (attempt.request().state() == ConnectRequest.State.CANCELLED) {
            world.run(() -> forget(attempt));
          } // else it is being connected, and the connection asks for it
        });
  }

  private void tellRefused(ConnectRequest request) {
    wire.tellRefused(request.clientAddress(), request.serverAddress(), request.refusal());
  }

  /** Without memory for an offer the client fails at once, and not when its time is over. */
  private void offerOrRefuse(Attempt attempt) {
    boolean offered = false;
    try {
      offer(attempt);
      offered = true;
    } finally {
      if (!offered) {
        attempt.request().refuse(null); // first, and needs no memory
        world.run(() -> forget(attempt));
      }
    }
  }

  /** Without a lock: the listener takes its own. */
  private void offer(Attempt attempt) {
    ConnectRequest request = attempt.request();
    Listener listener = lookup(attempt);
    if (listener == null) {
      world.run(() -> refuse(attempt, null));
      return;
    }
    attempt.listener = (SimulatedListener) listener;
    ConnectRequest.State state = listener.offer(request, true);
    if (state == ConnectRequest.State.WAITING) {
      world.run(
          () -> {
            if (!attempt.isDecided()) {
              startTimeout(attempt);
            }
          });
      return;
    }
    world.run(() -> forget(attempt));
    if (state == ConnectRequest.State.REFUSED) {
      tellRefused(request);
    }
    VarHandle.fullFence(); // the decision before the waiters, see PollSet
    request.client().poll().wake(Readiness.ALL);
  }

  private static Listener lookup(Attempt attempt) {
    try {
      return attempt.connect().server().names().lookup(attempt.request().serverAddress(), false);
    } catch (SocketException e) {
      throw new AssertionError("an IP address has no such error", e);
    }
  }

  /**
   * The connect behind a connection that is being made, or that was refused.
   *
   * @return null if there is none
   */
  Attempt decided(SocketAddress client, SocketAddress server) {
    Attempt[] found = new Attempt[1];
    world.run(
        () -> {
          found[0] = attempts.get(new Ends(client, server));
          if (found[0] != null) {
            forget(found[0]);
          }
        });
    return found[0];
  }

  /** The client has closed: nothing happens for its connect any more. */
  void withdrawn(SocketAddress client, SocketAddress server) {
    Attempt attempt = decided(client, server);
    if (attempt != null && attempt.listener != null) {
      attempt.listener.cancel(attempt.request()); // it waits there for room
    }
  }

  private void forget(Attempt attempt) {
    ConnectRequest request = attempt.request();
    attempts.remove(new Ends(request.clientAddress(), request.serverAddress()), attempt);
    stopWaiting(attempt);
  }

  private void stopWaiting(Attempt attempt) {
    world.timeline().cancel(attempt.timeout);
    world.timeline().cancel(attempt.next);
    attempt.timeout = null;
    attempt.next = null;
  }

  /** Continues those that wait for a change. */
  void refresh() {
    for (Attempt attempt : new ArrayList<>(attempts.values())) {
      if (attempt.isDecided()) {
        forget(attempt);
      } else if (!attempt.sent) {
        go(attempt);
      } else if (attempt.next == null && attempt.listener == null) {
        answerIfReached(attempt);
      } else if (attempt.next != null) {
        rejectIfCut(attempt);
      }
    }
  }

  private void rejectIfCut(Attempt attempt) {
    Connect connect = attempt.connect();
    if (world.lane(connect.client(), connect.server()).isRejecting()
        || world.lane(connect.server(), connect.client()).isRejecting()) {
      reject(attempt);
    }
  }

  Iterable<Attempt> waiting() {
    return new ArrayList<>(attempts.values());
  }

  void clear() {
    new ArrayList<>(attempts.values()).forEach(this::forget);
  }
}
