package io.nioring.internal.ring;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Recently released blocks of the smallest size, ready for the next taker: short connections then
 * bypass the arenas and, while these start up, the system.
 *
 * <p>A few slots with a block each. A thread tries its own slot first, and then the others: the
 * thread that releases is often not the one that takes. Thread-safe.
 */
final class SpareBlocks {
  private static final int MOST_PLACES = 16;

  /**
   * The distance of two slots in the array, so that no two share a cache line or a pair of adjacent
   * lines.
   */
  private static final int SPACING = 32;

  /** The number of slots, a power of two. */
  private final int places;

  private final AtomicReferenceArray<Block> blocks;

  /** Makes an empty one with enough slots for the processors of this machine. */
  SpareBlocks() {
    this(2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));
  }

  SpareBlocks(int places) {
    this.places = Math.min(MOST_PLACES, places);
    this.blocks = new AtomicReferenceArray<>((this.places + 1) * SPACING);
    // The first call takes memory, which the first release of a program may not find.
    blocks.compareAndSet(0, null, null);
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
      Block block = takeAt(place(own + i));
      if (block != null) {
        return block;
      }
    }
    return null;
  }

  private Block takeAt(int place) {
    Block block = blocks.getPlain(place);
    return block != null && blocks.compareAndSet(place, block, null) ? block : null;
  }

  /** Puts a block into a slot; false if all of them are full. */
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

  /** Returns all blocks to their arenas. */
  void release() {
    for (int i = 0; i < places; i++) {
      Block block = takeAt(place(i));
      if (block != null) {
        block.release();
      }
    }
  }
}
