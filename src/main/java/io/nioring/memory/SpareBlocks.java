package io.nioring.memory;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Blocks of the smallest size that were just given back, at hand for the next who takes one: short
 * connections then do not go through the arenas.
 *
 * <p>A few places, one a thread or a few threads, with a block each. A thread that finds its place
 * empty or full goes to the arena. Thread-safe.
 */
final class SpareBlocks {
  private static final int PLACES = 16;

  /** The distance of two places in the array, so that no two lie in one cache line or its twin. */
  private static final int SPACING = 32;

  private final AtomicReferenceArray<Block> blocks =
      new AtomicReferenceArray<>((PLACES + 1) * SPACING);

  private static int place(int number) {
    return (number + 1) * SPACING;
  }

  private static int ownPlace() {
    return place((int) Thread.currentThread().getId() & (PLACES - 1));
  }

  /** Takes the spare block of this thread's place; null if there is none. */
  Block take() {
    int place = ownPlace();
    Block block = blocks.getPlain(place);
    return block != null && blocks.compareAndSet(place, block, null) ? block : null;
  }

  /** Puts a block into this thread's place; false if there is one already. */
  boolean keep(Block block) {
    int place = ownPlace();
    return blocks.getPlain(place) == null && blocks.compareAndSet(place, null, block);
  }

  /** Gives all of them back to the arenas. */
  void release() {
    for (int i = 0; i < PLACES; i++) {
      Block block = blocks.getAndSet(place(i), null);
      if (block != null) {
        block.release();
      }
    }
  }
}
