package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import io.nioring.internal.network.Retries;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task that no thread takes is not lost. */
class GroupTaskTest {
  private static final long WAIT_SECONDS = 60;

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

  private final GroupThreads threads = groupThreads(executor);

  private GroupThreads groupThreads(ExecutorService of) {
    return new GroupThreads(of, clock, new SpinPolicy(0), retries::add);
  }

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

  /** Notes what it is told. */
  private static final class Noting implements CompletionHandler<String, Object> {
    private final LinkedBlockingQueue<String> results = new LinkedBlockingQueue<>();

    @Override
    public void completed(String result, Object attachment) {
      results.add(result);
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      results.add(failure.toString());
    }

    String next() throws InterruptedException {
      return results.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Test
  void aHandlerThatNoThreadTakesIsCalledLater() throws Exception {
    Noting noting = new Noting();
    Ended ended = new Ended(threads, noting);

    ended.deliver();
    assertThat(refused.get()).isGreaterThanOrEqualTo(2); // by the group, and then by our threads
    assertThat(retries).containsExactly(ended);
    assertThat(ended.tryAgain()).isFalse();
    isShort = false;
    assertThat(ended.tryAgain()).isTrue();
    assertThat(noting.next()).isEqualTo("result");
  }

  /** The bytes are moved: an exception would tell the program that they are not. */
  @Test
  void whoBeginsAnOperationIsNotToldOfAShortageThatComesAfterIt() throws Exception {
    Noting noting = new Noting();
    Ended ended = new Ended(threads, noting);

    ended.deliverToCaller();
    assertThat(retries).containsExactly(ended);
    isShort = false;
    assertThat(ended.tryAgain()).isTrue();
    assertThat(noting.next()).isEqualTo("result");
  }

  /**
   * A queue that has a task may lack memory for the lock that it needs to wake a thread: the
   * executor throws, and runs the task.
   */
  @Test
  void aHandlerIsCalledOnceThoughTheExecutorThrowsWithTheTaskTaken() throws Exception {
    isShort = false;
    BlockingQueue<Runnable> taken = new LinkedBlockingQueue<>();
    ExecutorService throwing =
        new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, taken) {
          @Override
          public void execute(Runnable task) {
            taken.add(task);
            throw new OutOfMemoryError("of the test");
          }
        };
    Noting noting = new Noting();
    Ended ended = new Ended(groupThreads(throwing), noting);

    ended.deliver();
    assertThat(noting.next()).isEqualTo("result");
    taken.remove().run();
    assertThat(noting.results).isEmpty();
  }

  /** One that refuses it is another matter: the group was shut down, and the program is told. */
  @Test
  void aTaskThatWasRefusedAndIsRunAllTheSameDoesNothing() {
    isShort = false;
    List<Runnable> taken = new ArrayList<>();
    ExecutorService refusing =
        new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
          @Override
          public void execute(Runnable task) {
            taken.add(task);
            throw new RejectedExecutionException("of the test");
          }
        };
    Noting noting = new Noting();
    Ended ended = new Ended(groupThreads(refusing), noting);

    assertThatThrownBy(ended::deliverToCaller).isInstanceOf(ShutdownChannelGroupException.class);
    taken.get(0).run();
    assertThat(noting.results).isEmpty();
  }

  /** Else it would keep the buffer of each such operation until its time is over. */
  @Test
  void theLimitOfAnOperationWhoseHandlerHasBeenCalledIsRemoved() throws Exception {
    isShort = false;
    Noting noting = new Noting();
    Ended ended = new Ended(threads, noting);
    Timeouts.Entry limit = mock(Timeouts.Entry.class);

    ended.deliver();
    assertThat(noting.next()).isEqualTo("result");
    ended.limit(limit);
    verify(limit).cancel();
  }
}
