package io.nioring.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Threads that each make one call after the other and wait for each answer. */
final class Blocking {
  private Blocking() {}

  /** Makes calls until the budget is used up, each caller in a thread of this executor. */
  static void run(Budget budget, ExecutorService threads, List<? extends Callable<?>> callers)
      throws Exception {
    List<Future<?>> ends = new ArrayList<>();
    for (Callable<?> caller : callers) {
      ends.add(
          threads.submit(
              () -> {
                while (budget.takeOne()) {
                  long began = System.nanoTime();
                  caller.call();
                  budget.note(began);
                }
                return null;
              }));
    }
    for (Future<?> end : ends) {
      end.get();
    }
  }
}
