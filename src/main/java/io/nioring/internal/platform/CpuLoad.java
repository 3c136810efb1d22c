package io.nioring.internal.platform;

import io.nioring.internal.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Tells whether the load of this machine's processors is this process's own, so that a thread that
 * yields lets threads of its own program run, or also that of other processes.
 *
 * <p>Asked by threads that are about to sleep: often. So the kernel's counters are read a few times
 * a second at most, by one of the threads that ask, and the others are given the last answer. Other
 * processes that were seen once are taken to be there for a second, and for twice as long each time
 * that they are seen again, up to eight: they are hard to see while this process keeps out of their
 * way. Without counters, as on systems other than Linux, the load is never taken to be our own.
 *
 * <p>What others may use is half a processor, and on a large machine a part of it: there few of our
 * threads share a processor with them. A process that wants less than its share is given that by
 * the scheduler whether our threads yield or not; only one that can always run gains a whole time
 * slice by a yield.
 *
 * <p>In a container the counters may be those of the whole machine. Then processes outside of it
 * count as others, though they may have other processors.
 */
public final class CpuLoad implements BooleanSupplier {
  /** Processor times since some moment, in any unit. */
  interface Counters {
    /**
     * Reads them.
     *
     * @return what all processes have used, and what this one has; null if that is unknown
     */
    long[] read();
  }

  /** That of this machine. */
  public static final CpuLoad OF_MACHINE =
      new CpuLoad(new ProcessorTimes(), Clock.SYSTEM, Runtime.getRuntime().availableProcessors());

  /**
   * Long enough that a share of {@link #OTHERS_SHARE} is a dozen of the kernel's ticks: the
   * counters are rounded to whole ticks each, so that a few of them may be nobody's.
   */
  private static final long SAMPLE_NANOS = 250_000_000;

  /**
   * The first sample after a pause is a short one: a burst of work that follows on a quiet time is
   * not to wait for a long one. What it shows is less certain, so that it makes nobody cautious.
   */
  private static final long FIRST_SAMPLE_NANOS = 60_000_000;

  /**
   * A sample that was begun longer ago says nothing of now: it covers a time in which no thread of
   * ours was about to sleep, and in which others may have had the processors to themselves.
   */
  private static final long STALE_NANOS = 1_000_000_000;

  private static final long SHORTEST_CAUTION_NANOS = 1_000_000_000;
  private static final long LONGEST_CAUTION_NANOS = 8_000_000_000L;

  /**
   * Others use half a processor or more: a process that can always run gets that while our threads
   * yield; one that runs for a moment, as a shell's commands do, does not.
   */
  private static final long OTHERS_SHARE = 2;

  /**
   * And they use such a part of the processors that are ours too. A thread that yields to a busy
   * one loses a time slice of it, some milliseconds; one yield in as many is about what a sleep
   * costs.
   */
  private static final long OTHERS_PART = 64;

  private final Counters counters;
  private final LongSupplier nanoTime;
  private final int processors;
  private final AtomicBoolean sampling = new AtomicBoolean();

  private volatile boolean own;
  private volatile long nextSampleAt;

  // Of the thread that samples.

  private long[] last;
  private long lastAt;
  private long cautionNanos = SHORTEST_CAUTION_NANOS;
  private long cautiousUntil;

  CpuLoad(Counters counters, LongSupplier nanoTime, int processors) {
    this.counters = counters;
    this.nanoTime = nanoTime;
    this.processors = processors;
    this.nextSampleAt = nanoTime.getAsLong();
    this.cautiousUntil = nextSampleAt;
  }

  /** Whether nobody else wants the processors, as far as is known. */
  @Override
  public boolean getAsBoolean() {
    long now = nanoTime.getAsLong();
    if (now - nextSampleAt >= 0 && sampling.compareAndSet(false, true)) {
      try {
        sample(now);
      } finally {
        sampling.set(false);
      }
    }
    return own;
  }

  private void sample(long now) {
    nextSampleAt = now + SAMPLE_NANOS;
    long[] read = counters.read();
    long[] before = last;
    long nanos = now - lastAt;
    last = read;
    lastAt = now;
    if (read == null || before == null || nanos > STALE_NANOS) {
      own = false;
      nextSampleAt = now + FIRST_SAMPLE_NANOS;
    } else if (isOthers(read, before, nanos)) {
      own = false;
      if (nanos < SAMPLE_NANOS) {
        return;
      }
      cautiousUntil = now + cautionNanos;
      cautionNanos = Math.min(LONGEST_CAUTION_NANOS, 2 * cautionNanos);
    } else if (own) {
      cautionNanos = Math.max(SHORTEST_CAUTION_NANOS, cautionNanos - nanos);
    } else {
      own = now - cautiousUntil >= 0;
    }
  }

  private boolean isOthers(long[] now, long[] before, long nanos) {
    long others = (now[0] - now[1]) - (before[0] - before[1]);
    return others * OTHERS_SHARE >= nanos && others * OTHERS_PART >= nanos * processors;
  }
}
