package io.nioring.simulation;

import io.nioring.internal.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long virtual time has not passed, by the system's time, and what is to be done about it.
 * Guarded by the world's lock, but for {@link #isLong}.
 */
final class Standstill {
  /** From when on something is done about it, and how long those who wait sleep at a time. */
  static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long TOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private volatile long since = Clock.SYSTEM.nanoTime();

  /** When it was last seen that nothing was to happen: until then nobody kept time from passing. */
  private long nothingUntil = since;

  private long collectionAt = LONG_NANOS;
  private long reportAt = TOLD_NANOS;

  /** Whether a wait has ended since it was last looked. */
  private volatile boolean wentOn = true;

  private long nobodySince;
  private boolean told;

  /** Somebody who waited goes on. */
  void somebodyGoesOn() {
    wentOn = true;
  }

  /** Whether to report now that nobody has gone on for long, which is reported once. */
  boolean takeDeadlock() {
    long now = Clock.SYSTEM.nanoTime();
    if (wentOn) {
      wentOn = false;
      nobodySince = now;
      told = false;
    }
    boolean due = !told && now - nobodySince >= TOLD_NANOS;
    told |= due;
    return due;
  }

  /** Time has passed. */
  void ends() {
    wentOn = true;
    since = Clock.SYSTEM.nanoTime();
    collectionAt = LONG_NANOS;
    reportAt = TOLD_NANOS;
  }

  /** There is no event that somebody could keep from happening. */
  void nothingIsToHappen() {
    nothingUntil = Clock.SYSTEM.nanoTime();
    collectionAt = LONG_NANOS;
    reportAt = TOLD_NANOS;
  }

  /** How long time has not passed, although something was to happen. */
  private long nanos() {
    long now = Clock.SYSTEM.nanoTime();
    return Math.min(now - since, now - nothingUntil);
  }

  boolean isLong() {
    return Clock.SYSTEM.nanoTime() - since >= LONG_NANOS;
  }

  /** Whether to look for lost tasks by a collection now; then not before twice the time. */
  boolean takeCollection() {
    boolean due = nanos() >= collectionAt;
    if (due) {
      collectionAt = 2 * nanos();
    }
    return due;
  }

  /** Whether to report it now; the next report is due after twice the time. */
  boolean takeReport() {
    boolean due = nanos() >= reportAt;
    if (due) {
      reportAt = 2 * nanos();
    }
    return due;
  }

  Duration duration() {
    return Duration.ofSeconds(TimeUnit.NANOSECONDS.toSeconds(nanos()));
  }
}
