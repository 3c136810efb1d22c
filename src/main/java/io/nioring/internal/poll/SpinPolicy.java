package io.nioring.internal.poll;

import java.util.function.BooleanSupplier;

/**
 * What the waiting threads of one network share: how long they may look before they sleep, and what
 * they have learnt of the machine.
 *
 * <p>One thread's lesson spares the others theirs, above all those that wait for the first time on
 * a connection that has just been made. Lessons are hints: they are written rarely, without locks,
 * and one that is lost is learnt again.
 */
public final class SpinPolicy {
  private final long longestBudgetNanos;
  private final BooleanSupplier ownLoad;
  private volatile boolean burstsInVain;

  /**
   * Makes a policy that does not depend on the machine.
   *
   * @param longestBudgetNanos the most to look before a sleep, 0 to sleep at once
   */
  public SpinPolicy(long longestBudgetNanos) {
    this(longestBudgetNanos, () -> false);
  }

  /**
   * Makes one that can ask for the machine's load.
   *
   * @param ownLoad whether the processors are wanted by this process alone; cheap, asked before
   *     sleeps
   */
  public SpinPolicy(long longestBudgetNanos, BooleanSupplier ownLoad) {
    this.longestBudgetNanos = longestBudgetNanos;
    this.ownLoad = ownLoad;
  }

  /** Whether a thread that yields leaves the processor to threads of this process alone. */
  boolean isLoadOwn() {
    return ownLoad.getAsBoolean();
  }

  /** The most to look before a sleep. */
  long longestBudgetNanos() {
    return longestBudgetNanos;
  }

  /** Whether a busy wait may pay off: it is not forbidden, and did not fail lately. */
  public boolean maySpin() {
    return longestBudgetNanos > 0 && !burstsInVain;
  }

  /** Whether those who waited last found that their partners had no core of their own. */
  boolean areBurstsInVain() {
    return burstsInVain;
  }

  /** Takes note of whether a partner on another core answers while its waiter stays busy. */
  void burstsPay(boolean pay) {
    if (burstsInVain == pay) {
      burstsInVain = !pay;
    }
  }
}
