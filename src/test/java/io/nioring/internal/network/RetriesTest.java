package io.nioring.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.ring.MemoryPool;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private static final long WAIT_SECONDS = 60;

  /** A task that fails a few times. */
  private static final class Failing extends Retries.Task {
    final CountDownLatch done = new CountDownLatch(1);
    final AtomicInteger attempts = new AtomicInteger();
    private final int failures;

    Failing(int failures) {
      this.failures = failures;
    }

    @Override
    protected boolean tryAgain() {
      int attempt = attempts.incrementAndGet();
      if (attempt <= failures && attempt % 2 == 0) {
        throw new OutOfMemoryError("of the test");
      } else if (attempt <= failures) {
        return false;
      }
      done.countDown();
      return true;
    }
  }

  @Test
  void eachIsTriedOnceInARunUntilItSucceeds() {
    Retries retries = new Retries();
    Failing one = new Failing(0);
    Failing two = new Failing(3);
    retries.add(one);
    retries.add(two);
    retries.add(two); // is there

    for (int run = 1; run <= 4; run++) {
      assertThat(retries.isEmpty()).isFalse();
      retries.run();
      assertThat(one.attempts).hasValue(1);
      assertThat(two.attempts).hasValue(run);
    }
    assertThat(retries.isEmpty()).isTrue();
    retries.add(one);
    retries.run();
    assertThat(one.attempts).hasValue(2);
  }

  /** There are no channels, for which the housekeeping would run anyway. */
  @Test
  void theHousekeepingTriesThem() throws Exception {
    ChannelRegistry registry = new ChannelRegistry(new MemoryPool(false), 10, "housekeeping");
    Failing task = new Failing(2);
    registry.retryLater(task);
    assertThat(task.done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    registry.close();
  }

  @Test
  void theHousekeepingTriesWhatAClosedNetworkHasLeft() throws Exception {
    ChannelRegistry registry = new ChannelRegistry(new MemoryPool(false), 10, "housekeeping");
    registry.close();
    Failing task = new Failing(2);
    registry.retryLater(task);
    assertThat(task.done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }
}
