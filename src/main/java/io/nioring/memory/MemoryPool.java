package io.nioring.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands out ring memory and counts what is out.
 *
 * <p>One pool serves one network; the arenas behind it are shared by all of them, since an arena
 * never gives its last chunk back and would be lost with its network. They are Netty's, without its
 * per-thread caches: the two ends of a ring usually live on different threads, where a cache fills
 * on one side only, and a cache a virtual thread would cost more than it saves. They are made when
 * memory is first taken, so that a network that carries nothing does not load Netty. In a run time
 * where Netty cannot start ({@code java.logging} was left out) the blocks are the JDK's own
 * buffers, unpooled. Thread-safe.
 */
public final class MemoryPool {
  private final boolean direct;
  private final LongAdder bytesInUse = new LongAdder();
  private volatile PooledByteBufAllocator allocator;
  private volatile boolean unpooled;

  /** The arenas outside the heap, made at first use. */
  private static final class Direct {
    static final PooledByteBufAllocator ARENAS = arenas(0, arenaCount());
  }

  /** The arenas in the heap, made at first use. */
  private static final class Heap {
    static final PooledByteBufAllocator ARENAS = arenas(arenaCount(), 0);
  }

  /**
   * Makes a pool that holds no memory yet.
   *
   * @param direct whether the blocks lie outside the Java heap
   */
  public MemoryPool(boolean direct) {
    this.direct = direct;
  }

  private static int arenaCount() {
    return Math.max(2, Runtime.getRuntime().availableProcessors());
  }

  private static PooledByteBufAllocator arenas(int heapArenas, int directArenas) {
    int pageBytes = 8 * 1024;
    int maxOrder = 9; // chunks of 4 MiB: eight kilobytes shifted by nine
    return new PooledByteBufAllocator(
        directArenas > 0, heapArenas, directArenas, pageBytes, maxOrder, 0, 0, false);
  }

  /**
   * Takes a block.
   *
   * @param sizeBytes the size, a power of two
   * @return the block, owned by the caller; its content is arbitrary
   * @throws OutOfMemoryError if neither the pool nor the system has room; nothing was taken
   */
  public RingMemory take(int sizeBytes) {
    PooledByteBufAllocator arenas = allocator;
    if (arenas == null && !unpooled) {
      arenas = findArenas();
    }
    RingMemory memory = arenas == null ? takeUnpooled(sizeBytes) : takePooled(arenas, sizeBytes);
    bytesInUse.add(sizeBytes);
    return memory;
  }

  private RingMemory takePooled(PooledByteBufAllocator arenas, int sizeBytes) {
    ByteBuf block =
        direct
            ? arenas.directBuffer(sizeBytes, sizeBytes)
            : arenas.heapBuffer(sizeBytes, sizeBytes);
    return new RingMemory(this, block, block.nioBuffer(0, sizeBytes));
  }

  private RingMemory takeUnpooled(int sizeBytes) {
    ByteBuffer block =
        direct ? ByteBuffer.allocateDirect(sizeBytes) : ByteBuffer.allocate(sizeBytes);
    return new RingMemory(this, null, block);
  }

  private PooledByteBufAllocator findArenas() {
    try {
      allocator = direct ? Direct.ARENAS : Heap.ARENAS;
    } catch (LinkageError e) {
      unpooled = true; // Netty misses a module of the JDK and will miss it for ever
    }
    return allocator;
  }

  void returned(int sizeBytes) {
    bytesInUse.add(-sizeBytes);
  }

  /** The bytes taken and not given back, exact once the threads that take and release are quiet. */
  public long bytesInUse() {
    return bytesInUse.sum();
  }
}
