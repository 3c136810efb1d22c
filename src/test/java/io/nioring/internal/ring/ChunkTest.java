package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class ChunkTest {
  private static final int BYTES = 64 * 1024;

  private static Chunk chunk() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    return new Chunk(new Arena(), new ChunkMemory(bytes, null, () -> {}), false);
  }

  @Test
  void isTakenAsAWholeOrInTheSmallestBlocks() {
    Chunk chunk = chunk();
    assertThat(chunk.has(BYTES)).isTrue();
    assertThat(chunk.has(2 * BYTES)).isFalse();
    chunk.take(BYTES);
    assertThat(chunk.has(1)).isFalse();
    chunk.giveBack(0, BYTES);
    assertThat(chunk.isFree()).isTrue();
    for (int i = 0; i < BYTES / Chunk.LEAST_BYTES; i++) {
      assertThat(chunk.take(3).sizeBytes()).isEqualTo(3);
    }
    assertThat(chunk.has(1)).isFalse();
  }

  @Test
  void smallBlocksLeaveTheLargeOnesWhole() {
    Chunk chunk = chunk();
    chunk.take(512);
    chunk.take(1024);
    chunk.take(512);
    assertThat(chunk.has(BYTES / 2)).isTrue();
    chunk.take(2048);
    assertThat(chunk.has(BYTES / 2)).isTrue();
  }

  /** Every byte is in one block at most, and what was given back can be taken again as a whole. */
  @Test
  void blocksNeverOverlapAndGrowTogetherAgain() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    boolean[] used = new boolean[BYTES];
    Chunk chunk = chunk();
    List<int[]> out = new ArrayList<>();
    for (int round = 0; round < 20_000; round++) {
      int size = 512 << random.nextInt(6);
      if (random.nextBoolean() && chunk.has(size)) {
        int offset = chunk.take(size).bytes().arrayOffset();
        mark(used, offset, size, true, seed);
        out.add(new int[] {offset, size});
      } else if (!out.isEmpty()) {
        int[] block = out.remove(random.nextInt(out.size()));
        mark(used, block[0], block[1], false, seed);
        chunk.giveBack(block[0], block[1]);
      }
    }
    out.forEach(block -> chunk.giveBack(block[0], block[1]));
    assertThat(chunk.isFree()).as("seed " + seed).isTrue();
  }

  private static void mark(boolean[] used, int offset, int size, boolean taken, long seed) {
    for (int i = offset; i < offset + size; i++) {
      if (used[i] == taken) {
        throw new AssertionError("seed " + seed + ", byte " + i);
      }
      used[i] = taken;
    }
  }
}
