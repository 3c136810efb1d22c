package io.nioring.internal.ring;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** A piece of memory, whoever has it. */
final class Block {
  /** Netty's buffer; null if the bytes are not from its arenas. */
  private final ByteBuf netty;

  private final ByteBuffer bytes;

  Block(ByteBuf netty, ByteBuffer bytes) {
    this.netty = netty;
    this.bytes = bytes;
  }

  /** The whole of it. */
  ByteBuffer bytes() {
    return bytes;
  }

  int sizeBytes() {
    return bytes.capacity();
  }

  /** Gives the memory back to the arenas that it is from, or else to the garbage collector. */
  void release() {
    if (netty != null) {
      netty.release();
    }
  }
}
