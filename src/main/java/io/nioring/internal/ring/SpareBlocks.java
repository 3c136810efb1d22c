package io.nioring.internal.ring;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Blocks of the smallest size that were just given back, ready for the next taker: short
 * connections then do not go through the arenas, nor, while these start, through the system.
 *
 * <p>A few places with a block each. A thread tries its own place first, and then the others: who
 * gives back is often not who takes. Thread-safe.
 */
final class SpareBlocks {
  private static final int MOST_PLACES = 16;

  /** The distance of two places in the array, so that no two lie in one cache line or its twin. */
  private static final int SPACING = 32;

  /** How many places there are, a power of two. */
  private final int places;

  private final AtomicReferenceArray<Block> blocks;

  /** Makes an empty one with places enough for the processors of this machine. */
  SpareBlocks() {
    this(2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));
  }

  SpareBlocks(int places) {
    this.places = Math.min(MOST_PLACES, places);
    this.blocks = new AtomicReferenceArray<>((this.places + 1) * SPACING);
  }

  private static int ownNumber() {
    return (int) Thread.currentThread().getId();
  }

  private int place(int number) {
    return ((number & (places - 1)) + 1) * SPACING;
  }

  /** Takes a spare block; null if there is none. */
  Block take() {
    int own = ownNumber();
    for (int i = 0; i < places; i++) {
      int place = place(own + i);
      Block block = blocks.getPlain(place);
      if (block != null && blocks.compareAndSet(place, block, null)) {
        return block;
      }
    }
    return null;
  }

  /** Puts a block into a place; false if all of them have one already. */
  boolean keep(Block block) {
    int own = ownNumber();
    for (int i = 0; i < places; i++) {
      int place = place(own + i);
      if (blocks.getPlain(place) == null && blocks.compareAndSet(place, null, block)) {
        return true;
      }
    }
    return false;
  }

  /** Gives all of them back to where they are from. */
  void release() {
    for (int i = 0; i < places; i++) {
      Block block = blocks.getAndSet(place(i), null);
      if (block != null) {
        block.release();
      }
    }
  }
}
