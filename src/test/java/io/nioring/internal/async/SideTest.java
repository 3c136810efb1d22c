package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.nio.channels.ReadPendingException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an operation may begin. */
class SideTest {
  private static final String KILLED = "no more of these";

  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final GroupThreads threads =
      new GroupThreads(executor, Clock.SYSTEM, new SpinPolicy(0), task -> {});
  private final Side side =
      new Side(
          threads,
          Readiness.IN,
          new Timeouts(Clock.SYSTEM, (name, body) -> new Thread(body, name)),
          ReadPendingException::new,
          KILLED);

  @AfterEach
  void end() {
    executor.shutdownNow();
  }

  /** An operation for which there never is anything. */
  private static final class Endless extends Operation<Integer> {
    Endless(GroupThreads threads, Completion<Integer> completion) {
      super(threads, completion);
    }

    @Override
    boolean attempt() {
      return false;
    }
  }

  private PendingFuture<Integer> begin() {
    Completion<Integer> completion = Completion.ofFuture();
    Operation<Integer> operation = new Endless(threads, completion);
    operation.bindFuture(side, null);
    side.begin(operation, 0, TimeUnit.SECONDS);
    return completion.future();
  }

  @Test
  void aSecondOperationIsRefused() {
    PendingFuture<Integer> first = begin();
    assertThatThrownBy(this::begin).isExactlyInstanceOf(ReadPendingException.class);
    assertThat(first).isNotDone();
  }

  /** It has asked before, and another thread's operation was cancelled since. */
  @Test
  void anOperationThatComesAfterACancelledOneIsRefused() {
    side.ensureMayBegin();
    begin().cancel(false);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(this::begin)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(KILLED);
    }
  }
}
