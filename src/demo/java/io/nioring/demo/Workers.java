package io.nioring.demo;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The threads of a program's clients. */
final class Workers implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 40;

  private final ExecutorService threads;

  Workers(int count) {
    threads = Executors.newFixedThreadPool(count);
  }

  /** Runs the tasks at the same time; throws what any of them threw, or if they take too long. */
  void runAll(List<? extends Callable<Void>> tasks) throws Exception {
    for (Future<Void> task : threads.invokeAll(tasks, DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      if (task.isCancelled()) {
        throw new TimeoutException("not done after " + DEADLINE_SECONDS + " s");
      }
      task.get();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
