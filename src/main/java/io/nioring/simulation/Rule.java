package io.nioring.simulation;

import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.net.InetSocketAddress;
import java.util.function.Predicate;

/** A fault for chosen connections, as it was described, and what has become of it so far. */
final class Rule {
  /** What becomes of connects. */
  enum Connects {
    PASS,
    REFUSE,
    BLACK_HOLE,
    UNREACHABLE
  }

  /** How a connection is ended. */
  enum Cut {
    NONE,
    RESET,
    CLOSE
  }

  /** Collects a rule. */
  static final class Builder {
    final Conditions conditions = new Conditions();
    RingHost client;
    RingHost server;
    int port;
    int firstNumber = 1;
    int lastNumber = Integer.MAX_VALUE;
    Predicate<Connect> predicate = connect -> true;
    double probability = 1;
    boolean upstream = true;
    boolean downstream = true;
    boolean streams = true;
    boolean datagrams = true;

    /** Whose addresses have the mode ring, it is about; null for all. */
    Routes routes;

    Connects connects = Connects.PASS;
    int acceptFailures;
    boolean silences;
    String text = "";
    private long beginBytes = -1;
    private long beginNanos = -1;
    private Cut bytesCut = Cut.NONE;
    private long cutBytes;
    private Cut timeCut = Cut.NONE;
    private long cutNanos;

    /** Whether two things were said of which one alone can happen. */
    private boolean contradicts;

    void connectsAre(Connects fate) {
      contradicts |= connects != Connects.PASS && connects != fate;
      connects = fate;
    }

    void cutAfterBytes(Cut cut, long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 0");
      }
      contradicts |= bytesCut != Cut.NONE && bytesCut != cut;
      bytesCut = cut;
      cutBytes = bytes;
    }

    void cutAfterTime(Cut cut, long nanos) {
      contradicts |= timeCut != Cut.NONE && timeCut != cut;
      timeCut = cut;
      cutNanos = nanos;
    }

