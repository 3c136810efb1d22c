package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/**
 * A large piece of memory that is divided into blocks by halving (a buddy system).
 *
 * <h2>How it works</h2>
 *
 * <pre>{@code
 *           1                     largest[n]: 1 + the order of the largest free block
 *    2             3              below node n, or 0 if there is none; a block of
 * 4     5       6     7           order k has LEAST_BYTES << k bytes
 * }</pre>
 *
 * Node 1 is the whole chunk, nodes 2n and 2n+1 are the halves of node n. Not thread-safe: the
 * {@link Arena} guards it.
 */
final class Chunk {
  /** The size of the smallest block. */
  static final int LEAST_BYTES = 512;

  private final Arena arena;
  private final ChunkMemory memory;

  /** Whether it belongs to the reserve, from which only first blocks of rings are taken. */
  private final boolean reserve;

  private final int order;
  private final byte[] largest;

  /**
   * Makes one that is entirely free.
   *
   * @param memory its bytes: their number is a power of two, and at least that of a block
   */
  Chunk(Arena arena, ChunkMemory memory, boolean reserve) {
    this.arena = arena;
    this.memory = memory;
    this.reserve = reserve;
    this.order = order(memory.bytes().capacity());
    this.largest = new byte[2 << order];
    int node = 1;
    for (int k = order; k >= 0; k--) {
      for (int last = 2 * node; node < last; node++) {
        largest[node] = (byte) (k + 1);
      }
    }
  }

  Arena arena() {
    return arena;
  }

  boolean isReserve() {
    return reserve;
  }

  int sizeBytes() {
    return memory.bytes().capacity();
  }

  /** Whether it is entirely free. */
  boolean isFree() {
    return largest[1] == order + 1;
  }

  /** Whether there is a free block of a size; a hint without the arena's lock. */
  boolean has(int sizeBytes) {
    return largest[1] > order(sizeBytes);
  }

  /** The order of the smallest block with at least that many bytes. */
  private static int order(int sizeBytes) {
    int units = (sizeBytes + LEAST_BYTES - 1) / LEAST_BYTES;
    return units <= 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(units - 1);
  }

  /** Takes a block of a size for which {@link #has} returned true. */
  Block take(int sizeBytes) {
    int wanted = order(sizeBytes);
    int node = find(wanted);
    largest[node] = 0;
    update(node, wanted);
    int offset = (node - (1 << (order - wanted))) * (LEAST_BYTES << wanted);
    try {
      ByteBuffer bytes = memory.bytes().slice(offset, sizeBytes);
      return new Block(this, offset, bytes);
    } catch (RuntimeException | Error e) { // of the heap
      giveBack(offset, sizeBytes);
      throw e;
    }
  }

  /** The node of a free block: if both halves have one, in the half with less free space. */
  private int find(int wanted) {
    int node = 1;
    for (int k = order; k > wanted; k--) {
      int left = largest[2 * node];
      int right = largest[2 * node + 1];
      boolean goLeft = left > wanted && (right <= wanted || left <= right);
      node = goLeft ? 2 * node : 2 * node + 1;
    }
    return node;
  }

  /** Returns a block. */
  void giveBack(int offset, int sizeBytes) {
    int k = order(sizeBytes);
    int node = (1 << (order - k)) + offset / (LEAST_BYTES << k);
    largest[node] = (byte) (k + 1);
    update(node, k);
  }

  private void update(int changed, int changedOrder) {
    int k = changedOrder;
    for (int node = changed / 2; node > 0; node /= 2) {
      int left = largest[2 * node];
      int right = largest[2 * node + 1];
      k++;
      largest[node] = (byte) (left == k && right == k ? k + 1 : Math.max(left, right));
    }
  }

  /** Returns the whole chunk to the system. */
  void free() {
    memory.free();
  }
}
