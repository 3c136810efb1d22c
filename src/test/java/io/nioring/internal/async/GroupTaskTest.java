package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.network.Retries;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task that no thread takes is not lost. */
class GroupTaskTest {
  private static final long WAIT_SECONDS = 20;

  private volatile boolean isShort = true;
  private final List<Retries.Task> retries = new ArrayList<>();
  private final AtomicInteger refused = new AtomicInteger();

  private final ExecutorService executor =
      new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
        @Override
        public void execute(Runnable task) {
          ensureNotShort();
          super.execute(task);
        }
      };

  /** Without memory to hand a task to one of our threads. */
  private final Clock clock =
      new Clock() {
        @Override
        public Runnable handOver(Runnable task, Object to) {
          ensureNotShort();
          return task;
        }
      };

  private final GroupThreads threads =
      new GroupThreads(executor, clock, new SpinPolicy(0), retries::add);

  private void ensureNotShort() {
    if (isShort) {
      refused.incrementAndGet();
      throw new OutOfMemoryError("of the test");
    }
  }

  @AfterEach
  void end() {
    executor.shutdownNow();
  }

  /** An operation that has ended with a result. */
  private static final class Ended extends Operation<String> {
    Ended(GroupThreads threads, CompletionHandler<String, Object> handler) {
      super(threads, Completion.of(handler, null));
      give("result");
    }

    @Override
    boolean attempt() {
      return true;
    }
  }

  @Test
  void aHandlerThatNoThreadTakesIsCalledLater() throws Exception {
    LinkedBlockingQueue<String> results = new LinkedBlockingQueue<>();
    Ended ended =
        new Ended(
            threads,
            new CompletionHandler<>() {
              @Override
              public void completed(String result, Object attachment) {
                results.add(result);
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                results.add(failure.toString());
              }
            });

    ended.deliver();
    assertThat(refused.get()).isGreaterThanOrEqualTo(2); // by the group, and then by our threads
    assertThat(retries).containsExactly(ended);
    assertThat(ended.tryAgain()).isFalse();
    isShort = false;
    assertThat(ended.tryAgain()).isTrue();
    assertThat(results.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("result");
  }
}
