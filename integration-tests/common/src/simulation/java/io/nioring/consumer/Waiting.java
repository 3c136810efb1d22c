package io.nioring.consumer;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what programs do on their own threads. */
public final class Waiting {
  private Waiting() {}

  /**
   * Waits until something holds.
   *
   * @param what it in words, for the failure, which tells what the threads do
   * @param most how long to wait at most
   * @param holds tells whether it holds; what it throws ends the waiting
   * @throws AssertionError if it does not hold in time
   */
  public static void until(String what, Duration most, Callable<Boolean> holds) throws Exception {
    long begin = System.nanoTime();
    while (!holds.call()) {
      if (System.nanoTime() - begin >= most.toNanos()) {
        AssertionError late = new AssertionError("after " + most + " not yet: " + what);
        ThreadDump.addTo(late);
        throw late;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
