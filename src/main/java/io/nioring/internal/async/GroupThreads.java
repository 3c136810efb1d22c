package io.nioring.internal.async;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where the tasks of a group run: its executor, and threads of ours for what that does not take.
 *
 * <p>Sides of channels lead here, and so do their peers. It leads to no group and no channel, which
 * can be collected though a peer is in use. Thread-safe.
 */
final class GroupThreads {
  private static final long SPARE_THREAD_MILLIS = 2_000;

  private final ExecutorService executor;
  private final Clock clock;
  private final SpinPolicy spinning;
  private final ThreadLocal<CallDepth> depth = ThreadLocal.withInitial(CallDepth::new);

  /** Runs what the executor does not take or would run in its caller; null until needed. */
  private ThreadPoolExecutor spares;

  GroupThreads(ExecutorService executor, Clock clock, SpinPolicy spinning) {
    this.executor = executor;
    this.clock = clock;
    this.spinning = spinning;
  }

  ExecutorService executor() {
    return executor;
  }

  /** The network's clock. */
  Clock clock() {
    return clock;
  }

  /** How long threads that wait for the group's channels look before they sleep. */
  SpinPolicy spinning() {
    return spinning;
  }

  /** The calls of handlers on the calling thread's stack. */
  CallDepth depth() {
    return depth.get();
  }

  /**
   * The calls on this thread's stack; null without memory for the thread's first one. Its task runs
   * all the same, and what that completes takes the thread for none of the group's.
   */
  private CallDepth depthOrNull() {
    try {
      return depth.get();
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  /**
   * Has a task run whose beginner can be told that it will not.
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
    CallDepth calls = depthOrNull();
    int before = calls == null ? 0 : calls.beginTask();
    try {
      task.perform();
    } finally {
      if (calls != null) {
        calls.endTask(before);
      }
    }
  }

  /** Runs what is no task of ours on a thread of the group's. */
  void runInside(Runnable task) {
    CallDepth calls = depthOrNull();
    int before = calls == null ? 0 : calls.beginTask();
    try {
      task.run();
    } finally {
      if (calls != null) {
        calls.endTask(before);
      }
    }
  }

  /**
   * Has a thread of ours run a task.
   *
   * @return false if there is none to be had
   */
  boolean handOver(GroupTask task) {
    ThreadPoolExecutor taking = spares();
    Runnable handedOver = clock.handOver(() -> enter(task), taking);
    try {
      taking.execute(handedOver);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      clock.takeBack(handedOver);
      return false;
    }
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
