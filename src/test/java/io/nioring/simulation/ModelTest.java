package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** The model against an oracle that shares no code with it: every byte, to the nanosecond. */
class ModelTest {
  private static final int SCHEDULES = 10_000;

  /** Draws as the connections do. */
  private static final class Bits implements Transit.Chance {
    private final long seed;

    Bits(long seed) {
      this.seed = seed;
    }

    @Override
    public long bits(String rule, long k) {
      return Draws.mix(Draws.mix(seed, rule), k);
    }

    @Override
    public void decided(Conditions of, long k, long nanos) {
      // Nobody reads it here.
    }
  }

  @Test
  void everyByteArrivesWhenTheOracleSaysIt() {
    for (int schedule = 0; schedule < SCHEDULES; schedule++) {
      check(new Random(schedule), new Bits(schedule), schedule);
    }
  }

  private static void check(Random random, Bits bits, int schedule) {
    int segment = 1 + random.nextInt(100);
    long rate = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(100_000);
    double loss = random.nextInt(3) == 0 ? random.nextDouble() / 2 : 0;
    long least = random.nextInt(20_000_000);
    long span = random.nextInt(3) == 0 ? 0 : random.nextInt(20_000_000);
    Conditions conditions = new Conditions();
    conditions.loss = loss;
    conditions.latency =
        span == 0
            ? Latency.constant(Duration.ofNanos(least))
            : Latency.uniform(Duration.ofNanos(least), Duration.ofNanos(least + span));
    if (rate > 0) {
      conditions.bandwidth(Bandwidth.bytesPerSecond(rate));
    }
    Transit transit = new Transit(segment, bits);
    transit.under(List.of(conditions));
    Oracle oracle = new Oracle(rate, piece(rate, segment), segment, late(bits, loss, least, span));
    long now = 0;
    long offset = 0;
    List<Long> expected = new ArrayList<>();
    for (int write = 0; write < 10; write++) {
      now += random.nextInt(10_000_000);
      int count = 1 + random.nextInt(300);
      for (long at : oracle.write(now, count)) {
        expected.add(at);
      }
      transit.addBytes(offset, offset + count, now);
      offset += count;
    }
    assertThat(arrivals(transit)).as("schedule %d", schedule).isEqualTo(expected);
  }

  /** At most a hundred pieces in a second, and none larger than a segment. */
  private static int piece(long rate, int segment) {
    if (rate == 0) {
      return Integer.MAX_VALUE;
    }
    long nanosOfSegment = (segment * 1_000_000_000L + rate - 1) / rate;
    long hundredths = nanosOfSegment * 100 / 1_000_000_000L;
    return hundredths <= 1 ? segment : (int) Math.max(1, segment / hundredths);
  }

  private static LongUnaryOperator late(Bits bits, double loss, long least, long span) {
    return k -> {
      long sum = 0;
      long draw = bits.bits("loss0", k);
      for (int i = 0; i < 8 && loss > 0 && (draw >>> 11) * 0x1.0p-53 < loss; i++) {
        sum += 200_000_000L << i;
        draw = Draws.mix(draw, i);
      }
      double unit = (bits.bits("latency0", k) >>> 11) * 0x1.0p-53;
      return sum + (span == 0 ? least : (long) (least + unit * span));
    };
  }

  private static List<Long> arrivals(Transit transit) {
    List<Long> all = new ArrayList<>();
    while (!transit.isEmpty()) {
      long at = transit.nextAt();
      Transit.Entry entry = transit.arriving(at);
      while (all.size() < entry.end()) {
        all.add(at);
      }
    }
    return all;
  }
}
