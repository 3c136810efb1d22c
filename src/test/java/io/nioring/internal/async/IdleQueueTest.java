package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.poll.SpinWait;
import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue of a pool, with threads that look again before they sleep. */
@Timeout(180)
class IdleQueueTest {
  private static final long ENDLESS_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int PRODUCERS = 4;
  private static final int TASKS = 5_000;

  private static IdleQueue queue(BlockingQueue<Runnable> beneath, long spinNanos) {
    return new IdleQueue(beneath, new SpinWait(new SpinPolicy(spinNanos), System::nanoTime));
  }

  /** Nobody sleeps in the queue beneath, which takes a task only for one that does. */
  @Test
  void aTaskIsHandedToTheThreadThatLooks() {
    IdleQueue queue = queue(new SynchronousQueue<>(), ENDLESS_NANOS);
    Background<Runnable> looking = Background.run(queue::take);
    Runnable task = () -> {};

    while (!queue.offer(task)) {
      Thread.onSpinWait();
    }

    assertThat(looking.result()).isSameAs(task);
    assertThat(queue.offer(task)).as("a task for nobody").isFalse();
  }

  @Test
  void aTaskThatWasHandedOverIsTakenThoughTheLookFails() throws Exception {
    Runnable task = () -> {};
    AtomicReference<IdleQueue> looking = new AtomicReference<>();
    LongSupplier clock =
        () -> {
          if (looking.get().offer(task)) {
            throw new IllegalStateException("no time");
          }
          return 0;
        };
    looking.set(
        new IdleQueue(
            new SynchronousQueue<>(), new SpinWait(new SpinPolicy(ENDLESS_NANOS), clock)));

    assertThat(looking.get().take()).isSameAs(task);
  }

  @Test
  void aThreadThatSleepsIsWoken() {
    IdleQueue queue = queue(new TaskQueue(), 0);
    Background<Runnable> sleeping = Background.run(queue::take).awaitAsleep();
    Runnable task = () -> {};

    assertThat(queue.offer(task)).isTrue();

    assertThat(sleeping.result()).isSameAs(task);
  }

  /** JDK 17 needs a node for a thread that waits. */
  @Test
  @SuppressWarnings("serial") // never serialized
  void aThreadOutlivesThatItHasNoMemoryToWait() throws Exception {
    AtomicInteger waits = new AtomicInteger();
    BlockingQueue<Runnable> scarce =
        new LinkedBlockingQueue<>() {
          @Override
          public Runnable take() throws InterruptedException {
            if (waits.incrementAndGet() <= 2) {
              throw new OutOfMemoryError("of the test");
            }
            return super.take();
          }
        };
    IdleQueue queue = queue(scarce, 0);
    Background<Runnable> waiting = Background.run(queue::take);
    Runnable task = () -> {};

    assertThat(queue.offer(task)).isTrue();

    assertThat(waiting.result()).isSameAs(task);
  }

  @Test
  void onlyOneThreadLooks() throws Exception {
    IdleQueue queue = queue(new TaskQueue(), ENDLESS_NANOS);
    Background<Runnable> first = Background.run(queue::take);
    Background<Runnable> second = Background.run(queue::take);
    while (!isWaiting(first) && !isWaiting(second)) {
      Thread.onSpinWait();
    }
    queue.put(() -> {});
    queue.put(() -> {});

    assertThat(first.result()).isNotNull();
    assertThat(second.result()).isNotNull();
  }

  private static boolean isWaiting(Background<?> task) {
    return task.thread().getState() == Thread.State.WAITING;
  }

  /** Also those that are handed over while the pool is shut down. */
  @ParameterizedTest
  @ValueSource(longs = {0, 20_000})
  void everyTaskRunsOnce(long spinNanos) throws Exception {
    for (boolean bounded : new boolean[] {true, false}) {
      SpinWait spinWait = new SpinWait(new SpinPolicy(spinNanos), System::nanoTime);
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              bounded ? 2 : 0,
              bounded ? 2 : Integer.MAX_VALUE,
              1,
              TimeUnit.SECONDS,
              new IdleQueue(bounded ? new TaskQueue() : new SynchronousQueue<>(), spinWait));
      AtomicInteger ran = new AtomicInteger();
      List<Background<Void>> producers = new ArrayList<>();
      IntStream.range(0, PRODUCERS).forEach(i -> producers.add(produce(pool, ran)));
      producers.forEach(Background::result);
      pool.shutdown();

      assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      assertThat(ran).hasValue(PRODUCERS * TASKS);
    }
  }

  private static Background<Void> produce(ThreadPoolExecutor pool, AtomicInteger ran) {
    return Background.run(
        () -> {
          for (int i = 0; i < TASKS; i++) {
            pool.execute(ran::incrementAndGet);
          }
          return null;
        });
  }
}
