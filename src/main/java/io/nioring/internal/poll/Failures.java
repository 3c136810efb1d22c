package io.nioring.internal.poll;

import java.util.Queue;

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
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        failure = failure == null ? e : failure;
      }
    }
    rethrow(failure);
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
