package io.nioring.programs;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long, or how many operations, a program may run; and what its operations took. Threads may
 * share one.
 */
final class Budget {
  /** Latencies above this, in nanoseconds, count as this. */
  private static final long LONGEST_NANOS = 10_000_000_000L;

  private final long deadline;
  private final AtomicLong unstarted;
  private final LongAdder done = new LongAdder();
  private final Histogram latencies = new ConcurrentHistogram(LONGEST_NANOS, 3);

  private Budget(long deadline, AtomicLong unstarted) {
    this.deadline = deadline;
    this.unstarted = unstarted;
  }

  /** A budget of so many nanoseconds from now. */
  static Budget ofNanos(long nanos) {
    return new Budget(System.nanoTime() + nanos, null);
  }

  /** A budget of so many operations. */
  static Budget ofOperations(long operations) {
    return new Budget(0, new AtomicLong(operations));
  }

  /** Whether one operation more may begin. */
  boolean takeOne() {
    return unstarted == null ? System.nanoTime() - deadline < 0 : unstarted.getAndDecrement() > 0;
  }

  /** Notes an operation that began at this time of {@link System#nanoTime} and has just ended. */
  void note(long began) {
    latencies.recordValue(Math.min(Math.max(System.nanoTime() - began, 1), LONGEST_NANOS));
    done.increment();
  }

  /** How many operations have ended. */
  long operations() {
    return done.sum();
  }

  /** The time, in nanoseconds, within which this share of the operations ended, in percent. */
  long percentileNanos(double percent) {
    return latencies.getValueAtPercentile(percent);
  }
}
