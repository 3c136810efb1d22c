package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/** A system that has memory for those alone that it is told to serve, a small chunk at a time. */
final class ScarceSource implements ChunkSource {
  static final int CHUNK_BYTES = 64 * 1024;

  private final ThreadLocal<Boolean> serves = ThreadLocal.withInitial(() -> false);

  /** Has memory for what this thread does meanwhile. */
  void serve(Runnable body) {
    serves.set(true);
    try {
      body.run();
    } finally {
      serves.set(false);
    }
  }

  @Override
  public int chunkBytes() {
    return CHUNK_BYTES;
  }

  @Override
  public ChunkMemory allocate(int sizeBytes, boolean first) {
    return serves.get() ? new ChunkMemory(ByteBuffer.allocate(sizeBytes), null, () -> {}) : null;
  }

  @Override
  public boolean mayAllocate(int sizeBytes, boolean first) {
    return serves.get();
  }

  @Override
  public void prepare() {
    // Nothing here takes long to start.
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
