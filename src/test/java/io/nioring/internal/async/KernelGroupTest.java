package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The tasks that are held back while a thread has locks. */
class KernelGroupTest {
  /** More than fit a stack, if each needed a frame. */
  private static final int MANY = 100_000;

  /** Counts what it is given, and refuses it. */
  private static final class Refusing extends AbstractExecutorService {
    private int given;

    @Override
    public void execute(Runnable task) {
      given++;
      throw new RejectedExecutionException("task " + given);
    }

    @Override
    public void shutdown() {
      // It runs nothing.
    }

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }

  private final Refusing executor = new Refusing();

  private final KernelGroup group =
      new KernelGroup(
          new GroupThreads(executor, Clock.SYSTEM, new SpinPolicy(0), task -> {}),
          () -> {
            throw new AssertionError("the platform is not needed");
          },
          0);

  /** A connection that the platform has at once is not lost by an executor that takes no task. */
  @Test
  void whatACallSubmitsIsRunHereOnceItHasReturned() {
    List<String> order = new ArrayList<>();

    group.runHere(
        () -> {
          group.execute(() -> order.add("task"));
          order.add("call");
        });

    assertThat(order).containsExactly("call", "task");
    assertThat(executor.given).isZero();
    assertThatThrownBy(() -> group.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void whatACallSubmitsIsRunThoughTheCallFails() {
    List<String> order = new ArrayList<>();

    assertThatThrownBy(
            () ->
                group.runHere(
                    () -> {
                      group.execute(() -> order.add("task"));
                      throw new IllegalStateException("of the test");
                    }))
        .hasMessage("of the test");

    assertThat(order).containsExactly("task");
  }

  @Test
  void eachHeldTaskIsSubmittedThoughNoneIsTaken() {
    KernelGroup.Hold hold = group.hold();
    for (int i = 0; i < MANY; i++) {
      group.execute(() -> {});
    }

    assertThatThrownBy(hold::end)
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage("task 1");
    assertThat(executor.given).isEqualTo(MANY);
  }
}
