package io.nioring.internal.async;

import io.nioring.internal.network.Retries;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs the tasks of a group: on its executor, and on our own threads if that refuses them.
 *
 * <p>Sides of channels refer to this object, and so do their peers. It refers to no group and no
 * channel, so that these can be collected while a peer is in use. Thread-safe.
 */
final class GroupThreads {
  private static final long SPARE_THREAD_MILLIS = 2_000;

  private final ExecutorService executor;
  private final Clock clock;
  private final SpinPolicy spinning;
  private final Consumer<Retries.Task> retries;
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(CallDepth::outside);

  /** Runs tasks that the executor refuses or would run in its caller; null until needed. */
  private ThreadPoolExecutor spares;

  /**
   * Makes the threads of a group.
   *
   * @param retries takes tasks that no thread takes now
   */
  GroupThreads(
      ExecutorService executor, Clock clock, SpinPolicy spinning, Consumer<Retries.Task> retries) {
    this.executor = executor;
    this.clock = clock;
    this.spinning = spinning;
    this.retries = retries;
  }

  ExecutorService executor() {
    return executor;
  }

  /** The network's clock. */
  Clock clock() {
    return clock;
  }

  /** How long threads that wait for the group's channels spin before they sleep. */
  SpinPolicy spinning() {
    return spinning;
  }

  /**
   * The {@link CallDepth} of the calling thread; null without memory for the thread's first one.
   * Its task runs all the same, and what that completes takes the thread for none of the group's.
   */
  int[] depthOrNull() {
    try {
      return depth.get();
    } catch (VirtualMachineError | LinkageError e) {
      return null;
    }
  }

  /**
   * Runs a task whose submitter can be told if it will not run.
   *
   * @throws ShutdownChannelGroupException if the executor does not take it
   */
  void submit(GroupTask task) {
    try {
      task.submit();
    } catch (RejectedExecutionException e) {
      var refused = new ShutdownChannelGroupException();
      refused.initCause(e);
      throw refused;
    }
  }

  /** Runs a task on this thread, which is one of the group's meanwhile. */
  void enter(GroupTask task) {
    int[] calls = depthOrNull();
    int before = calls == null ? 0 : CallDepth.beginTask(calls);
    try {
      task.perform();
    } finally {
      if (calls != null) {
        CallDepth.endTask(calls, before);
      }
    }
  }

  /** Runs a foreign task on a thread of the group. */
  void runInside(Runnable task) {
    int[] calls = depthOrNull();
    int before = calls == null ? 0 : CallDepth.beginTask(calls);
    try {
      task.run();
    } finally {
      if (calls != null) {
        CallDepth.endTask(calls, before);
      }
    }
  }

  /**
   * Makes one of our threads run a task.
   *
   * @return false if none is available
   */
  boolean handOver(GroupTask task) {
    Runnable handedOver = null;
    try {
      ThreadPoolExecutor taking = spares();
      handedOver = clock.handOver(() -> enter(task), taking);
      taking.execute(handedOver);
      return true;
    } catch (RejectedExecutionException | VirtualMachineError | LinkageError e) {
      if (handedOver != null) {
        clock.takeBack(handedOver);
      }
      return false;
    }
  }

  /** Has a task that no thread takes now tried again. */
  void retryLater(GroupTask task) {
    retries.accept(task);
  }

  private synchronized ThreadPoolExecutor spares() {
    if (spares == null) {
      spares =
          new ThreadPoolExecutor(
              0,
              Integer.MAX_VALUE,
              SPARE_THREAD_MILLIS,
              TimeUnit.MILLISECONDS,
              new SynchronousQueue<>(),
              BackgroundThreads.factory("nioring-handlers"));
    }
    return spares;
  }
}
