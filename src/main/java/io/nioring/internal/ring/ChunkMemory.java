package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** The bytes of a {@link Chunk}: taken from the system at once, and given back at once. */
final class ChunkMemory {
  private final ByteBuffer bytes;

  /** Netty's buffer, which frees them; null if that is the garbage collector's job. */
  private final ByteBuf netty;

  /** What else is done when they are freed. */
  private final Runnable freed;

  ChunkMemory(ByteBuffer bytes, ByteBuf netty, Runnable freed) {
    this.bytes = bytes;
    this.netty = netty;
    this.freed = freed;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Gives the bytes back to the system. */
  void free() {
    if (netty != null) {
      netty.release();
    }
    freed.run();
  }
}
