package io.nioring.internal.ring;

import io.nioring.internal.time.TurnLock;
import java.util.ArrayList;
import java.util.List;

/**
 * A number of chunks under one lock, which is held briefly and under which no other lock is taken.
 *
 * <p>One entirely free chunk is kept for the next request; others are returned to the system.
 * Thread-safe.
 */
final class Arena {
  private final TurnLock lock = new TurnLock();

  /** Guarded by the lock. */
  private final List<Chunk> chunks = new ArrayList<>();

  /** The chunk that last had room, one of the above; null if there is none. */
  private Chunk recent;

  /** The number of chunks, for readers without the lock. */
  private volatile int count;

  /** Takes a block from the present chunks; null if none has one. */
  Block take(int sizeBytes, boolean first) {
    lock.lock();
    try {
      Chunk chunk = find(sizeBytes, first);
      if (chunk == null) {
        return null;
      }
      recent = chunk;
      return chunk.take(sizeBytes);
    } finally {
      lock.unlock();
    }
  }

  private Chunk find(int sizeBytes, boolean first) {
    if (recent != null && suits(recent, sizeBytes, first)) {
      return recent;
    }
    for (int i = chunks.size() - 1; i >= 0; i--) {
      if (suits(chunks.get(i), sizeBytes, first)) {
        return chunks.get(i);
      }
    }
    return null;
  }

  private static boolean suits(Chunk chunk, int sizeBytes, boolean first) {
    return chunk.has(sizeBytes) && (first || !chunk.isReserve());
  }

  /** Whether {@link #take} would find a block. */
  boolean has(int sizeBytes, boolean first) {
    lock.lock();
    try {
      return find(sizeBytes, first) != null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a chunk and takes its first block.
   *
   * @param reserve whether the chunk is reserved for first blocks
   */
  Block add(ChunkMemory memory, int sizeBytes, boolean reserve) {
    boolean added = false;
    lock.lock();
    try {
      Chunk chunk = new Chunk(this, memory, reserve);
      Block block = chunk.take(sizeBytes);
      chunks.add(chunk);
      recent = chunk;
      count = chunks.size();
      added = true;
      return block;
    } finally {
      lock.unlock();
      if (!added) {
        memory.free();
      }
    }
  }

  void giveBack(Chunk chunk, int offset, int sizeBytes) {
    Chunk dropped = null;
    lock.lock();
    try {
      chunk.giveBack(offset, sizeBytes);
      if (chunk.isFree()) {
        dropped = chunk.isReserve() ? remove(chunk) : removeOtherFree(chunk);
      }
      if (dropped != chunk && !chunk.isReserve()) {
        recent = chunk;
      }
    } finally {
      lock.unlock();
    }
    if (dropped != null) {
      dropped.free();
    }
  }

  private Chunk removeOtherFree(Chunk kept) {
    for (int i = 0;
        i < chunks.size();
        i++) { // without an iterator: it may be the heap that is short
      Chunk chunk = chunks.get(i);
      if (chunk != kept && chunk.isFree()) {
        return remove(chunk);
      }
    }
    return null;
  }

  private Chunk remove(Chunk chunk) {
    chunks.remove(chunk);
    if (recent == chunk) {
      recent = null;
    }
    count = chunks.size();
    return chunk;
  }

  /** Returns the entirely free chunks to the system. */
  void releaseFree() {
    Chunk dropped;
    do {
      lock.lock();
      try {
        dropped = removeOtherFree(null);
      } finally {
        lock.unlock();
      }
      if (dropped != null) {
        dropped.free();
      }
    } while (dropped != null);
  }

  boolean isEmpty() {
    return count == 0;
  }
}
