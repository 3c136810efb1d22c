package io.nioring.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpinWaitTest {
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The looks of the first burst, which yields to nobody. */
  private static final int BURST = 24;

  /** Counts how often it is asked, and holds from a number of looks on. */
  private static final class Looks implements SpinWait.Condition {
    private final int holdsAt;
    private int count;

    Looks(int holdsAt) {
      this.holdsAt = holdsAt;
    }

    static Looks never() {
      return new Looks(Integer.MAX_VALUE);
    }

    @Override
    public boolean holds() {
      return ++count >= holdsAt;
    }
  }

  private static int looksInVain(SpinWait spinWait) {
    Looks looks = Looks.never();
    assertThat(spinWait.await(looks)).isFalse();
    return looks.count;
  }

  @Test
  void looksOnceWithoutABudget() {
    SpinWait spinWait = new SpinWait(0);
    assertThat(looksInVain(spinWait)).isEqualTo(1);
    assertThat(spinWait.await(new Looks(1))).isTrue();

    spinWait.slept(1);
    spinWait.slept(LONG_SLEEP_NANOS);
    assertThat(looksInVain(spinWait)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, BURST, BURST + 1})
  void endsWithTheLookThatFindsTheConditionHolding(int holdsAt) {
    Looks looks = new Looks(holdsAt);
    assertThat(new SpinWait(BUDGET_NANOS).await(looks)).isTrue();
    assertThat(looks.count).isEqualTo(holdsAt);
  }

  @Test
  void beginsWithTheWholeBudget() {
    assertThat(looksInVain(new SpinWait(BUDGET_NANOS))).isGreaterThan(BURST);
  }

  @Test
  void longSleepsShrinkTheYieldingToNothing() {
    SpinWait spinWait = new SpinWait(BUDGET_NANOS);
    for (int i = 0; i < 10; i++) {
      spinWait.slept(LONG_SLEEP_NANOS);
    }
    assertThat(looksInVain(spinWait)).isEqualTo(BURST);
  }

  @Test
  void shortSleepBringsTheYieldingBack() {
    SpinWait spinWait = new SpinWait(BUDGET_NANOS);
    for (int i = 0; i < 10; i++) {
      spinWait.slept(LONG_SLEEP_NANOS);
    }
    spinWait.slept(BUDGET_NANOS / 2);
    assertThat(looksInVain(spinWait)).isGreaterThan(BURST);
  }

  @Test
  void sleepsOfMiddlingLengthLeaveTheBudget() {
    SpinWait spinWait = new SpinWait(BUDGET_NANOS);
    for (int i = 0; i < 100; i++) {
      spinWait.slept(2 * BUDGET_NANOS);
    }
    assertThat(looksInVain(spinWait)).isGreaterThan(BURST);
  }

  /** A yield that takes long means that others want the core: no yielding for 20 ms. */
  @Test
  void yieldThatTakesLongStopsTheYieldingForAWhile() {
    for (int attempt = 0; attempt < 100; attempt++) {
      SpinWait spinWait = new SpinWait(BUDGET_NANOS);
      long[] slowLookEnded = new long[1];
      Looks counted = Looks.never();
      assertThat(spinWait.await(() -> looksSlowlyAfterTheBurst(counted, slowLookEnded))).isFalse();
      assertThat(counted.count).isEqualTo(BURST + 1);

      int looks = looksInVain(spinWait);
      if (System.nanoTime() - slowLookEnded[0] < TimeUnit.MILLISECONDS.toNanos(20)) {
        assertThat(looks).isEqualTo(BURST);
        return;
      }
    }
    throw new AssertionError("this machine never ran the test within 20 ms");
  }

  private static boolean looksSlowlyAfterTheBurst(Looks counted, long[] ended) {
    boolean holds = counted.holds();
    if (counted.count > BURST) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < TimeUnit.MICROSECONDS.toNanos(200)) {
        Thread.onSpinWait();
      }
      ended[0] = System.nanoTime();
    }
    return holds;
  }
}
