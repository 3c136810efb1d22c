package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpareBlocksTest {
  private static final long WAIT_SECONDS = 60;

  private final SpareBlocks spares = new SpareBlocks(4);

  private static Block block() {
    return new Arena().add(new ChunkMemory(ByteBuffer.allocate(1024), null, () -> {}), 512, false);
  }

  @Test
  void givesWhatWasKeptOnce() {
    Block block = block();
    assertThat(spares.take()).isNull();
    assertThat(spares.keep(block)).isTrue();
    assertThat(spares.take()).isSameAs(block);
    assertThat(spares.take()).isNull();
  }

  @Test
  void keepsAsManyAsThereArePlaces() {
    for (int i = 0; i < 4; i++) {
      assertThat(spares.keep(block())).isTrue();
    }
    assertThat(spares.keep(block())).isFalse();
    Set<Block> taken = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      taken.add(spares.take());
    }
    assertThat(taken).hasSize(4).doesNotContainNull();
    assertThat(spares.take()).isNull();
  }

  /** The end that gives a block back is often on another thread than the end that takes one. */
  @Test
  void oneThreadTakesWhatAnotherKept() throws Exception {
    Block block = block();
    for (int i = 0; i < 8; i++) {
      Background<Boolean> keeping = Background.run(() -> spares.keep(block));
      assertThat(keeping.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(spares.take()).isSameAs(block);
    }
  }

  @Test
  void releaseGivesThemToTheArenas() {
    Arena arena = new Arena();
    ByteBuffer bytes = ByteBuffer.allocate(512);
    spares.keep(arena.add(new ChunkMemory(bytes, null, () -> {}), 512, false));
    assertThat(arena.has(512, true)).isFalse();
    spares.release();
    assertThat(arena.has(512, true)).isTrue();
    assertThat(spares.take()).isNull();
  }

  /** No block may be given to two threads. */
  @Test
  void blockIsNeverWithTwoThreads() throws Exception {
    Set<Block> held = ConcurrentHashMap.newKeySet();
    CyclicBarrier together = new CyclicBarrier(17);
    Background<?>[] tasks = new Background<?>[17];
    for (int i = 0; i < tasks.length; i++) {
      tasks[i] = Background.run(() -> takeAndKeep(held, together));
    }
    for (Background<?> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Void takeAndKeep(Set<Block> held, CyclicBarrier together) throws Exception {
    Block own = block();
    together.await(WAIT_SECONDS, TimeUnit.SECONDS);
    for (int i = 0; i < 20_000; i++) {
      Block taken = spares.take();
      Block block = taken == null ? own : taken;
      assertThat(held.add(block)).isTrue();
      held.remove(block);
      if (spares.keep(block) && block == own) {
        own = block();
      }
    }
    return null;
  }
}
