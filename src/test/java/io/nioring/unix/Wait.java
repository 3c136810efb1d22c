package io.nioring.unix;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Bounded waits, and tasks on threads of their own that end within them. */
final class Wait {
  static final Duration LONGEST = Duration.ofSeconds(10);

  private Wait() {}

  static void until(String what, Callable<Boolean> condition) {
    await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(LONGEST)
        .until(condition);
  }

  /** Waits until a thread sleeps in a lock or a park. */
  static void untilAsleep(Thread thread) {
    until(
        thread + " sleeps",
        () -> {
          Thread.State state = thread.getState();
          return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
        });
  }

  /** A task on a thread of its own. */
  static final class Task<T> {
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Thread thread;

    private Task(Callable<T> body) {
      thread =
          new Thread(
              () -> {
                try {
                  result.complete(body.call());
                } catch (Throwable e) {
                  result.completeExceptionally(e);
                }
              },
              "task");
      thread.setDaemon(true);
      thread.start();
    }

    Thread thread() {
      return thread;
    }

    Task<T> untilAsleep() {
      Wait.untilAsleep(thread);
      return this;
    }

    T result() throws Exception {
      try {
        return result.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError("the task failed", e.getCause());
      }
    }

    Throwable failure() throws InterruptedException, TimeoutException {
      try {
        T value = result.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        throw new AssertionError("the task returned " + value);
      } catch (ExecutionException e) {
        return e.getCause();
      }
    }
  }

  static <T> Task<T> run(Callable<T> body) {
    return new Task<>(body);
  }
}
