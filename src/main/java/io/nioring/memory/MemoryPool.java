package io.nioring.memory;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands out ring memory from arenas of its own and counts what is out.
 *
 * <p>One pool serves one network. The arenas are Netty's, without its per-thread caches: the two
 * ends of a ring usually live on different threads, where a cache fills on one side only, and a
 * cache a virtual thread would cost more than it saves. Thread-safe.
 */
public final class MemoryPool {
  private static final int PAGE_BYTES = 8 * 1024;

  /** Chunks of 4 MiB: eight kilobytes shifted by nine. */
  private static final int MAX_ORDER = 9;

  private final PooledByteBufAllocator allocator;
  private final boolean direct;
  private final LongAdder bytesInUse = new LongAdder();

  /**
   * Makes a pool that holds no memory yet.
   *
   * @param direct whether the blocks lie outside the Java heap
   */
  public MemoryPool(boolean direct) {
    int arenas = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.direct = direct;
    this.allocator =
        new PooledByteBufAllocator(
            direct, direct ? 0 : arenas, direct ? arenas : 0, PAGE_BYTES, MAX_ORDER, 0, 0, false);
  }

  /**
   * Takes a block.
   *
   * @param sizeBytes the size, a power of two
   * @return the block, owned by the caller; its content is arbitrary
   * @throws OutOfMemoryError if neither the pool nor the system has room; nothing was taken
   */
  public RingMemory take(int sizeBytes) {
    var block =
        direct
            ? allocator.directBuffer(sizeBytes, sizeBytes)
            : allocator.heapBuffer(sizeBytes, sizeBytes);
    bytesInUse.add(sizeBytes);
    return new RingMemory(this, block, sizeBytes);
  }

  void returned(int sizeBytes) {
    bytesInUse.add(-sizeBytes);
  }

  /** The bytes taken and not given back, exact once the threads that take and release are quiet. */
  public long bytesInUse() {
    return bytesInUse.sum();
  }
}
