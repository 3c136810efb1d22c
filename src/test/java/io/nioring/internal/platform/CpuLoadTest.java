package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CpuLoadTest {
  private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long FIRST_SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(60);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now = Long.MAX_VALUE - SECOND; // it overflows soon
  private long all;
  private long own;
  private int reads;
  private boolean isReadable = true;
  private final CpuLoad load = new CpuLoad(this::read, () -> now, 2);

  private long[] read() {
    reads++;
    return isReadable ? new long[] {all, own} : null;
  }

  /** Lets a sample's time pass, in which others use a share of one processor in percent. */
  private boolean afterSampleWith(int percentOfOthers) {
    return afterSampleWith(load, percentOfOthers);
  }

  private boolean afterSampleWith(CpuLoad asked, int percentOfOthers) {
    return after(SAMPLE_NANOS, asked, percentOfOthers);
  }

  private boolean after(long nanos, CpuLoad asked, int percentOfOthers) {
    now += nanos;
    own += 2 * nanos;
    all += 2 * nanos + nanos * percentOfOthers / 100;
    return asked.getAsBoolean();
  }

  private int samplesUntilOwn() {
    int samples = 1;
    while (!afterSampleWith(0)) {
      samples++;
      assertThat(samples).isLessThan(1000);
    }
    return samples;
  }

  @Test
  void isNotOwnBeforeTwoSamples() {
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(reads).isEqualTo(1);
    assertThat(afterSampleWith(0)).isTrue();
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void readsTheCountersOnceASample() {
    samplesUntilOwn();
    int before = reads;
    for (int i = 0; i < 1000; i++) {
      load.getAsBoolean();
    }
    assertThat(reads).isEqualTo(before);
  }

  @Test
  void toleratesWhatRunsForAMoment() {
    samplesUntilOwn();
    assertThat(afterSampleWith(49)).isTrue();
    assertThat(afterSampleWith(50)).isFalse();
  }

  @Test
  void toleratesMoreOnALargeMachine() {
    CpuLoad large = new CpuLoad(this::read, () -> now, 64);
    assertThat(large.getAsBoolean()).isFalse();
    assertThat(afterSampleWith(large, 0)).isTrue();
    assertThat(afterSampleWith(large, 99)).isTrue();
    assertThat(afterSampleWith(large, 100)).isFalse();
  }

  @Test
  void isCautiousForASecondAfterOthersWereSeenAndLongerWhenTheyComeBack() {
    samplesUntilOwn();
    int expected = 4;
    for (int i = 0; i < 6; i++) {
      assertThat(afterSampleWith(100)).isFalse();
      assertThat(samplesUntilOwn()).isEqualTo(expected);
      expected = Math.min(32, 2 * expected);
    }
  }

  @Test
  void becomesLessCautiousWhileNobodyComesBack() {
    samplesUntilOwn();
    for (int i = 0; i < 4; i++) {
      afterSampleWith(100);
      samplesUntilOwn();
    }
    for (int i = 0; i < 32; i++) {
      assertThat(afterSampleWith(0)).isTrue();
    }
    assertThat(afterSampleWith(100)).isFalse();
    assertThat(samplesUntilOwn()).isEqualTo(4);
  }

  @Test
  void isNotOwnWhileTheCountersCannotBeRead() {
    samplesUntilOwn();
    isReadable = false;
    assertThat(afterSampleWith(0)).isFalse();
    isReadable = true;
    assertThat(afterSampleWith(0)).as("a first sample").isFalse();
    assertThat(afterSampleWith(0)).isTrue();
  }

  @Test
  void aPauseReportsNothing() {
    samplesUntilOwn();
    now += SECOND + 1;
    all += 2 * SECOND; // others, while nobody here asked
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(afterSampleWith(0)).as("no caution for what is over").isTrue();
  }

  @Test
  void theFirstSampleAfterAPauseIsShort() {
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(after(FIRST_SAMPLE_NANOS - 1, load, 0)).isFalse();
    assertThat(after(1, load, 0)).isTrue();

    now += SECOND + 1;
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(after(FIRST_SAMPLE_NANOS, load, 0)).isTrue();
    assertThat(after(FIRST_SAMPLE_NANOS, load, 100)).as("of a whole sample").isTrue();
  }

  @Test
  void othersInAShortSampleAreLookedForAgain() {
    assertThat(load.getAsBoolean()).isFalse();
    assertThat(after(FIRST_SAMPLE_NANOS, load, 100)).isFalse();
    assertThat(after(SAMPLE_NANOS - 1, load, 0)).isFalse();
    assertThat(after(1, load, 0)).as("without caution").isTrue();
  }

  @Test
  void aShortSampleDoesNotEndCaution() {
    samplesUntilOwn();
    assertThat(afterSampleWith(100)).isFalse();
    isReadable = false;
    afterSampleWith(0);
    isReadable = true;
    assertThat(after(FIRST_SAMPLE_NANOS, load, 0)).isFalse();
    assertThat(after(FIRST_SAMPLE_NANOS, load, 0)).isFalse();
    assertThat(afterSampleWith(0)).isFalse();
    assertThat(samplesUntilOwn()).isLessThan(4);
  }

  @Test
  void readsTheTimesOfProcesses() {
    assertThat(ProcessorTimes.ofAll("cpu  10 20 30 4000 500 6 7 8 0 0\ncpu0 1 2 3\n"))
        .isEqualTo(60);
    assertThat(
            ProcessorTimes.ofThis(
                "42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 111 22 0 0 20 0 1 0 100 200 300"))
        .isEqualTo(133);
  }

  @Test
  void thisProcessUsesNoMoreThanAll() {
    long[] times = new ProcessorTimes().read();
    assertThat(times).isNotNull();
    assertThat(times[1]).isBetween(1L, times[0]);
  }
}
