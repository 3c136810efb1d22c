package io.nioring.simulation;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One direction of the link between two hosts. Guarded by the world's lock. */
final class Lane {
  private final RingHost from;
  private final RingHost to;
  private final Conditions conditions = new Conditions();
  private final Set<LaneCut> drops = new HashSet<>();
  private final Set<LaneCut> rejects = new HashSet<>();
  private boolean held;

  /** How many connects and datagrams it was there for. */
  private long uses;

  Lane(RingHost from, RingHost to) {
    this.from = from;
    this.to = to;
  }

  RingHost from() {
    return from;
  }

  RingHost to() {
    return to;
  }

  Conditions conditions() {
    return conditions;
  }

  void hold(boolean on) {
    held = on;
  }

  void restore() {
    held = false;
    conditions.restore();
  }

  void cut(LaneCut by, boolean reject) {
    (reject ? rejects : drops).add(by);
  }

  void heal(LaneCut by) {
    drops.remove(by);
    rejects.remove(by);
  }

  /** A connect, whose connection it would carry, or a datagram. */
  void countUse() {
    uses++;
  }

  /** What is set for it and how often that was of use, for people; null if nothing is set. */
  String outcome() {
    List<String> words = conditions.describe();
    if (held) {
      words.add("hold");
    }
    if (words.isEmpty()) {
      return null;
    }
    String times = uses == 0 ? "never used" : uses == 1 ? "used once" : "used " + uses + " times";
    return from.name() + "->" + to.name() + ": " + String.join(", ", words) + ": " + times;
  }

  /** Adds what is done to it, as text. */
  void describe(Set<String> faults) {
    drops.forEach(cut -> faults.add(cut.text()));
    rejects.forEach(cut -> faults.add(cut.text()));
    if (held) {
      faults.add("hold");
    }
  }

  /** Records that its cuts have stopped something of a connection. */
  void cutsFiredAt(Attempt attempt) {
    try {
      drops.forEach(cut -> attempt.firedAt(cut.firings()));
      rejects.forEach(cut -> attempt.firedAt(cut.firings()));
    } catch (OutOfMemoryError e) {
      // They have stopped it, and that is not counted.
    }
  }

  /** Records that its cuts have stopped a datagram. */
  void cutsFired() {
    drops.forEach(cut -> cut.firings().fired());
    rejects.forEach(cut -> cut.firings().fired());
  }

  boolean isRejecting() {
    return !rejects.isEmpty();
  }

  /** Whether packets get lost: those that ask for a connection, and acknowledgements too. */
  boolean isDropping() {
    return !drops.isEmpty() || !from.isUp() || !to.isUp();
  }

  /** Whether a connect waits. */
  boolean isShutToConnects() {
    return held || isDropping();
  }

  /** Whether nothing arrives. */
  boolean isBlocked() {
    return held || isDropping() || from.isPaused() || to.isPaused();
  }
}
