package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Netty's direct buffers. Creating an instance starts Netty.
 *
 * <p>Its pools are not used: what divides memory must know how much there is.
 */
final class NettyMemory {
  private final UnpooledByteBufAllocator allocator;

  NettyMemory() {
    NettyLogging.silenceOwnCopy();
    allocator = new UnpooledByteBufAllocator(true, true);
    allocator.directBuffer(1, 1).release(); // loads what the first chunk needs
  }

  /**
   * Allocates memory.
   *
   * @param freed run when it is freed
   * @throws OutOfMemoryError if there is none
   */
  ChunkMemory allocate(int sizeBytes, Runnable freed) {
    ByteBuf netty = allocator.directBuffer(sizeBytes, sizeBytes);
    ChunkMemory memory = null;
    try {
      memory = new ChunkMemory(netty.nioBuffer(0, sizeBytes), netty, freed);
      return memory;
    } finally {
      if (memory == null) {
        netty.release(); // the heap had no room for its owner
      }
    }
  }
}
