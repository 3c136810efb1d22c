package io.nioring.internal.poll;

import java.util.function.BooleanSupplier;

/**
 * State shared by the waiting threads of one network: how long they may spin before they sleep, and
 * what they have learnt about the machine.
 *
 * <p>What one thread has learnt the others need not learn again, above all those that wait for the
 * first time on a new connection. The shared state is a hint: it is written rarely, without locks,
 * and a lost update is learnt again.
 */
public final class SpinPolicy {
  private final long longestBudgetNanos;
  private final BooleanSupplier ownLoad;
  private final boolean endsTurns;
  private volatile boolean burstsInVain;

  /**
   * Makes a policy that does not depend on the machine.
   *
   * @param longestBudgetNanos the longest time to spin before a sleep, 0 to sleep at once
   */
  public SpinPolicy(long longestBudgetNanos) {
    this(longestBudgetNanos, () -> false, true);
  }

  /**
   * Makes one that can query the machine's load.
   *
   * @param ownLoad whether only this process wants the processors; cheap, asked before sleeps
   * @param endsTurns whether virtual threads that are always busy let others have their carrier now
   *     and then, when the system's time says so
   */
  public SpinPolicy(long longestBudgetNanos, BooleanSupplier ownLoad, boolean endsTurns) {
    this.longestBudgetNanos = longestBudgetNanos;
    this.ownLoad = ownLoad;
    this.endsTurns = endsTurns;
  }

  /** Whether virtual threads give up their carrier after a time. */
  boolean endsTurns() {
    return endsTurns;
  }

  /** Whether a thread that yields leaves the processor to threads of this process alone. */
  boolean isLoadOwn() {
    return ownLoad.getAsBoolean();
  }

  /** The longest time to spin before a sleep. */
  long longestBudgetNanos() {
    return longestBudgetNanos;
  }

  /** Whether a busy wait may pay off: it is not forbidden, and did not fail lately. */
  public boolean maySpin() {
    return longestBudgetNanos > 0 && !burstsInVain;
  }

  /** Whether the last waits found that their partners had no core to themselves. */
  boolean areBurstsInVain() {
    return burstsInVain;
  }

  /** Records whether a partner on another core answers while its waiter stays busy. */
  void burstsPay(boolean pay) {
    if (burstsInVain == pay) {
      burstsInVain = !pay;
    }
  }
}
