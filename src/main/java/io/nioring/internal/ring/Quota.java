package io.nioring.internal.ring;

import java.util.concurrent.atomic.AtomicLong;

/** A count of units in use, with a limit. Thread-safe. */
public final class Quota {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /** Makes one with nothing taken. */
  public Quota(long limit) {
    this.limit = limit;
  }

  /** Takes a number of units if that many are left, or none. */
  public boolean take(int count) {
    if (taken.addAndGet(count) <= limit) {
      return true;
    }
    taken.addAndGet(-count);
    return false;
  }

  /** Returns units that were taken. */
  public void giveBack(int count) {
    taken.addAndGet(-count);
  }
}
