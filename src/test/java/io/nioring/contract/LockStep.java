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
  private static final long FIRST_SEED = Long.getLong("test.seed", 1L);
  private static final boolean ITSELF = Boolean.getBoolean("test.comparison.itself");
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

  /** Makes the world of one side. */
  @FunctionalInterface
  interface WorldMaker<W> {
    W of(TestTransport transport) throws IOException;
  }

  /** A row of operations on fresh worlds. */
  @FunctionalInterface
  interface Episode<W extends World> {
    void run(LockStep<W> worlds, long seed) throws IOException;
  }

  /**
   * Runs episodes. The property {@code test.seed} is the seed of the first one, and each has the
   * next; {@code test.comparison.itself} compares the kernel with itself, which tells what a
   * comparison is worth.
   *
   * @param count how many
   * @param kernel the kind of the kernel's channels
   * @param rings the kind of those that are compared with them
   */
  static <W extends World> void compare(
      int count,
      TransportKind kernel,
      TransportKind rings,
      WorldMaker<W> worlds,
      Episode<W> episode)
      throws IOException {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
      try (TestTransport oracle = TestTransport.open(kernel);
          TestTransport tested = TestTransport.open(ITSELF ? kernel : rings);
          LockStep<W> both = new LockStep<>(worlds.of(oracle), worlds.of(tested), seed)) {
        episode.run(both, seed);
      }
    }
  }

  /**
   * Makes one.
   *
   * @param seed what the operations follow from, for messages
   */
  private LockStep(W kernel, W ring, long seed) {
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
