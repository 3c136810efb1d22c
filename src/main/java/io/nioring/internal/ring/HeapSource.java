package io.nioring.internal.ring;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Chunks in the Java heap. */
final class HeapSource implements ChunkSource {
  /** How long no memory is asked for after there was none. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int SMALLEST_CHUNK_BYTES = 64 * 1024;
  private static final int LARGEST_CHUNK_BYTES = 4 * 1024 * 1024;

  /** When there was no room last; 0 for never. */
  private volatile long failedAt;

  /** How much there was no room for then. */
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

  /** Nobody knows how much of the heap is garbage; so one that was found full is left alone. */
  @Override
  public boolean mayAllocate(int sizeBytes, boolean first) {
    long failed = failedAt;
    return failed == 0 || sizeBytes < failedBytes || System.nanoTime() - failed > PAUSE_NANOS;
  }

  @Override
  public void prepare() {
    // Nothing has to start.
  }

  /** Nothing to do: an allocation in the heap that needs room makes the collector run. */
  @Override
  public void search() {}

  @Override
  public String limit() {
    return "the heap's limit of " + Runtime.getRuntime().maxMemory() + " bytes (-Xmx)";
  }
}
