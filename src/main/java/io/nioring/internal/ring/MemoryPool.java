package io.nioring.internal.ring;

import io.nioring.internal.poll.Sum;
import java.io.IOException;

/**
 * Hands out ring memory and counts what is in use.
 *
 * <p>One pool serves one network; the {@link Arenas} behind it serve all of them. They hold nothing
 * until memory is first taken, so that a network without traffic costs nothing. Thread-safe.
 */
public final class MemoryPool {
  /** The size of the smallest blocks that can be taken without a lock. */
  public static final int SMALLEST_BLOCK_BYTES = Chunk.LEAST_BYTES;

  /** The size of the largest blocks that can be taken without a lock. */
  public static final int SMALL_BLOCK_BYTES = 8 * 1024;

  /** The kernel bounds these by RLIMIT_NOFILE, which is of this order. */
  private static final int MOST_RIGHTS_IN_FLIGHT = 64 * 1024;

  private final Arenas arenas;
  private final Sum bytesInUse = new Sum();
  private final Quota rightsInFlight = new Quota(MOST_RIGHTS_IN_FLIGHT);

  /**
   * Makes a pool that holds no memory yet.
   *
   * @param direct whether the blocks are outside the Java heap
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
   * @param leastBytes the smallest acceptable size if memory is short, a power of two not above the
   *     other
   * @param first whether it is the first block of a ring, for which a reserve is kept
   * @return the block, owned by the caller; its content is arbitrary. Null if no memory is
   *     available now
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
   * Notifies a writer when there may be memory again. The writer calls this after a {@link #take}
   * that failed, and then tries once more.
   */
  public void tellWhenThereIs(MemoryWaiter waiter) {
    arenas.waiters().add(waiter);
  }

  /**
   * Ensures that threads that wait for memory are notified, even if earlier no thread was available
   * for it.
   */
  public void lookAfterWaiters() {
    arenas.waiters().startIfNeeded();
  }

  /** Called now and then once the program has run for a while: starts slow initialization. */
  public void prepare() {
    arenas.prepare();
  }

  /**
   * Refuses to wait for memory that cannot become available: we hold none that could be released,
   * and the system has none either.
   *
   * @param sinceNanos when the caller first found no memory: the system was searched since then
   * @throws IOException naming the limit
   */
  public void ensureNotHopeless(long sinceNanos) throws IOException {
    if (arenas.isHopeless(sinceNanos)) {
      throw new IOException(
          "No memory for a connection: the program has used up " + arenas.limit());
    }
  }

  /** The limit of rights in flight in the messages of the network's connections. */
  public Quota rightsInFlight() {
    return rightsInFlight;
  }

  /**
   * Releases the memory that is kept for the next requests; called when there have been none for a
   * while.
   */
  public void releaseSpares() {
    arenas.releaseSpares();
  }

  /** The bytes taken and not released, exact while no thread takes or releases any. */
  public long bytesInUse() {
    return bytesInUse.value();
  }
}
