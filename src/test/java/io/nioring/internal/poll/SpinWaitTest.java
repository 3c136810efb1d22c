package io.nioring.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpinWaitTest {
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long YIELD_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  /** The looks of the first burst, which yields to nobody. */
  private static final int BURST = 200;

  /** The looks of a burst that is not worth while. */
  private static final int SHORT_BURST = 4;

  /** How many waits it takes to learn that a partner needs our core. */
  private static final int WAITS_TO_LEARN = 8;

  /**
   * Time goes on with each yield, and is not looked at before the first one. The yields do nothing:
   * a real one lasts milliseconds where others want the core.
   */
  private static final class Clock implements LongSupplier {
    private long now;
    private boolean asked;

    @Override
    public long getAsLong() {
      asked = true;
      now += YIELD_NANOS;
      return now;
    }
  }

  private final Clock clock = new Clock();
  private final SpinPolicy policy = new SpinPolicy(BUDGET_NANOS);
  private final SpinWait spinWait = waiting();
  private int looks;

  private SpinWait waiting() {
    return new SpinWait(policy, clock, () -> {});
  }

  /** Waits for what holds at a look, and counts the looks. */
  private boolean await(SpinWait waiting, int holdsAt) {
    looks = 0;
    clock.asked = false;
    return waiting.await(() -> ++looks >= holdsAt);
  }

  private int looksInVain(SpinWait waiting) {
    assertThat(await(waiting, Integer.MAX_VALUE)).isFalse();
    return looks;
  }

  /** Waits for what is there after the first yield; returns the looks before that. */
  private int burstOf(SpinWait waiting) {
    looks = 0;
    clock.asked = false;
    assertThat(waiting.await(this::looksAfterYielding)).isTrue();
    return looks;
  }

  private boolean looksAfterYielding() {
    looks += clock.asked ? 0 : 1;
    return clock.asked;
  }

  private void sleepLong() {
    for (int i = 0; i < 10; i++) {
      spinWait.slept(LONG_SLEEP_NANOS);
    }
  }

  @Test
  void looksOnceWithoutABudget() {
    SpinWait without = new SpinWait(new SpinPolicy(0), System::nanoTime);
    assertThat(looksInVain(without)).isEqualTo(1);
    assertThat(await(without, 1)).isTrue();

    without.slept(1);
    without.slept(LONG_SLEEP_NANOS);
    assertThat(looksInVain(without)).isEqualTo(1);
  }

  @Test
  void yieldsOnceMoreBeforeASleepWhileTheLoadIsOwn() {
    AtomicBoolean own = new AtomicBoolean(true);
    AtomicInteger yields = new AtomicInteger();
    SpinWait waiting =
        new SpinWait(
            new SpinPolicy(BUDGET_NANOS, own::get, true), clock, () -> yields.incrementAndGet());
    for (int i = 0; i < 20; i++) {
      waiting.slept(LONG_SLEEP_NANOS); // until there is no budget
    }

    assertThat(looksInVain(waiting)).isEqualTo(SHORT_BURST + 1);
    assertThat(yields).hasValue(1);
    assertThat(await(waiting, SHORT_BURST + 1)).as("there after the yield").isTrue();

    own.set(false);
    yields.set(0);
    assertThat(looksInVain(waiting)).isEqualTo(SHORT_BURST);
    assertThat(yields).hasValue(0);
  }

  @Test
  void doesNotQueryTheLoadWhereSpinningIsForbidden() {
    SpinPolicy forbidden =
        new SpinPolicy(
            0,
            () -> {
              throw new AssertionError("asked");
            },
            true);
    assertThat(looksInVain(new SpinWait(forbidden, clock))).isEqualTo(1);
  }

  @Test
  void noThreadSpinsWhileSpinningIsForbiddenOrUseless() {
    assertThat(new SpinPolicy(0).maySpin()).isFalse();
    assertThat(policy.maySpin()).isTrue();
    learnThatPartnersAreTogether();
    assertThat(policy.maySpin()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, BURST, BURST + 1, BURST + 2})
  void endsWithTheLookThatFindsTheConditionHolding(int holdsAt) {
    assertThat(await(spinWait, holdsAt)).isTrue();
    assertThat(looks).isEqualTo(holdsAt);
  }

  @Test
  void beginsWithTheWholeBudget() {
    assertThat(looksInVain(spinWait)).isEqualTo(BURST + (int) (BUDGET_NANOS / YIELD_NANOS));
  }

  @Test
  void longSleepsShrinkTheLookingToNextToNothing() {
    sleepLong();
    assertThat(looksInVain(spinWait)).isEqualTo(SHORT_BURST);
  }

  @Test
  void shortSleepBringsTheYieldingBack() {
    sleepLong();
    spinWait.slept(BUDGET_NANOS / 2);
    assertThat(looksInVain(spinWait)).isGreaterThan(BURST);
  }

  @Test
  void sleepsOfMiddlingLengthLeaveTheBudget() {
    for (int i = 0; i < 100; i++) {
      spinWait.slept(2 * BUDGET_NANOS);
    }
    assertThat(looksInVain(spinWait)).isEqualTo(BURST + (int) (BUDGET_NANOS / YIELD_NANOS));
  }

  private void learnThatPartnersAreTogether() {
    for (int i = 0; i < WAITS_TO_LEARN; i++) {
      assertThat(burstOf(spinWait)).isEqualTo(BURST);
    }
  }

  /** Never there in the burst, always there after the first yield: the partner is on our core. */
  @Test
  void burstIsCutShortWhereThePartnerNeedsOurCore() {
    learnThatPartnersAreTogether();
    assertThat(burstOf(spinWait)).isEqualTo(SHORT_BURST);
  }

  @Test
  void partnerThatAnswersDuringABurstIsNotOnOurCore() {
    for (int i = 0; i < 10 * WAITS_TO_LEARN; i++) {
      assertThat(burstOf(spinWait)).isEqualTo(BURST);
      assertThat(await(spinWait, BURST / 2)).isTrue();
    }
  }

  @Test
  void newWaitStartsWithWhatOthersHaveLearnt() {
    learnThatPartnersAreTogether();
    assertThat(burstOf(waiting())).isEqualTo(SHORT_BURST);
  }

  @Test
  void fullBurstsGrowRareWhileThePartnerStays() {
    learnThatPartnersAreTogether();
    int full = 0;
    for (int i = 0; i < 10_000; i++) {
      full += burstOf(spinWait) == BURST ? 1 : 0;
    }
    assertThat(full).isBetween(10, 30);
  }

  @Test
  void fullBurstFindsOutThatThePartnerHasMovedAway() {
    learnThatPartnersAreTogether();
    int waits = 0;
    while (waits < 1000 && !(await(spinWait, SHORT_BURST + 10) && !clock.asked)) {
      waits++;
    }
    assertThat(waits).isBetween(1, 999);
    assertThat(burstOf(spinWait)).isEqualTo(BURST);
    assertThat(burstOf(waiting())).isEqualTo(BURST);
  }

  /**
   * A yield that takes long means that others want the core: no yielding for eight times as long.
   */
  @Test
  void yieldThatTakesLongStopsTheYieldingForAWhile() {
    long others = TimeUnit.MILLISECONDS.toNanos(4);
    looks = 0;
    assertThat(spinWait.await(() -> looksWhileOthersRun(others))).isFalse();
    assertThat(looks).isEqualTo(BURST + 1);

    assertThat(looksInVain(spinWait)).isEqualTo(BURST);
    clock.now += 8 * others - 10 * YIELD_NANOS;
    assertThat(looksInVain(spinWait)).isEqualTo(BURST);
    clock.now += 20 * YIELD_NANOS;
    assertThat(looksInVain(spinWait)).isGreaterThan(BURST);
  }

  /** A machine that stays busy loses less and less to yields. */
  @Test
  void eachLongYieldAfterARestDoublesTheNextRest() {
    long others = TimeUnit.MILLISECONDS.toNanos(4);
    for (int factor = 8; factor <= 128; factor *= 2) {
      looks = 0;
      assertThat(spinWait.await(() -> looksWhileOthersRun(others))).isFalse();
      clock.now += Math.min(factor, 64) * others - others / 2;
      assertThat(looksInVain(spinWait)).isLessThanOrEqualTo(BURST);
      clock.now += others;
    }
    for (int i = 0; i < 10; i++) { // yields that end in time
      burstOf(spinWait);
    }
    spinWait.await(() -> looksWhileOthersRun(others));
    clock.now += 9 * others;
    assertThat(looksInVain(spinWait)).isGreaterThan(BURST);
  }

  /** While others have the cores, the partner answers in no burst: each would be lost time. */
  @Test
  void burstIsCutShortWhileOthersWantTheCores() {
    looks = 0;
    spinWait.await(() -> looksWhileOthersRun(TimeUnit.SECONDS.toNanos(1)));
    for (int i = 0; i < WAITS_TO_LEARN; i++) {
      assertThat(looksInVain(spinWait)).isEqualTo(BURST);
    }
    assertThat(looksInVain(spinWait)).isEqualTo(SHORT_BURST);
    assertThat(looksInVain(waiting()))
        .as("a new wait has learnt it, and yields")
        .isEqualTo(SHORT_BURST + (int) (BUDGET_NANOS / YIELD_NANOS));
  }

  private boolean looksWhileOthersRun(long nanos) {
    if (++looks > BURST) {
      clock.now += nanos;
    }
    return false;
  }

  @Test
  void eventThatCameDuringALongYieldIsNotMissed() {
    looks = 0;
    assertThat(spinWait.await(this::looksAfterALongYield)).isTrue();
  }

  private boolean looksAfterALongYield() {
    if (++looks <= BURST) {
      return false;
    }
    clock.now += TimeUnit.MILLISECONDS.toNanos(1);
    return true;
  }
}