    void beginAfterBytes(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 0");
      }
      beginBytes = bytes;
      ensureOneBeginning();
    }

    void beginAfterTime(long nanos) {
      beginNanos = nanos;
      ensureOneBeginning();
    }

    private void ensureOneBeginning() {
      if (beginBytes >= 0 && beginNanos >= 0) {
        throw new IllegalArgumentException("a fault begins after bytes or after a time, not both");
      }
    }

    private boolean beginsLater() {
      return beginBytes >= 0 || beginNanos >= 0;
    }

    /** Whether all that it says goes together. */
    void check() {
      checkKind();
      if (beginsLater()
          && (connects != Connects.PASS
              || acceptFailures > 0
              || conditions.connectDelay > 0
              || conditions.acceptDelay > 0)) {
        throw new IllegalArgumentException(
            "what happens to connects and accepts cannot begin later: a connection has to exist");
      }
      if (contradicts) {
        throw new IllegalArgumentException(
            "a fault has one of refuse, blackHole and unreachable, and ends connections by a reset"
                + " or by a close, not both");
      }
    }

    /** Whether all that it says can happen to what it is for. */
    private void checkKind() {
      if (!datagrams && conditions.isForDatagrams()) {
        throw new IllegalArgumentException(
            "duplication and reordering happen to datagrams only, and the fault is for streams");
      }
      boolean isForStreams =
          conditions.isForStreams()
              || acceptFailures > 0
              || bytesCut != Cut.NONE
              || timeCut != Cut.NONE
              || beginsLater();
      if (!streams && isForStreams) {
        throw new IllegalArgumentException(
            "datagrams have latency, bandwidth, loss, duplication, reordering, blackHole, halfOpen,"
                + " refuse and unreachable, from the installation on; the fault has something else");
      }
    }

    Rule build() {
      check();
      return new Rule(this);
    }
  }

  private final Builder values;

  private final Firings firings = new Firings();

  // Guarded by the world's lock.

  private long number;
  private int acceptFailuresLeft;

  private Rule(Builder values) {
    this.values = values;
    this.acceptFailuresLeft = values.acceptFailures;
    values.conditions.fault = values.text;
  }

  /** Assigns its number among the rules of its world, from 1 on. */
  void number(long begun) {
    number = begun;
  }

  long number() {
    return number;
  }

  Firings firings() {
    return firings;
  }

  /** Whether it changes conditions and does nothing else. */
  boolean isConditionsAlone() {
    return values.connects == Connects.PASS
        && values.acceptFailures == 0
        && !values.silences
        && values.bytesCut == Cut.NONE
        && values.timeCut == Cut.NONE;
  }

  /** What it is, for people. */
  String text() {
    return values.text;
  }

  /** Whether it applies to a connection. */
  boolean matches(Connect connect, long key) {
    return values.streams && isNamed(connect.address()) && isAbout(connect, key);
  }

  /**
   * As {@link #matches}, for a program that connects and does not know of the predicate: one that
   * fails selects nothing, which is logged.
   */
  boolean selects(Connect connect, long key) {
    try {
      return matches(connect, key);
    } catch (VirtualMachineError e) {
      throw e; // of ours as well as of the predicate
    } catch (RuntimeException | Error e) {
      return hasFailed(e);
    }
  }

  private boolean hasFailed(Throwable predicate) {
    SimulationTime.tell("the predicate of a fault failed: " + text(), predicate);
    return false;
  }

  private boolean isNamed(InetSocketAddress server) {
    return values.routes == null || values.routes.modeFor(server, Mode.KERNEL) == Mode.RING;
  }

  /** Whether it applies to a datagram, as {@link #selects}. */
  boolean selectsDatagram(Connect datagram, long key) {
    try {
      return matchesDatagram(datagram, key);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      return hasFailed(e);
    }
  }

  private boolean matchesDatagram(Connect datagram, long key) {
    boolean named =
        values.routes == null
            || values.routes.datagramModeFor(datagram.address(), Mode.KERNEL) == Mode.RING;
    return values.datagrams && !values.beginsLater() && named && isAbout(datagram, key);
  }

  private boolean isAbout(Connect connect, long key) {
    return (values.client == null || values.client == connect.client())
        && (values.server == null || values.server == connect.server())
        && (values.port == 0 || values.port == connect.address().getPort())
        && connect.number() >= values.firstNumber
        && connect.number() <= values.lastNumber
        && values.predicate.test(connect)
        && Draws.happens(Draws.mix(key, "probability"), values.probability);
  }

  Connects connects() {
    return values.connects;
  }

  Conditions conditions() {
    return values.conditions;
  }

  boolean isForDirection(boolean upstream) {
    return upstream ? values.upstream : values.downstream;
  }

  /** Whether bytes of a direction are counted: the server's if none was named. */
  boolean counts(boolean upstream) {
    return values.downstream ? !upstream : upstream;
  }

  boolean silences() {
    return values.silences;
  }

  /** Whether it begins when a connection has lived for a while. */
  boolean beginsLater() {
    return values.beginsLater();
  }

  /** After how many bytes it begins; negative if they do not count. */
  long beginBytes() {
    return values.beginBytes;
  }

  /** After which time it begins; negative if that does not count. */
  long beginNanos() {
    return values.beginNanos;
  }

  Cut bytesCut() {
    return values.bytesCut;
  }

  long cutBytes() {
    return values.cutBytes;
  }

  Cut timeCut() {
    return values.timeCut;
  }

  long cutNanos() {
    return values.cutNanos;
  }

  /** Whether the next accept of a server fails; it counts then. */
  boolean takesAccept(RingHost server, InetSocketAddress bound) {
    int port = bound.getPort();
    boolean fails =
        acceptFailuresLeft > 0
            && (isNamed(bound) || isNamed(new InetSocketAddress(server.address(), port)))
            && (values.server == null || values.server == server)
            && (values.port == 0 || values.port == port);
    if (fails) {
      acceptFailuresLeft--;
      firings.fired();
    }
    return fails;
  }
}
