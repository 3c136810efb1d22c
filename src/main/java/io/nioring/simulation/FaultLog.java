package io.nioring.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The faults of a simulation: those that last, the latest that were healed, and those that were
 * described and never installed. Guarded by the world's lock.
 */
final class FaultLog {
  private static final int MOST_REMEMBERED = 1_000;

  private final List<InstalledFault> lasting = new ArrayList<>();
  private final ArrayDeque<InstalledFault> healed = new ArrayDeque<>();
  private final Set<FaultBuilder> described = new LinkedHashSet<>();
  private long begun;

  long nextNumber() {
    return ++begun;
  }

  void begins(InstalledFault fault) {
    lasting.add(fault);
  }

  void healed(InstalledFault fault) {
    lasting.remove(fault);
    if (healed.size() == MOST_REMEMBERED) {
      healed.remove();
    }
    try {
      healed.add(fault);
    } catch (OutOfMemoryError e) {
      // It is healed, and not remembered.
    }
  }

  /** The faults that were not taken back, in their order. */
  List<InstalledFault> lasting() {
    return List.copyOf(lasting);
  }

  /** A program begins to describe one; more than it installs by far are not remembered. */
  void describes(FaultBuilder builder) {
    if (described.size() < MOST_REMEMBERED) {
      described.add(builder);
    }
  }

  void installs(FaultBuilder builder) {
    described.remove(builder);
  }

  /** A line for each fault, those that are healed too. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    all().forEach(fault -> lines.add(fault.outcome()));
    notInstalled().forEach(text -> lines.add(text + ": never installed"));
    return lines;
  }

  /** Those that were described, with something that they do, and not installed. */
  List<String> notInstalled() {
    return described.stream().filter(FaultBuilder::doesSomething).map(Object::toString).toList();
  }

  /** Those that have had no effect. */
  List<String> notFired() {
    return all().filter(fault -> fault.firings() == 0).map(InstalledFault::outcome).toList();
  }

  private Stream<InstalledFault> all() {
    return Stream.of(healed, lasting)
        .flatMap(Collection::stream)
        .sorted((one, other) -> Long.compare(one.number(), other.number()));
  }
}
