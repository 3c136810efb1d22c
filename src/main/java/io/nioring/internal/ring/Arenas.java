package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Netty's arenas of one kind. One of each kind serves all networks of the JVM: an arena never gives
 * its last chunk back and would be lost with its network.
 *
 * <p>Without Netty's caches, which are per thread: the two ends of a ring usually live on different
 * threads, where such a cache fills on one side only, and a cache a virtual thread would cost more
 * than it saves. Thread-safe.
 */
final class Arenas {
  private static final int PAGE_BYTES = 8 * 1024;
  private static final int MAX_ORDER = 9; // chunks of 4 MiB: eight kilobytes shifted by nine

  private final PooledByteBufAllocator allocator;
  private final boolean direct;

  /**
   * Starts the arenas of a kind.
   *
   * @throws LinkageError if Netty misses a module of the JDK and will miss it for ever
   */
  Arenas(boolean direct) {
    int count = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.direct = direct;
    this.allocator =
        new PooledByteBufAllocator(
            direct, direct ? 0 : count, direct ? count : 0, PAGE_BYTES, MAX_ORDER, 0, 0, false);
  }

  /** Takes a block, which gives itself back. */
  Block take(int sizeBytes) {
    ByteBuf netty =
        direct
            ? allocator.directBuffer(sizeBytes, sizeBytes)
            : allocator.heapBuffer(sizeBytes, sizeBytes);
    return new Block(netty, netty.nioBuffer(0, sizeBytes));
  }
}
