package io.nioring.simulation;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Finds out whether a program has closed all its channels. */
final class Leaks {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private Leaks() {}

  /** As {@link Simulation#checkNoLeaks}. */
  static void check(Simulation sim, Duration grace) {
    long deadline = System.nanoTime() + Latency.nanos("grace", grace);
    List<OpenChannel> open = sim.openChannels();
    while (!open.isEmpty()
        && System.nanoTime() - deadline < 0
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(LOOK_NANOS);
      open = sim.openChannels();
    }
    if (!open.isEmpty()) {
      throw new AssertionError(message(open));
    }
  }

  private static String message(List<OpenChannel> open) {
    StringBuilder text = new StringBuilder();
    text.append(open.size()).append(open.size() == 1 ? " channel was" : " channels were");
    text.append(" not closed:");
    open.forEach(each -> text.append("\n  ").append(each));
    return text.toString();
  }
}
