package io.nioring.internal.async;

import io.nioring.internal.network.Retries;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * A task that runs only on the threads of a group or on our own.
 *
 * <p>An executor may run a task in its caller. That would call handlers inside a peer's write,
 * sometimes with its lock held, and let operations that start one another recurse without bound. So
 * a task knows which thread is about to submit it; if it finds itself on that thread, it moves to
 * one of our threads. One submission at a time.
 */
abstract class GroupTask extends Retries.Task implements Runnable {
  /** No handle, whose first call takes memory: a task that was taken is not submitted again. */
  private static final AtomicReferenceFieldUpdater<GroupTask, Thread> SUBMITTER =
      AtomicReferenceFieldUpdater.newUpdater(GroupTask.class, Thread.class, "submitter");

  final GroupThreads threads;

  /** The thread that is in the executor's {@code execute} with this task; null if none is. */
  private volatile Thread submitter;

  GroupTask(GroupThreads threads) {
    this.threads = threads;
  }

  /**
   * Has the group's executor run the task.
   *
   * @throws RuntimeException what the executor threw, which has not taken it then
   * @throws Error the same, as for lack of a thread
   */
  final void submit() {
    Thread caller = Thread.currentThread();
    submitter = caller;
    Runnable handedOver = null;
    try {
      handedOver = threads.clock().handOver(this, threads.executor());
      threads.executor().execute(handedOver);
    } catch (RuntimeException | Error e) {
      if (handedOver != null) {
        threads.clock().takeBack(handedOver);
      }
      throw e;
    } finally {
      SUBMITTER.compareAndSet(this, caller, null); // it may run already, and be submitted again
    }
  }

  /**
   * Makes the group's executor run the task, or else one of our threads; if neither is available,
   * the housekeeping tries again.
   */
  final void submitForSure() {
    if (!submitOrHandOver()) {
      threads.retryLater(this);
    }
  }

  @Override
  protected boolean tryAgain() {
    return submitOrHandOver();
  }

  private boolean submitOrHandOver() {
    try {
      submit();
      return true;
    } catch (RuntimeException | Error e) { // of the executor, which may be foreign code
      return threads.handOver(this);
    }
  }

  @Override
  public final void run() {
    if (submitter == Thread.currentThread()) {
      if (!threads.handOver(this)) {
        throw new RejectedExecutionException("no thread to run the task except its submitter");
      }
    } else {
      threads.enter(this);
    }
  }

  /** Does the work, on a thread of the group or on one of ours. */
  abstract void perform();
}
