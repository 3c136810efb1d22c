package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPoolTest {
  private static final long WAIT_SECONDS = 60;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void holdsNothingBeforeTheFirstBlock(boolean direct) {
    assertThat(new MemoryPool(direct).bytesInUse()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "true, 1", "true, 8192", "true, 1048576", "true, 33554432",
    "false, 1", "false, 8192", "false, 1048576", "false, 33554432"
  })
  void blockIsABufferOfJustTheSizeAskedFor(boolean direct, int sizeBytes) {
    MemoryPool pool = new MemoryPool(direct);
    RingMemory block = take(pool, sizeBytes);

    assertThat(block.sizeBytes()).isEqualTo(sizeBytes);
    ByteBuffer bytes = block.bytes();
    assertThat(bytes.isDirect()).isEqualTo(direct);
    assertThat(bytes.position()).isZero();
    assertThat(bytes.limit()).isEqualTo(sizeBytes);
    assertThat(bytes.capacity()).isEqualTo(sizeBytes);
    assertThat(pool.bytesInUse()).isEqualTo(sizeBytes);

    block.release();
    assertThat(pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void countsWhatIsInUse(boolean direct) {
    MemoryPool pool = new MemoryPool(direct);
    RingMemory small = take(pool, 16);
    RingMemory large = take(pool, 8192);
    assertThat(pool.bytesInUse()).isEqualTo(16 + 8192);

    small.release();
    assertThat(pool.bytesInUse()).isEqualTo(8192);
    large.release();
    assertThat(pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blocksDoNotOverlap(boolean direct) {
    MemoryPool pool = new MemoryPool(direct);
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RingMemory block = take(pool, 1 << (i % 15));
      fill(block, (byte) i);
      blocks.add(block);
    }

    for (int i = 0; i < blocks.size(); i++) {
      assertFilled(blocks.get(i), (byte) i);
      blocks.get(i).release();
    }
    assertThat(pool.bytesInUse()).isZero();
  }

  private static void fill(RingMemory block, byte value) {
    block.bytes().put(0, filled(block, value));
  }

  private static void assertFilled(RingMemory block, byte value) {
    byte[] content = new byte[block.sizeBytes()];
    block.bytes().get(0, content);
    int overwritten = Arrays.mismatch(content, filled(block, value));
    if (overwritten >= 0) {
      throw new AssertionError("byte " + overwritten + " of block " + value + " was overwritten");
    }
  }

  private static byte[] filled(RingMemory block, byte value) {
    byte[] bytes = new byte[block.sizeBytes()];
    Arrays.fill(bytes, value);
    return bytes;
  }

  @Test
  void poolsCountEachForItself() {
    MemoryPool one = new MemoryPool(false);
    MemoryPool other = new MemoryPool(false);
    RingMemory block = take(one, 1024);

    assertThat(other.bytesInUse()).isZero();
    block.release();
    assertThat(one.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blockMayBeReleasedOnAnotherThread(boolean direct) throws Exception {
    MemoryPool pool = new MemoryPool(direct);
    RingMemory block = take(pool, 8192);

    Background<Void> releasing = start(block::release);
    releasing.get(WAIT_SECONDS, TimeUnit.SECONDS);

    assertThat(pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void threadsTakeAndReleaseAtTheSameTime(boolean direct) throws Exception {
    MemoryPool pool = new MemoryPool(direct);
    int threads = 4;
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Background<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      byte own = (byte) (i + 1);
      tasks.add(
          start(
              () -> {
                together.await(WAIT_SECONDS, TimeUnit.SECONDS);
                for (int round = 0; round < 2_000; round++) {
                  RingMemory block = take(pool, 64 << (round % 8));
                  fill(block, own);
                  assertFilled(block, own);
                  block.release();
                }
              }));
    }
    for (Background<Void> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    assertThat(pool.bytesInUse()).isZero();
  }

  private static RingMemory take(MemoryPool pool, int sizeBytes) {
    return pool.take(sizeBytes, sizeBytes, false);
  }

  @Test
  void nothingIsTakenWhenThereIsNoRoom() {
    MemoryPool pool = new MemoryPool(false);
    List<RingMemory> blocks = new ArrayList<>();
    long hugeBlocks = Runtime.getRuntime().maxMemory() / (1 << 30) + 1;

    RingMemory block = take(pool, 1 << 30);
    while (block != null && blocks.size() <= hugeBlocks) {
      blocks.add(block);
      block = take(pool, 1 << 30);
    }

    assertThat(block).isNull();
    assertThat(pool.bytesInUse()).isEqualTo(blocks.size() * (1L << 30));
    blocks.forEach(RingMemory::release);
    assertThat(pool.bytesInUse()).isZero();
  }

  /** Programs may open and close any number of networks, each with a pool of its own. */
  @Test
  void poolsThatWereUsedOnceKeepNoMemoryFromTheSystem() {
    BufferPoolMXBean directBuffers = directBuffers();
    long before = directBuffers.getMemoryUsed();
    for (int i = 0; i < 100; i++) {
      take(new MemoryPool(true), 8192).release();
    }

    assertThat(directBuffers.getMemoryUsed() - before).isLessThan(64L << 20);
  }

  private static BufferPoolMXBean directBuffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(each -> each.getName().equals("direct"))
        .findFirst()
        .orElseThrow();
  }

  private interface Body {
    void run() throws Exception;
  }

  private static Background<Void> start(Body body) {
    Background<Void> task =
        Background.run(
            () -> {
              body.run();
              return null;
            });
    return task;
  }
}
