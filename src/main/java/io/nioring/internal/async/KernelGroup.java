package io.nioring.internal.async;

import io.nioring.internal.poll.Failures;
import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.LinkedList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The platform's group for those channels of a group of ours that reach the kernel, made when the
 * first one does; and the executor that it is given.
 *
 * <p>That is the executor of our group, seen through this object, which adds two things: a task is
 * one of our group's while it runs, so that handlers of rings may be called directly by handlers of
 * the kernel's; and a thread that holds locks submits its tasks after it has released them. The
 * platform's group ends when our own has ended and its last channel is closed, and shuts this
 * executor down then. Thread-safe.
 */
final class KernelGroup extends AbstractExecutorService {
  /** How often a thread looks for its tasks. */
  private static final int LOOKS = 100;

  private final GroupThreads threads;
  private final Supplier<AsynchronousChannelProvider> provider;
  private final int pollers;

  /** The tasks that a thread submitted while it holds locks; unset for threads that hold none. */
  @SuppressWarnings("ThreadLocalUsage") // of this group: it is unset when a hold ends
  private final ThreadLocal<Held> held = new ThreadLocal<>();

  // Guarded by the monitor, in which tasks are held.

  private AsynchronousChannelGroup platform;
  private boolean ended;

  /**
   * Makes it without the platform's group.
   *
   * @param provider gives the platform's provider
   * @param pollers how many threads of the executor wait in the kernel, beside one of the
   *     platform's; each calls the handlers of what it finds
   */
  KernelGroup(GroupThreads threads, Supplier<AsynchronousChannelProvider> provider, int pollers) {
    this.threads = threads;
    this.provider = provider;
    this.pollers = pollers;
  }

  /**
   * The platform's group.
   *
   * @throws ShutdownChannelGroupException if our group has ended
   * @throws UnsupportedOperationException if the platform's channels are not available
   */
  AsynchronousChannelGroup get() throws IOException {
    Hold hold = hold();
    try {
      synchronized (this) {
        if (ended) {
          throw new ShutdownChannelGroupException();
        }
        if (platform == null) {
          platform = provider.get().openAsynchronousChannelGroup(this, pollers);
        }
        return platform;
      }
    } finally {
      hold.end();
    }
  }

  /** Opens channels of the platform's group. */
  AsynchronousChannelProvider provider() {
    return provider.get();
  }

  /** Ends the group, with its last channel, and the executor. */
  void end() {
    AsynchronousChannelGroup present;
    synchronized (this) {
      ended = true;
      present = platform;
    }
    if (present == null) {
      shutdown();
    } else {
      present.shutdown();
    }
  }

  /** Closes the channels of the platform's group. */
  void closeAll() throws IOException {
    AsynchronousChannelGroup present;
    synchronized (this) {
      present = platform;
    }
    if (present != null) {
      present.shutdownNow();
    }
  }

  // -- tasks

  /** Tasks that are held back, in their order. The first, mostly the only one, takes no memory. */
  private static final class Held {
    private Runnable first;
    private Queue<Runnable> others;

    @SuppressWarnings("JdkObsolete") // an ArrayDeque that cannot grow loses what it has
    void add(Runnable task) {
      if (first == null) {
        first = task;
        return;
      }
      if (others == null) {
        others = new LinkedList<>();
      }
      others.add(task);
    }

    /** Removes the next one; null if there is none. */
    private Runnable next() {
      Runnable task = first;
      first = null;
      return task == null && others != null ? others.poll() : task;
    }

    /**
     * Executes and removes all, then throws the first failure, if any.
     *
     * @param executor null for the calling thread
     */
    void executeAll(Executor executor) {
      Throwable failure = null;
      for (Runnable task = next(); task != null; task = next()) {
        failure = Failures.execute(task, executor, failure);
      }
      Failures.rethrow(failure);
    }
  }

  /** The time in which a thread holds locks. */
  @FunctionalInterface
  interface Hold {
    /** Submits the held tasks. */
    void end();
  }

  /** Holds the calling thread's tasks back, until the hold is ended. */
  Hold hold() {
    if (held.get() != null) {
      return () -> {}; // the outermost submits them
    }
    Held tasks = new Held();
    Hold hold =
        () -> {
          held.remove();
          tasks.executeAll(this);
        };
    boolean holds = false;
    try {
      held.set(tasks);
      holds = true;
    } finally {
      if (!holds) {
        held.remove(); // nobody would end it
      }
    }
    return hold;
  }

  /**
   * Calls the platform for a handler of ours that takes no locks, and runs here what it submits
   * meanwhile. Once it has been called, the handover of a connection that it had at once needs no
   * memory; the platform would forget one whose task an executor did not take.
   */
  void runHere(Runnable call) {
    if (held.get() != null) { // the outermost submits them
      call.run();
      return;
    }
    Held tasks = new Held();
    try {
      held.set(tasks);
      call.run();
    } finally {
      held.remove();
      tasks.executeAll(null);
    }
  }

  /** The tasks that the calling thread holds back; null if it does not. */
  private Held heldHere() {
    for (int i = 0; i < LOOKS; i++) {
      try {
        return held.get();
      } catch (OutOfMemoryError e) {
        // A thread that holds tasks has an entry, and needs no memory to find it.
      }
    }
    return null;
  }

  @Override
  public void execute(Runnable task) {
    Held tasks = heldHere();
    if (tasks == null) {
      threads.executor().execute(() -> threads.runInside(task));
    } else {
      tasks.add(task);
    }
  }

  @Override
  public void shutdown() {
    threads.executor().shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return threads.executor().shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return threads.executor().isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.executor().isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.executor().awaitTermination(timeout, unit);
  }
}
