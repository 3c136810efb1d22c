package io.nioring.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for the answer of another JVM for a limited time, since that may be stopped or hang. */
final class Answers {
  private static final long LONGEST_SECONDS = 15;

  private Answers() {}

  /**
   * Asks in a separate thread, which is abandoned if it gets no answer.
   *
   * @param pid the process that is asked
   * @throws CommandFailure if the question throws it, or the process does not answer
   */
  static <T> T of(String pid, Callable<T> question) {
    FutureTask<T> asked = new FutureTask<>(question);
    Thread asking = new Thread(asked, "nioring-ask-" + pid);
    asking.setDaemon(true);
    asking.start();
    try {
      return asked.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(
          "process " + pid + " has not answered for " + LONGEST_SECONDS + " s: it may be stopped",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted while process " + pid + " was asked", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailure failure) {
        throw failure;
      }
      throw new CommandFailure("cannot ask process " + pid + ": " + e.getCause(), e.getCause());
    }
  }
}
