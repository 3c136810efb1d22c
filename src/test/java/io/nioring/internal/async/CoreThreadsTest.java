package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.network.Retries;
import io.nioring.testkit.Deadline;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class CoreThreadsTest {
  private final List<Retries.Task> retries = new CopyOnWriteArrayList<>();
  private final AtomicInteger made = new AtomicInteger();
  private final CoreThreads threads = new CoreThreads(this::make, retries::add);
  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);

  /** There is no memory for the second one. */
  private Thread make(Runnable body) {
    if (made.incrementAndGet() == 2) {
      throw new OutOfMemoryError("of the test");
    }
    Thread thread = new Thread(body);
    thread.setUncaughtExceptionHandler((ended, failure) -> {});
    return thread;
  }

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  /**
   * Otherwise the tasks in the queue wait for the next one, which may never come: that of a channel
   * is in the queue once.
   */
  @Test
  void aThreadThatEndsWithoutMemoryForAnotherOneIsReplacedLater() throws Exception {
    threads.serve(pool);
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch run = new CountDownLatch(1);
    pool.execute(
        () -> {
          awaitQuietly(queued);
          throw new IllegalStateException("of a handler");
        });
    pool.execute(run::countDown);
    queued.countDown();

    Deadline.await("the end of the thread is noted", () -> retries.contains(threads));
    assertThat(run.getCount()).isEqualTo(1);
    assertThat(threads.tryAgain()).isTrue();
    assertThat(run.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aPoolWhoseThreadsAreThereIsLeftAsItIs() throws Exception {
    threads.serve(pool);
    made.set(2);
    pool.prestartAllCoreThreads();

    assertThat(threads.tryAgain()).isTrue();

    assertThat(pool.getPoolSize()).isEqualTo(1);
    assertThat(made).hasValue(3);
  }
}
