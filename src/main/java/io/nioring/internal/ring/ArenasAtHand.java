package io.nioring.internal.ring;

import java.util.function.Supplier;

/**
 * The arenas of one kind, started in the background when they are first asked for, and a few spare
 * blocks in front of them.
 *
 * <p>Netty's allocator needs some hundred milliseconds to start, the flight recorder's part in it
 * included. A program's first bytes do not wait for that: until the arenas are there {@link
 * MemoryPool} makes do without them. Thread-safe.
 */
final class ArenasAtHand {
  static final ArenasAtHand DIRECT = new ArenasAtHand(() -> Arenas.of(true));
  static final ArenasAtHand HEAP = new ArenasAtHand(() -> Arenas.of(false));

  private final Supplier<Arenas> maker;
  private final SpareBlocks spares = new SpareBlocks();
  private volatile Arenas arenas;

  /** Whether there will never be arenas. */
  private volatile boolean missing;

  /** Guarded by this object's monitor. */
  private boolean started;

  /**
   * Makes one that has not started.
   *
   * @param maker gives the same arenas each time; a {@link LinkageError} means never
   */
  ArenasAtHand(Supplier<Arenas> maker) {
    this.maker = maker;
  }

  /** The arenas if they are there now, null otherwise; starts them if nobody has. */
  Arenas get() {
    Arenas present = arenas;
    if (present == null && !missing) {
      start();
    }
    return present;
  }

  private synchronized void start() {
    if (!started) {
      started = true;
      Thread thread = new Thread(this::await, "nioring-memory");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** The arenas, waiting until they are there; null if there will never be any. */
  Arenas await() {
    if (arenas == null && !missing) {
      try {
        Arenas made = maker.get(); // a class's initialization: done once, awaited by others
        made.take(MemoryPool.SMALL_BLOCK_BYTES).release(); // loads what the first block needs
        arenas = made;
      } catch (LinkageError | OutOfMemoryError e) {
        missing = e instanceof LinkageError; // Netty misses a module of the JDK, for ever
      }
    }
    return arenas;
  }

  /** Takes a block of this size that was given back lately; null if there is none. */
  Block takeSpare(int sizeBytes) {
    return sizeBytes == MemoryPool.SMALL_BLOCK_BYTES ? spares.take() : null;
  }

  /** Keeps a block for the next who wants one, or gives it back to where it is from. */
  void giveBack(Block block) {
    if (block.sizeBytes() != MemoryPool.SMALL_BLOCK_BYTES || !spares.keep(block)) {
      block.release();
    }
  }

  /** Gives the spare blocks back. */
  void releaseSpares() {
    spares.release();
  }
}
