package io.nioring.internal.poll;

import java.util.function.LongSupplier;

/**
 * Decides how long a thread looks again and again before it sleeps.
 *
 * <h2>How it works</h2>
 *
 * First a burst of {@code onSpinWait}, which catches a partner that runs on another core right now;
 * then yielding, which on a shared core lets the partner run; then the caller parks.
 *
 * <p><b>The burst</b> is time lost where the partner has to share our core, since it cannot run
 * meanwhile. Such a partner can be recognized: what we wait for never comes during the burst and is
 * there when the first yield returns. So it is where other processes leave the partner no core, and
 * yielding does not help either. After a few waits like that the burst is cut short, and now and
 * then a full one finds out whether the partner has a core of its own again.
 *
 * <p><b>The yielding</b> has a budget that adapts as the kernel's halt polling does: it grows when
 * the event comes soon after the thread went to sleep (waiting a little longer would have caught
 * it) and shrinks to nothing while sleeps are long, so that an idle loop costs next to nothing. A
 * single yield that took very long shows that other processes want the core: then there is no
 * yielding for a while, and for a longer one if the next yield takes long too.
 *
 * <p><b>Virtual threads</b> that answer one another never leave their carrier: the JDK queues one
 * that another one wakes on the carrier of the waker, and a carrier looks elsewhere only when that
 * queue is empty. So one that has had its turn sleeps for a moment. Its carrier then looks at all
 * queues, and a thread of the JDK, which wakes it, queues it behind others.
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

  /** Lets others run. */
  private static final class Yielding implements Runnable {
    static final Yielding ONE = new Yielding();

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // it only shortens the wait, nothing relies on it
    public void run() {
      Thread.yield();
    }
  }

  /** Some microseconds: about as long as a partner on another core takes for its answer. */
  private static final int FULL_BURST = 200;

  private static final int SHORT_BURST = 4;

  /** How many bursts in a row have to fail for the next ones to be cut short. */
  private static final int CUT_SHORT_AFTER = 8;

  private static final int FIRST_PROBE_INTERVAL = 16;
  private static final int LONGEST_PROBE_INTERVAL = 512;
  private static final long SHORTEST_BUDGET_NANOS = 2_000;
  private static final long FOREIGN_LOAD_NANOS = 100_000;

  /** Keeps what is lost to others to a ninth of the time. */
  private static final int SHORTEST_REST = 8;

  /** Keeps what is lost to others that stay to a sixty-fifth of the time. */
  private static final int LONGEST_REST = 64;

  /** How many waits are between two that may end a turn; a power of two. */
  private static final int WAITS_OF_A_TURN = 64;

  /** A sleep of some tens of microseconds each millisecond. */
  private static final long TURN_NANOS = 1_000_000;

  private final SpinPolicy policy;
  private final LongSupplier clock;
  private final Runnable yielding;
  private long budgetNanos;
  private long restUntil;
  private boolean resting;

  /** How many times as long as a long yield the rest after it is. */
  private int restFactor = SHORTEST_REST;

  /** Whether the partner is taken to have no core of its own, so that bursts are cut short. */
  private boolean cutShort;

  private int burstsInVain;

  /** How many short bursts there are between two full ones. */
  private int probeInterval = FIRST_PROBE_INTERVAL;

  private int burstsSinceProbe;

  private int waits;

  /** When a virtual thread last gave its carrier to others. */
  private long turnSince;

  /**
   * Makes one that begins with the whole budget.
   *
   * @param policy what its network knows of the machine
   * @param clock the time in nanoseconds
   */
  public SpinWait(SpinPolicy policy, LongSupplier clock) {
    this(policy, clock, Yielding.ONE);
  }

  SpinWait(SpinPolicy policy, LongSupplier clock, Runnable yielding) {
    this.policy = policy;
    this.clock = clock;
    this.yielding = yielding;
    this.budgetNanos = policy.longestBudgetNanos();
    this.cutShort = policy.areBurstsInVain();
  }

  /**
   * Looks until the condition holds or the budget is used up.
   *
   * @param condition what is waited for
   * @return whether it holds; otherwise the caller goes to sleep and passes to {@link #slept} how
   *     long
   */
  public boolean await(Condition condition) {
    boolean mayEndTurn = (++waits & WAITS_OF_A_TURN - 1) == 0 && policy.endsTurns();
    if (mayEndTurn && VirtualThreads.isCurrent()) {
      endTurn();
    }
    if (policy.longestBudgetNanos() == 0) {
      return condition.holds();
    }
    return burst(condition)
        || (budgetNanos > 0 && yieldUntil(condition))
        || (policy.isLoadOwn() && yieldOnce(condition));
  }

  /** A yield would not do: the carrier's queue is not empty, so it goes to its end. */
  private void endTurn() {
    long now = clock.getAsLong();
    if (now - turnSince < TURN_NANOS) {
      return;
    }
    turnSince = now;
    try {
      Thread.sleep(0, 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // which the wait itself looks at
    }
  }

  /** Before a sleep: the threads that run meanwhile are our own program's. */
  private boolean yieldOnce(Condition condition) {
    yielding.run();
    return condition.holds();
  }

  private boolean burst(Condition condition) {
    boolean full = !cutShort || isProbeDue();
    int looks = full && budgetNanos > 0 ? FULL_BURST : SHORT_BURST;
    for (int i = 0; i < looks; i++) {
      if (condition.holds()) {
        if (full) {
          burstHasPaid();
        }
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private boolean isProbeDue() {
    if (++burstsSinceProbe < probeInterval) {
      return false;
    }
    burstsSinceProbe = 0;
    probeInterval = Math.min(LONGEST_PROBE_INTERVAL, probeInterval * 2);
    return true;
  }

  private void burstHasPaid() {
    burstsInVain = 0;
    if (cutShort) {
      cutShort = false;
      policy.burstsPay(true);
    }
  }

  private void burstWasInVain() {
    if (!cutShort && ++burstsInVain >= CUT_SHORT_AFTER) {
      burstsInVain = 0;
      cutShort = true;
      burstsSinceProbe = 0;
      probeInterval = FIRST_PROBE_INTERVAL;
      policy.burstsPay(false);
    }
  }

  private boolean yieldUntil(Condition condition) {
    long start = clock.getAsLong();
    if (resting && start - restUntil < 0) {
      burstWasInVain();
      return false;
    }
    resting = false;
    long now = start;
    while (now - start < budgetNanos) {
      yielding.run();
      boolean holds = condition.holds();
      long after = clock.getAsLong();
      if (after - now > FOREIGN_LOAD_NANOS) { // also if the event came meanwhile
        resting = true;
        restUntil = after + restFactor * (after - now);
        restFactor = Math.min(LONGEST_REST, restFactor * 2);
        return holds;
      }
      if (holds) {
        if (now == start) {
          burstWasInVain();
        }
        restFactor = Math.max(SHORTEST_REST, restFactor / 2);
        return true;
      }
      now = after;
    }
    return false;
  }

  /**
   * Records a sleep that followed.
   *
   * @param nanos how long the thread slept until the event came or the time was over
   */
  public void slept(long nanos) {
    long longest = policy.longestBudgetNanos();
    if (nanos < longest) {
      budgetNanos = Math.min(longest, Math.max(SHORTEST_BUDGET_NANOS, budgetNanos * 2));
    } else if (nanos > 4 * longest) {
      budgetNanos /= 2;
      if (budgetNanos < SHORTEST_BUDGET_NANOS) {
        budgetNanos = 0;
      }
    }
  }
}
