package io.nioring.benchmark;

import java.util.concurrent.TimeUnit;

/**
 * Measures how far apart two threads are now: how long a flag in memory takes from one to the other
 * and back. On a virtual machine that changes by a factor of ten, minutes or seconds apart, as its
 * processors are moved about, and with it every figure that has two threads in it.
 */
final class CoreDistance {
  private static final int ROUND_TRIPS = 20_000;
  private static final int LOOKS_TILL_THE_CLOCK = 1_000;
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final long start = System.nanoTime();
  private volatile int ping;
  private volatile int pong;

  private CoreDistance() {}

  /**
   * Measures it.
   *
   * @return nanoseconds a round trip; meaningless where two threads have to share a core
   */
  static double roundTripNanos() {
    return new CoreDistance().measure();
  }

  private double measure() {
    Thread other = new Thread(this::answer, "core-distance");
    other.setDaemon(true);
    other.start();
    exchange(0, ROUND_TRIPS); // the thread has to start, and the loops to be compiled
    long begin = System.nanoTime();
    exchange(ROUND_TRIPS, 2 * ROUND_TRIPS);
    return (System.nanoTime() - begin) / (double) ROUND_TRIPS;
  }

  private void exchange(int from, int to) {
    for (int i = from + 1; i <= to; i++) {
      ping = i;
      for (int looks = 1; pong < i; looks++) {
        if (isOver(looks)) {
          return;
        }
      }
    }
  }

  private void answer() {
    for (int i = 1; i <= 2 * ROUND_TRIPS; i++) {
      for (int looks = 1; ping < i; looks++) {
        if (isOver(looks)) {
          return;
        }
      }
      pong = i;
    }
  }

  private boolean isOver(int looks) {
    Thread.onSpinWait();
    return looks % LOOKS_TILL_THE_CLOCK == 0 && System.nanoTime() - start > TIMEOUT_NANOS;
  }
}
