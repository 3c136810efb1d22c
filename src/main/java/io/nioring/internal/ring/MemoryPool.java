package io.nioring.internal.ring;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands out ring memory and counts what is out.
 *
 * <p>One pool serves one network; the {@link Arenas} behind it serve all of them. They are started
 * when memory is first taken, so that a network that carries nothing does not load Netty. Until
 * they are there, and for ever in a run time where Netty cannot start ({@code java.logging} was
 * left out), the blocks are the JDK's own buffers. Thread-safe.
 */
public final class MemoryPool {
  /** The size of blocks that are taken and given back at no cost to speak of. */
  public static final int SMALL_BLOCK_BYTES = 8 * 1024;

  /** So much is taken unpooled at most while the arenas start; who wants more waits for them. */
  private static final int BYTES_BEFORE_ARENAS = 4 * 1024 * 1024;

  private final boolean direct;
  private final ArenasAtHand arenas;
  private final LongAdder bytesInUse = new LongAdder();

  /**
   * Makes a pool that holds no memory yet.
   *
   * @param direct whether the blocks lie outside the Java heap
   */
  public MemoryPool(boolean direct) {
    this(direct, direct ? ArenasAtHand.DIRECT : ArenasAtHand.HEAP);
  }

  MemoryPool(boolean direct, ArenasAtHand arenas) {
    this.direct = direct;
    this.arenas = arenas;
  }

  /**
   * Takes a block.
   *
   * @param sizeBytes the size, a power of two
   * @return the block, owned by the caller; its content is arbitrary
   * @throws OutOfMemoryError if neither the pool nor the system has room; nothing was taken
   */
  public RingMemory take(int sizeBytes) {
    Block block = arenas.takeSpare(sizeBytes);
    if (block == null) {
      block = takeFresh(sizeBytes);
    }
    try {
      RingMemory taken = new RingMemory(this, block);
      bytesInUse.add(sizeBytes);
      return taken;
    } catch (OutOfMemoryError e) {
      arenas.giveBack(block);
      throw e;
    }
  }

  private Block takeFresh(int sizeBytes) {
    Arenas present = arenas.get();
    if (present == null && bytesInUse.sum() + sizeBytes > BYTES_BEFORE_ARENAS) {
      present = arenas.await();
    }
    return present == null ? unpooled(sizeBytes) : present.take(sizeBytes);
  }

  private Block unpooled(int sizeBytes) {
    return new Block(
        null, direct ? ByteBuffer.allocateDirect(sizeBytes) : ByteBuffer.allocate(sizeBytes));
  }

  void giveBack(Block block) {
    bytesInUse.add(-block.sizeBytes());
    arenas.giveBack(block);
  }

  /** Gives back what is kept for the next who takes some; for when nobody has for a while. */
  public void releaseSpares() {
    arenas.releaseSpares();
  }

  /** The bytes taken and not given back, exact once the threads that take and release are quiet. */
  public long bytesInUse() {
    return bytesInUse.sum();
  }
}
