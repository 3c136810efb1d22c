package io.nioring.internal.ring;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.SpareDescriptors;
import io.nioring.internal.platform.ThreadStarter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
  static final ArenasAtHand DIRECT = new ArenasAtHand(() -> new Arenas(true));
  static final ArenasAtHand HEAP = new ArenasAtHand(() -> new Arenas(false));

  /** How long it is in vain to start them again after a failure. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Supplier<Arenas> maker;
  private final ThreadStarter threads;
  private final SpareBlocks spares = new SpareBlocks();

  /** Held while arenas are made; no other lock is taken under it. */
  private final ReentrantLock makerLock = new ReentrantLock();

  private volatile Arenas arenas;

  /** Whether there will never be arenas. */
  private volatile boolean missing;

  /** Whether a thread is starting them. Guarded by this object's monitor. */
  private boolean started;

  /** When starting them failed last. Guarded by this object's monitor. */
  private long failedAt = System.nanoTime() - RETRY_NANOS;

  /**
   * Makes one that has not started.
   *
   * @param maker makes arenas; a {@link LinkageError} means never
   */
  ArenasAtHand(Supplier<Arenas> maker) {
    this(maker, BackgroundThreads.SYSTEM);
  }

  /** For tests: with other threads. */
  ArenasAtHand(Supplier<Arenas> maker, ThreadStarter threads) {
    this.maker = maker;
    this.threads = threads;
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
    if (!started && System.nanoTime() - failedAt >= RETRY_NANOS) {
      try {
        threads.start("nioring-memory", this::startNow);
        started = true;
      } catch (OutOfMemoryError e) {
        failed(); // no thread, no arenas yet
      }
    }
  }

  private void startNow() {
    if (await() == null) {
      failed();
    }
  }

  /** Lets who takes memory a little later start them again. */
  private synchronized void failed() {
    started = false;
    failedAt = System.nanoTime();
  }

  /** The arenas, waiting until they are there; null if there will never be any. */
  Arenas await() {
    Arenas present = arenas;
    return present != null || missing ? present : make();
  }

  /** Makes the arenas once, which others await; not while that could leave broken classes. */
  private Arenas make() {
    makerLock.lock();
    try {
      if (arenas == null && !missing && SpareDescriptors.exist()) {
        try {
          Arenas made = maker.get();
          made.take(MemoryPool.SMALL_BLOCK_BYTES).release(); // loads what the first block needs
          arenas = made;
        } catch (LinkageError e) {
          missing = true; // Netty misses a module of the JDK, for ever
        } catch (OutOfMemoryError e) {
          return null; // the next who needs them tries again
        }
      }
      return arenas;
    } finally {
      makerLock.unlock();
    }
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
