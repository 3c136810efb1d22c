package io.nioring.programs;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** Keeps a number of asynchronous calls under way: each answer is followed by the next request. */
final class Outstanding {
  private static final long WAIT_SECONDS = 60;

  private final Budget budget;
  private final Call call;
  private final CountDownLatch busySlots;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private Outstanding(Budget budget, int slots, Call call) {
    this.budget = budget;
    this.call = call;
    busySlots = new CountDownLatch(slots);
  }

  /** An asynchronous call. */
  @FunctionalInterface
  interface Call {
    /**
     * Sends a request.
     *
     * @param slot which of the calls under way this is, from 0 on
     * @param end to be told when the answer has come
     */
    void send(int slot, End end);
  }

  /** The end of an asynchronous call. */
  @FunctionalInterface
  interface End {
    /**
     * Tells the end.
     *
     * @param failure why it failed, or null if it did not
     */
    void ended(Throwable failure);
  }

  /** Keeps so many calls under way until the budget is used up and all have ended. */
  static void run(Budget budget, int slots, Call call) throws Exception {
    Outstanding run = new Outstanding(budget, slots, call);
    for (int slot = 0; slot < slots; slot++) {
      run.next(slot);
    }
    if (!run.busySlots.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException(run.busySlots.getCount() + " calls were never answered");
    }
    if (run.failure.get() != null) {
      throw new ExecutionException(run.failure.get());
    }
  }

  private void next(int slot) {
    if (failure.get() != null || !budget.takeOne()) {
      busySlots.countDown();
      return;
    }
    long began = System.nanoTime();
    call.send(
        slot,
        problem -> {
          if (problem == null) {
            budget.note(began);
          } else {
            failure.compareAndSet(null, problem);
          }
          next(slot);
        });
  }
}
