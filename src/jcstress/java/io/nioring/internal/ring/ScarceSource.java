package io.nioring.internal.ring;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A system that has memory for a few small chunks alone. */
final class ScarceSource implements ChunkSource {
  static final int CHUNK_BYTES = 64 * 1024;

  private final AtomicInteger left;

  ScarceSource(int chunks) {
    left = new AtomicInteger(chunks);
  }

  @Override
  public int chunkBytes() {
    return CHUNK_BYTES;
  }

  @Override
  public ChunkMemory allocate(int sizeBytes, boolean first) {
    if (sizeBytes > CHUNK_BYTES || left.getAndUpdate(n -> Math.max(0, n - 1)) == 0) {
      return null;
    }
    return new ChunkMemory(ByteBuffer.allocate(sizeBytes), null, left::incrementAndGet);
  }

  @Override
  public boolean mayAllocate(int sizeBytes, boolean first) {
    return sizeBytes <= CHUNK_BYTES && left.get() > 0;
  }

  @Override
  public void search() {
    // There is nothing to be found.
  }

  @Override
  public String limit() {
    return "the test's";
  }
}
