package io.nioring.internal.async;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.time.Clock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A group of asynchronous channels: an executor for their handlers, and the channels that are open.
 * Those that were connected through the kernel are in a group of the platform's on the same
 * executor.
 *
 * <p>It holds its channels as the platform's groups do: one that a program drops without closing
 * stays open. Thread-safe.
 */
final class RingChannelGroup extends AsynchronousChannelGroup {
  private static final long SPARE_THREAD_MILLIS = 2_000;

  private final AsynchronousChannels owner;
  private final ExecutorService executor;
  private final KernelGroup kernel;
  private final ThreadLocal<CallDepth> depth = ThreadLocal.withInitial(CallDepth::new);

  /** Opens when the executor is shut down. */
  private final CountDownLatch ended = new CountDownLatch(1);

  // Guarded by the monitor of the channels.

  private final Set<Closeable> channels = new HashSet<>();
  private boolean shutdown;

  /** Runs what the executor does not take or would run in its caller; null until needed. */
  private ThreadPoolExecutor spares;

  /**
   * Makes a group.
   *
   * @param platform gives the platform's provider; asked when a channel reaches the kernel
   * @param pollers as {@link KernelGroup#KernelGroup}
   */
  RingChannelGroup(
      AsynchronousChannelProvider provider,
      AsynchronousChannels owner,
      ExecutorService executor,
      Supplier<AsynchronousChannelProvider> platform,
      int pollers) {
    super(provider);
    this.owner = owner;
    this.executor = executor;
    this.kernel = new KernelGroup(this, platform, pollers);
  }

  /** The network's asynchronous channels, which the group is for. */
  AsynchronousChannels owner() {
    return owner;
  }

  /** The network's clock. */
  Clock clock() {
    return owner.clock();
  }

  /** What the group has in the kernel. */
  KernelGroup kernel() {
    return kernel;
  }

  // -- channels

  /**
   * Adds a channel.
   *
   * @throws ShutdownChannelGroupException if the group takes no more
   */
  void add(Closeable channel) {
    synchronized (channels) {
      if (shutdown) {
        throw new ShutdownChannelGroupException();
      }
      channels.add(channel);
    }
  }

  /** Fails as {@link #add} does. */
  void ensureNotShutdown() {
    if (isShutdown()) {
      throw new ShutdownChannelGroupException();
    }
  }

  /**
   * Takes a channel out that is closed, or that the platform's group has instead; the last one ends
   * a group that was shut down.
   */
  void remove(Closeable channel) {
    boolean last;
    synchronized (channels) {
      channels.remove(channel);
      last = shutdown && channels.isEmpty();
    }
    if (last) {
      end();
    }
  }

  @Override
  public boolean isShutdown() {
    synchronized (channels) {
      return shutdown;
    }
  }

  @Override
  public boolean isTerminated() {
    return executor.isTerminated();
  }

  @Override
  public void shutdown() {
    boolean empty;
    synchronized (channels) {
      shutdown = true;
      empty = channels.isEmpty();
    }
    if (empty) {
      end();
    }
  }

  private void end() {
    ended.countDown();
    kernel.end();
  }

  /**
   * Keeps a thread of the executor for as long as the group is not ended, and so the JVM alive if
   * the threads are no daemons: as the platform's threads do, which wait in the kernel.
   */
  void keepThread() {
    CountDownLatch end = ended;
    executor.execute(
        () -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the executor is to end at once
          }
        });
  }

  @Override
  public void shutdownNow() throws IOException {
    shutdown();
    List<Closeable> open;
    synchronized (channels) {
      open = new ArrayList<>(channels);
    }
    open.add(kernel::closeAll);
    IOException failure = null;
    for (Closeable channel : open) {
      try {
        channel.close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return executor.awaitTermination(timeout, unit);
  }

  // -- tasks

  ExecutorService executor() {
    return executor;
  }

  /** The calls of handlers on the calling thread's stack. */
  CallDepth depth() {
    return depth.get();
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
    CallDepth calls = depth.get();
    int before = calls.beginTask();
    try {
      task.perform();
    } finally {
      calls.endTask(before);
    }
  }

  /** Runs what is no task of ours on a thread of the group's. */
  void runInside(Runnable task) {
    CallDepth calls = depth.get();
    int before = calls.beginTask();
    try {
      task.run();
    } finally {
      calls.endTask(before);
    }
  }

  /**
   * Has a thread of ours run a task.
   *
   * @return false if there is none to be had
   */
  boolean handOver(GroupTask task) {
    Runnable handedOver = clock().handOver(() -> enter(task));
    try {
      spares().execute(handedOver);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      clock().takeBack(handedOver);
      return false;
    }
  }

  private ThreadPoolExecutor spares() {
    synchronized (channels) {
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
}
