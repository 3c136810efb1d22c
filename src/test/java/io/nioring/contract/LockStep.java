package io.nioring.contract;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Does each operation in the kernel's world and in that of the rings, and fails if their outcomes
 * differ. Closes both at its end.
 *
 * @param <W> the kind of world
 */
final class LockStep<W extends LockStep.World> implements AutoCloseable {
  private static final int LOG_TAIL = 60;

  private final W kernel;
  private final W ring;
  private final long seed;
  private final Deque<String> log = new ArrayDeque<>();

  /** One of the two sides. */
  interface World extends AutoCloseable {
    /** Waits until all has happened that the operations before caused. */
    void settle() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** An operation on one of the two worlds, which tells what a program can see of its outcome. */
  @FunctionalInterface
  interface Operation<W> {
    String apply(W world) throws IOException;
  }

  /**
   * Makes one.
   *
   * @param seed what the operations follow from, for messages
   */
  LockStep(W kernel, W ring, long seed) {
    this.kernel = kernel;
    this.ring = ring;
    this.seed = seed;
  }

  W kernel() {
    return kernel;
  }

  W ring() {
    return ring;
  }

  /** Does an operation on both sides, and returns its outcome. */
  String both(String what, Operation<W> operation) throws IOException {
    String expected = operation.apply(kernel);
    kernel.settle();
    String actual = operation.apply(ring);
    ring.settle();
    log.add(what + " -> " + expected);
    if (log.size() > LOG_TAIL) {
      log.remove();
    }
    if (!expected.equals(actual)) {
      throw new AssertionError(
          """
          the ring differs from the kernel; -Dtest.seed=%d repeats it
          operation: %s
          kernel:    %s
          ring:      %s
          the last operations, with the kernel's outcomes:
          %s\
          """
              .formatted(seed, what, expected, actual, String.join("\n", log)));
    }
    return expected;
  }

  @Override
  public void close() throws IOException {
    kernel.close();
    ring.close();
  }
}
