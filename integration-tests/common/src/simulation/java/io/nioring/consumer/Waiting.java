package io.nioring.consumer;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

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
    whileGoingOn(what, most, most, holds, () -> 0);
  }

  /**
   * Waits until something holds, as long as those that bring it about go on: a busy machine makes
   * them slow, a fault makes them stop.
   *
   * @param what it in words, for the failure, which tells what the threads do
   * @param quiet how long the progress may stay the same
   * @param most how long to wait at most
   * @param holds tells whether it holds; what it throws ends the waiting
   * @param progress how far they are
   * @throws AssertionError if it does not hold in time
   */
  public static void whileGoingOn(
      String what, Duration quiet, Duration most, Callable<Boolean> holds, LongSupplier progress)
      throws Exception {
    long begin = System.nanoTime();
    long moved = begin;
    long reached = progress.getAsLong();
    while (!holds.call()) {
      long now = System.nanoTime();
      long present = progress.getAsLong();
      moved = present == reached ? moved : now;
      reached = present;
      if (now - begin >= most.toNanos() || now - moved >= quiet.toNanos()) {
        Duration waited = Duration.ofMillis((now - begin) / 1_000_000);
        AssertionError late = new AssertionError("after " + waited + " not yet: " + what);
        ThreadDump.addTo(late);
        throw late;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
