package io.nioring.internal.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pool hands out before Netty is there. */
class DirectSourceTest {
  private static final long WAIT_SECONDS = 60;
  private static final int MIB = 1024 * 1024;

  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private volatile long now;
  private final AtomicInteger made = new AtomicInteger();
  private final DirectSource slow = new DirectSource(this::makeSlowly, () -> now);
  private final MemoryPool pool = new MemoryPool(new Arenas(slow));

  private NettyMemory makeSlowly() {
    made.incrementAndGet();
    started.countDown();
    try {
      goOn.await(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return new NettyMemory();
  }

  private void letItStart() {
    goOn.countDown();
    await().until(() -> slow.get() != null);
  }

  private RingMemory take(int sizeBytes) {
    return pool.take(sizeBytes, sizeBytes, false);
  }

  @Test
  void nothingStartsBeforeTheFirstBlock() {
    pool.releaseSpares();
    pool.lookAfterWaiters();
    assertThat(made).hasValue(0);
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void littleMemoryOfAProgramThatHasJustBegunStartsNothing() {
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      blocks.add(take(MIB / 4));
      pool.prepare();
    }

    assertThat(made).hasValue(0);
    assertThat(pool.bytesInUse()).isEqualTo(MIB);
    blocks.forEach(RingMemory::release);
  }

  @Test
  void littleMemoryIsNettysOnceAProgramHasRunForAWhile() throws Exception {
    pool.prepare();
    RingMemory block = take(8192);
    now = TimeUnit.SECONDS.toNanos(11);
    pool.prepare();
    assertThat(started.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();

    letItStart();
    block.release();
  }

  @Test
  void firstBlocksDoNotWaitForNetty() throws Exception {
    RingMemory block = take(8192);
    RingMemory large = take(MIB);
    assertThat(started.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(block.sizeBytes()).isEqualTo(8192);
    assertThat(large.sizeBytes()).isEqualTo(MIB);
    assertThat(pool.bytesInUse()).isEqualTo(8192 + MIB);

    letItStart();
    block.release();
    large.release();
    assertThat(pool.bytesInUse()).isZero();
    assertThat(made).hasValue(1);
  }

  @Test
  void largeRequestWaitsForNetty() throws Exception {
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      blocks.add(take(MIB));
    }
    Background<RingMemory> waiting = Background.run(() -> take(MIB));
    await().until(() -> made.get() == 2); // the background's call and the waiting thread's

    assertThat(waiting.isDone()).isFalse();
    letItStart();
    blocks.add(waiting.get(WAIT_SECONDS, TimeUnit.SECONDS));
    blocks.forEach(RingMemory::release);
    assertThat(pool.bytesInUse()).isZero();
  }

  static Stream<Supplier<NettyMemory>> failuresOfNetty() {
    return Stream.of(
        () -> {
          throw new NoClassDefFoundError("java/util/logging/Logger");
        },
        () -> {
          throw new IllegalStateException("zip file closed"); // by an application's class loader
        });
  }

  @ParameterizedTest
  @MethodSource("failuresOfNetty")
  void withoutNettyAllBlocksAreTheJdks(Supplier<NettyMemory> failure) {
    AtomicInteger tried = new AtomicInteger();
    DirectSource source =
        new DirectSource(
            () -> {
              tried.incrementAndGet();
              return failure.get();
            },
            System::nanoTime);
    MemoryPool without = new MemoryPool(new Arenas(source));
    List<RingMemory> blocks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blocks.add(without.take(MIB, MIB, false));
    }

    assertThat(tried).hasPositiveValue();
    assertThat(without.bytesInUse()).isEqualTo(10L * MIB);
    assertThat(blocks).allMatch(block -> block.bytes().isDirect());
    blocks.forEach(RingMemory::release);
    assertThat(without.bytesInUse()).isZero();
  }
}
