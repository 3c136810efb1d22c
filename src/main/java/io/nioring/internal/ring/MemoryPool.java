package io.nioring.internal.ring;

import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands out ring memory and counts what is out.
 *
 * <p>One pool serves one network; the {@link Arenas} behind it serve all of them. They hold nothing
 * until memory is first taken, so that a network that carries nothing costs nothing. Thread-safe.
 */
public final class MemoryPool {
  /** The size of the smallest blocks that can be taken without a lock. */
  public static final int SMALLEST_BLOCK_BYTES = Chunk.LEAST_BYTES;

  /** The size of the largest blocks that can be taken without a lock. */
  public static final int SMALL_BLOCK_BYTES = 8 * 1024;

  /** The kernel bounds these by RLIMIT_NOFILE, which is of this order. */
  private static final int MOST_RIGHTS_IN_FLIGHT = 64 * 1024;

  private final Arenas arenas;
  private final LongAdder bytesInUse = new LongAdder();
  private final Quota rightsInFlight = new Quota(MOST_RIGHTS_IN_FLIGHT);

  /**
   * Makes a pool that holds no memory yet.
   *
   * @param direct whether the blocks lie outside the Java heap
   */
  public MemoryPool(boolean direct) {
    this(direct ? Arenas.DIRECT : Arenas.HEAP);
  }

  MemoryPool(Arenas arenas) {
    this.arenas = arenas;
  }

  /**
   * Takes a block.
   *
   * @param wantedBytes the size, a power of two
   * @param leastBytes the size to be content with if memory is short, a power of two not above the
   *     other
   * @param first whether it is the first block of a ring, for which a reserve is kept
   * @return the block, owned by the caller; its content is arbitrary. Null if there is no memory to
   *     be had now
   */
  public RingMemory take(int wantedBytes, int leastBytes, boolean first) {
    Block block = arenas.take(wantedBytes, leastBytes, first);
    if (block == null) {
      return null;
    }
    boolean taken = false;
    try {
      RingMemory memory = new RingMemory(this, block);
      bytesInUse.add(block.sizeBytes());
      taken = true;
      return memory;
    } finally {
      if (!taken) { // there was no room for the object in the heap
        arenas.giveBack(block);
      }
    }
  }

  void giveBack(Block block) {
    bytesInUse.add(-block.sizeBytes());
    arenas.giveBack(block);
  }

  /**
   * Tells a writer when there may be memory again. It calls this after a {@link #take} that failed,
   * and tries once more then.
   */
  public void tellWhenThereIs(MemoryWaiter waiter) {
    arenas.waiters().add(waiter);
  }

  /**
   * Ensures that threads that wait for memory are notified, even if no thread was available for
   * that once.
   */
  public void lookAfterWaiters() {
    arenas.waiters().startIfNeeded();
  }

  /** Called now and then in a program that has run for a while: what takes long to start may. */
  public void prepare() {
    arenas.prepare();
  }

  /**
   * Refuses to wait for memory that will not come: we have none that could come back, and the
   * system has none either.
   *
   * @throws IOException naming the limit
   */
  public void ensureNotHopeless() throws IOException {
    if (arenas.isHopeless()) {
      throw new IOException(
          "No memory for a connection: the program has used up " + arenas.limit());
    }
  }

  /** How many rights the messages of the network's connections may carry at a time. */
  public Quota rightsInFlight() {
    return rightsInFlight;
  }

  /** Gives back what is kept for the next who takes some; for when nobody has for a while. */
  public void releaseSpares() {
    arenas.releaseSpares();
  }

  /** The bytes taken and not given back, exact once the threads that take and release are quiet. */
  public long bytesInUse() {
    return bytesInUse.sum();
  }
}
