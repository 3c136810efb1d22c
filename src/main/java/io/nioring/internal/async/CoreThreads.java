package io.nioring.internal.async;

import io.nioring.internal.network.Retries;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Consumer;

/**
 * The threads of a pool with a fixed number of them. What a handler throws ends its thread, and the
 * pool starts another one, for which there may be no memory: then the housekeeping does, since the
 * tasks in the queue would wait until the next one comes.
 */
final class CoreThreads extends Retries.Task implements ThreadFactory {
  private final ThreadFactory factory;
  private final Consumer<Retries.Task> retries;

  /** Written before it has threads. */
  private ThreadPoolExecutor pool;

  /**
   * Makes the factory of a pool.
   *
   * @param factory the program's
   * @param retries takes this object when a thread has ended
   */
  CoreThreads(ThreadFactory factory, Consumer<Retries.Task> retries) {
    this.factory = Objects.requireNonNull(factory, "factory");
    this.retries = retries;
  }

  /** Sets the pool. */
  void serve(ThreadPoolExecutor of) {
    pool = of;
  }

  @Override
  public Thread newThread(Runnable worker) {
    return factory.newThread(new Working(worker));
  }

  /** Starts those that are missing; an error makes it be tried again. */
  @Override
  protected boolean tryAgain() {
    pool.prestartAllCoreThreads();
    return true;
  }

  /** What a thread does. */
  private final class Working implements Runnable {
    private final Runnable worker;

    Working(Runnable worker) {
      this.worker = worker;
    }

    @Override
    public void run() {
      boolean ended = false;
      try {
        worker.run();
        ended = true;
      } finally {
        if (!ended) {
          retries.accept(CoreThreads.this);
        }
      }
    }
  }
}
