package io.nioring.internal.poll;

import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Steps of which each is to be done whatever another one throws, since they are of different
 * owners. Takes no memory, which may be what the steps failed for.
 */
public final class Failures {
  private Failures() {}

  /** Runs and removes all tasks in order, then throws the first failure, if any. */
  public static void runAll(Queue<Runnable> tasks) {
    Throwable failure = null;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      failure = execute(task, null, failure);
    }
    rethrow(failure);
  }

  /**
   * Runs a task, and keeps what it throws.
   *
   * @param executor runs it; null for the calling thread
   * @param earlier what a task before it has thrown; null if none has
   * @return the first failure so far; null if there is none
   */
  public static Throwable execute(Runnable task, Executor executor, Throwable earlier) {
    try {
      if (executor == null) {
        task.run();
      } else {
        executor.execute(task);
      }
      return earlier;
    } catch (RuntimeException | Error e) {
      return earlier == null ? e : earlier;
    }
  }

  /**
   * Throws what a step threw.
   *
   * @param failure an unchecked exception or an error; or null, where nothing failed
   */
  public static void rethrow(Throwable failure) {
    if (failure instanceof Error e) {
      throw e;
    } else if (failure != null) {
      throw (RuntimeException) failure;
    }
  }
}
