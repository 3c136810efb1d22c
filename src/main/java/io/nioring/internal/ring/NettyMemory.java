package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * Netty's direct buffers, and what the JVM says about direct memory. To make one starts Netty.
 *
 * <p>Its pools are not used: who divides memory must know how much there is.
 */
final class NettyMemory {
  /** So much must be left for the JDK not to search for it. */
  private static final int WARM_UP_BYTES = 16 * 1024;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
  private final long limitBytes = PlatformDependent.estimateMaxDirectMemory();
  private final LongSupplier used;

  NettyMemory() {
    used = usedByJvm();
    if (usedBytes() + WARM_UP_BYTES < limitBytes) {
      allocator.directBuffer(1, 1).release(); // loads what the first chunk needs
    }
  }

  /** Asks the JDK how much direct memory is out, if the run time has {@code java.management}. */
  private static LongSupplier usedByJvm() {
    try {
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        if (pool.getName().equals("direct")) {
          return pool::getMemoryUsed;
        }
      }
    } catch (LinkageError e) {
      // Without the module only our own memory is counted.
    }
    return () -> 0;
  }

  /** The most direct memory that the JVM may have. */
  long limitBytes() {
    return limitBytes;
  }

  /** How much of it is out, to us and to others. */
  long usedBytes() {
    return used.getAsLong();
  }

  /**
   * Takes memory.
   *
   * @param freed is run when it is freed
   * @throws OutOfMemoryError if there is none
   */
  ChunkMemory allocate(int sizeBytes, Runnable freed) {
    ByteBuf netty = allocator.directBuffer(sizeBytes, sizeBytes);
    return new ChunkMemory(netty.nioBuffer(0, sizeBytes), netty, freed);
  }
}
