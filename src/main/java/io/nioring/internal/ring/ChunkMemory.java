package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** The bytes of a {@link Chunk}: allocated and freed as a whole. */
final class ChunkMemory {
  private final ByteBuffer bytes;

  /** Netty's buffer, which frees them; null if the garbage collector does. */
  private final ByteBuf netty;

  /** Run when they are freed. */
  private final Runnable freed;

  ChunkMemory(ByteBuffer bytes, ByteBuf netty, Runnable freed) {
    this.bytes = bytes;
    this.netty = netty;
    this.freed = freed;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns the bytes to the system. */
  void free() {
    try {
      if (netty != null) {
        netty.release();
      }
    } finally {
      freed.run();
    }
  }
}
