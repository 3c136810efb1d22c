package io.nioring.poll;

/**
 * Decides how long a thread looks again and again before it sleeps.
 *
 * <h2>How it works</h2>
 *
 * First a short burst of {@code onSpinWait}, which catches a partner that runs on another core
 * right now; then yielding, which on a shared core lets the partner run; then the caller parks. The
 * budget of the yielding part adapts as the kernel's halt polling does: it grows when the event
 * comes soon after the thread went to sleep (waiting a little longer would have caught it) and
 * shrinks to nothing while sleeps are long, so that an idle loop costs next to nothing. A single
 * yield that took very long tells that other processes want the core: then there is no yielding for
 * a while.
 *
 * <p>One object serves one waiting role (a selector, a channel's reader, its writer); its threads
 * take turns under the role's lock.
 */
public final class SpinWait {
  /** What is waited for. */
  public interface Condition {
    /** Whether the wait is over; cheap, called many times. */
    boolean holds();
  }

  private static final int SPINS = 24;
  private static final long SHORTEST_BUDGET_NANOS = 2_000;
  private static final long FOREIGN_LOAD_NANOS = 100_000;
  private static final long FOREIGN_LOAD_REST_NANOS = 20_000_000;

  private final long longestBudgetNanos;
  private long budgetNanos;
  private long restUntil;
  private boolean resting;

  /**
   * Makes a policy that begins with the whole budget.
   *
   * @param longestBudgetNanos the most to look before a sleep, 0 to sleep at once
   */
  public SpinWait(long longestBudgetNanos) {
    this.longestBudgetNanos = longestBudgetNanos;
    this.budgetNanos = longestBudgetNanos;
  }

  /**
   * Looks until the condition holds or the budget is used up.
   *
   * @param condition what is waited for
   * @return whether it holds; otherwise the caller goes to sleep and tells {@link #slept} how long
   */
  public boolean await(Condition condition) {
    if (longestBudgetNanos == 0) {
      return condition.holds();
    }
    for (int i = 0; i < SPINS; i++) {
      if (condition.holds()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return budgetNanos > 0 && yieldUntil(condition);
  }

  @SuppressWarnings("ThreadPriorityCheck") // a yield only shortens the wait, nothing relies on it
  private boolean yieldUntil(Condition condition) {
    long start = System.nanoTime();
    if (resting && start - restUntil < 0) {
      return false;
    }
    resting = false;
    long now = start;
    while (now - start < budgetNanos) {
      Thread.yield();
      boolean holds = condition.holds();
      long after = System.nanoTime();
      if (after - now > FOREIGN_LOAD_NANOS) { // also if the event came meanwhile
        resting = true;
        restUntil = after + FOREIGN_LOAD_REST_NANOS;
        return holds;
      }
      if (holds) {
        return true;
      }
      now = after;
    }
    return false;
  }

  /**
   * Takes note of a sleep that followed.
   *
   * @param nanos how long the thread slept until the event came or the time was over
   */
  public void slept(long nanos) {
    if (nanos < longestBudgetNanos) {
      budgetNanos = Math.min(longestBudgetNanos, Math.max(SHORTEST_BUDGET_NANOS, budgetNanos * 2));
    } else if (nanos > 4 * longestBudgetNanos) {
      budgetNanos /= 2;
      if (budgetNanos < SHORTEST_BUDGET_NANOS) {
        budgetNanos = 0;
      }
    }
  }
}
