package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nioring.testkit.Background;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a pool hands out before Netty's arenas are there. */
class ArenasAtHandTest {
  private static final long WAIT_SECONDS = 20;
  private static final int MIB = 1024 * 1024;

  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger made = new AtomicInteger();
  private final ArenasAtHand slow = new ArenasAtHand(this::makeSlowly);
  private final MemoryPool pool = new MemoryPool(false, slow);

  @AfterEach
  void giveBack() {
    pool.releaseSpares();
  }

  private Arenas makeSlowly() {
    made.incrementAndGet();
    started.countDown();
    try {
      goOn.await(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return Arenas.of(false);
  }

  private void letThemStart() {
    goOn.countDown();
    await().until(() -> slow.get() != null);
  }

  @Test
  void nothingStartsBeforeTheFirstBlock() {
    assertThat(made).hasValue(0);
    assertThat(new MemoryPool(false, slow).bytesInUse()).isZero();
    pool.releaseSpares();
    assertThat(made).hasValue(0);
  }

  @Test
  void firstBlocksDoNotWaitForTheArenas() throws Exception {
    RingMemory block = pool.take(8192);
    RingMemory large = pool.take(MIB);
    assertThat(started.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(block.sizeBytes()).isEqualTo(8192);
    assertThat(large.sizeBytes()).isEqualTo(MIB);
    assertThat(pool.bytesInUse()).isEqualTo(8192 + MIB);

    letThemStart();
    block.release();
    large.release();
    assertThat(pool.bytesInUse()).isZero();
    assertThat(made).hasValue(1);
  }

  /** Hundreds of short connections may come and go meanwhile. */
  @Test
  void smallBlocksAreUsedAgainBeforeTheArenasAreThere() {
    RingMemory first = pool.take(8192);
    ByteBuffer bytes = first.bytes();
    first.release();
    for (int i = 0; i < 10; i++) {
      RingMemory again = pool.take(8192);
      assertThat(again.bytes()).isSameAs(bytes);
      again.release();
    }
    assertThat(pool.bytesInUse()).isZero();
    letThemStart();
    pool.releaseSpares();
    RingMemory pooled = pool.take(8192);
    assertThat(pooled.bytes()).isNotSameAs(bytes);
    pooled.release();
  }

  @Test
  void whoWantsMuchWaitsForTheArenas() throws Exception {
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      blocks.add(pool.take(MIB));
    }
    Background<RingMemory> waiting = Background.run(() -> pool.take(MIB));
    await().until(() -> made.get() == 2); // the background's call and the waiting thread's

    assertThat(waiting.isDone()).isFalse();
    letThemStart();
    blocks.add(waiting.get(WAIT_SECONDS, TimeUnit.SECONDS));
    blocks.forEach(RingMemory::release);
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void withoutNettyAllBlocksAreUnpooled() {
    AtomicInteger tried = new AtomicInteger();
    MemoryPool without =
        new MemoryPool(
            true,
            new ArenasAtHand(
                () -> {
                  tried.incrementAndGet();
                  throw new NoClassDefFoundError("java/util/logging/Logger");
                }));
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blocks.add(without.take(MIB));
    }

    assertThat(tried).hasPositiveValue();
    assertThat(without.bytesInUse()).isEqualTo(10L * MIB);
    assertThat(blocks).allMatch(block -> block.bytes().isDirect());
    blocks.forEach(RingMemory::release);
    assertThat(without.bytesInUse()).isZero();
  }
}
