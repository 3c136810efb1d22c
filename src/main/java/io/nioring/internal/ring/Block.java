package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/** A piece of a {@link Chunk}, free or taken. */
final class Block {
  private final Chunk chunk;
  private final int offset;
  private final ByteBuffer bytes;

  Block(Chunk chunk, int offset, ByteBuffer bytes) {
    this.chunk = chunk;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** The whole chunk. */
  ByteBuffer bytes() {
    return bytes;
  }

  int sizeBytes() {
    return bytes.capacity();
  }

  /** Returns the memory to its arena. */
  void release() {
    chunk.arena().giveBack(chunk, offset, sizeBytes());
  }
}
