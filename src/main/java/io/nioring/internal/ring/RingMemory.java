package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/**
 * One block of ring memory, owned by its taker from the {@link MemoryPool}.
 *
 * <p>The block's size is a power of two, so that an index is mapped into it with a mask. Not
 * thread-safe by itself: the owner's protocol decides which thread accesses which bytes. {@link
 * #release()} may be called on any thread, exactly once.
 */
public final class RingMemory {
  private final MemoryPool pool;
  private final Block block;

  RingMemory(MemoryPool pool, Block block) {
    this.pool = pool;
    this.block = block;
  }

  /**
   * The block as a buffer from 0 to its size. Use the absolute bulk methods only: the position and
   * the limit are shared by the writing and the reading thread and must stay as they are.
   */
  public ByteBuffer bytes() {
    return block.bytes();
  }

  /** The block's size in bytes, a power of two. */
  public int sizeBytes() {
    return block.sizeBytes();
  }

  /** Returns the block. Neither this object nor its buffer may be used afterwards. */
  public void release() {
    pool.giveBack(block);
  }
}
