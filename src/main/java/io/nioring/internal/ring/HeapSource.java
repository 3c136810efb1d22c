package io.nioring.internal.ring;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Chunks in the Java heap. */
final class HeapSource implements ChunkSource {
  /** How long no memory is requested after there was none. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int SMALLEST_CHUNK_BYTES = 64 * 1024;
  private static final int LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;

  /** When there was last no room; 0 for never. */
  private volatile long failedAt;

  /** The size for which there was no room then. */
  private volatile int failedBytes;

  @Override
  public int chunkBytes() {
    long share = Long.highestOneBit(Runtime.getRuntime().maxMemory() / 64);
    return (int) Math.max(SMALLEST_CHUNK_BYTES, Math.min(LARGEST_CHUNK_BYTES, share));
  }

  @Override
  public ChunkMemory allocate(int sizeBytes, boolean first) {
    if (!mayAllocate(sizeBytes, first)) {
      return null;
    }
    try {
      return new ChunkMemory(ByteBuffer.allocate(sizeBytes), null, () -> {});
    } catch (OutOfMemoryError e) {
      failedBytes = sizeBytes;
      failedAt = System.nanoTime() | 1;
      return null;
    }
  }

  /**
   * How much of the heap is garbage is unknown, so a heap that was found full is left alone for a
   * while.
   */
  @Override
  public boolean mayAllocate(int sizeBytes, boolean first) {
    long failed = failedAt;
    return failed == 0 || sizeBytes < failedBytes || System.nanoTime() - failed > PAUSE_NANOS;
  }

  @Override
  public void prepare() {
    // Nothing has to start.
  }

  /** Nothing to do: an allocation on the heap runs the collector when it needs room. */
  @Override
  public void search() {}

  @Override
  public String limit() {
    return "the heap's limit of " + Runtime.getRuntime().maxMemory() + " bytes (-Xmx)";
  }
}
