package io.nioring.simulation;

import java.util.Optional;
import java.util.Set;

/** Finds the line of a program that has called a simulation. */
final class Caller {
  /** The classes by which a program begins a fault. */
  private static final Set<String> WAYS_HERE =
      Set.of(
          Caller.class.getName(),
          FaultBuilder.class.getName(),
          Link.class.getName(),
          Simulation.class.getName(),
          World.class.getName());

  private Caller() {}

  /** The innermost frame of the program's; empty if a thread has none. */
  static Optional<StackTraceElement> find() {
    return StackWalker.getInstance()
        .walk(frames -> frames.filter(Caller::isProgram).findFirst())
        .map(StackWalker.StackFrame::toStackTraceElement);
  }

  private static boolean isProgram(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    return !WAYS_HERE.contains(name) && !name.startsWith("java.");
  }
}
