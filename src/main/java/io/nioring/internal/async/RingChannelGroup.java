package io.nioring.internal.async;

import io.nioring.internal.network.CloseFailures;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CountDownLatch;
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
  private final AsynchronousChannels owner;
  private final GroupThreads threads;
  private final KernelGroup kernel;

  /** Opens when the executor is shut down. */
  private final CountDownLatch ended = new CountDownLatch(1);

  // Guarded by the monitor of the channels.

  /** In the order in which they were opened: so they are closed, as the platform does it. */
  private final Set<Closeable> channels = new LinkedHashSet<>();

  /**
   * Those whose channel of the platform's is in the platform's group, which closes that alone when
   * the group is shut down at once.
   */
  private final Set<Closeable> inKernel = Collections.newSetFromMap(new WeakHashMap<>());

  private boolean shutdown;

  /**
   * Makes a group.
   *
   * @param platform supplies the platform's provider when a channel reaches the kernel
   * @param pollers as {@link KernelGroup#KernelGroup}
   */
  RingChannelGroup(
      AsynchronousChannelProvider provider,
      AsynchronousChannels owner,
      GroupThreads threads,
      Supplier<AsynchronousChannelProvider> platform,
      int pollers) {
    super(provider);
    this.owner = owner;
    this.threads = threads;
    this.kernel = new KernelGroup(threads, platform, pollers);
  }

  /** The network's asynchronous channels, to which the group belongs. */
  AsynchronousChannels owner() {
    return owner;
  }

  /** Where its tasks run. */
  GroupThreads threads() {
    return threads;
  }

  /** The group's part in the kernel. */
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
      boolean added = false;
      try {
        channels.add(channel);
        added = true;
      } finally {
        if (!added) {
          channels.remove(channel); // a set that cannot grow keeps it
        }
      }
    }
  }

  /** Fails as {@link #add} does. */
  void ensureNotShutdown() {
    if (isShutdown()) {
      throw new ShutdownChannelGroupException();
    }
  }

  /** Removes a channel that is closed; removing the last one ends a group that was shut down. */
  void remove(Closeable channel) {
    remove(channel, false);
  }

  /** As {@link #remove}, for a channel that is open: the platform's group has one instead. */
  void moveToKernel(Closeable channel) {
    remove(channel, true);
  }

  private void remove(Closeable channel, boolean isInKernel) {
    boolean last;
    synchronized (channels) {
      if (isInKernel) {
        inKernel.add(channel);
      } else {
        inKernel.remove(channel);
      }
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
    return threads.executor().isTerminated();
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
    threads
        .executor()
        .execute(
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
      open.addAll(inKernel);
    }
    open.add(kernel::closeAll);
    CloseFailures failures = new CloseFailures();
    for (Closeable channel : open) {
      try {
        channel.close();
      } catch (IOException | RuntimeException | Error e) {
        failures.add(e);
      }
    }
    failures.rethrow();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.executor().awaitTermination(timeout, unit);
  }
}
