package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random schedules of writes over a link whose settings change: a channel reads each byte from its
 * nanosecond on that the oracle says, and not before. As {@link ModelTest}, with all that is
 * between the model and a program.
 */
@Tag("stress")
@Timeout(300)
class ChannelModelTest {
  private static final int SCHEDULES = Rounds.of("test.channelModel.schedules", 100, 10_000);
  private static final int STEPS = 40;
  private static final int PORT = 5432;
  private static final long FIRST_RETRANSMISSION_NANOS = 200_000_000;

  /** What the link does for now. */
  private record Settings(Latency latency, double loss, long rate) {
    static Settings random(Random random) {
      return new Settings(
          latency(random),
          random.nextInt(3) == 0 ? random.nextDouble() / 2 : 0,
          random.nextBoolean() ? 0 : 1_000 + random.nextInt(200_000));
    }

    private static Latency latency(Random random) {
      Duration some = Duration.ofNanos(random.nextInt(5_000_000));
      return switch (random.nextInt(6)) {
        case 0 -> Latency.none();
        case 1 -> Latency.constant(some);
        case 2 -> Latency.uniform(some, some.plusNanos(random.nextInt(5_000_000)));
        case 3 -> Latency.normal(some, some.dividedBy(2));
        case 4 -> Latency.exponential(some);
        default -> Latency.pareto(some, 1.5 + random.nextDouble());
      };
    }

    void set(Link link) {
      link.latency(latency).loss(loss);
      link.bandwidth(rate == 0 ? Bandwidth.unlimited() : Bandwidth.bytesPerSecond(rate));
    }

    /** At most a hundred pieces in a second, and none larger than a segment. */
    int piece(int segment) {
      if (rate == 0) {
        return Integer.MAX_VALUE;
      }
      long nanosOfSegment = (segment * 1_000_000_000L + rate - 1) / rate;
      long hundredths = nanosOfSegment * 100 / 1_000_000_000L;
      return hundredths <= 1 ? segment : (int) Math.max(1, segment / hundredths);
    }

    /** How late each segment of the first connection from the client to the server is. */
    LongUnaryOperator lateness(long seed) {
      long hash = Draws.mix(Draws.mix(Draws.mix(seed, "client"), "server"), PORT);
      long key = Draws.mix(hash, 1);
      return k -> {
        long sum = latency.nanosOf(Draws.mix(Draws.mix(Draws.mix(key, "latency0"), "up"), k));
        long draw = Draws.mix(Draws.mix(Draws.mix(key, "loss0"), "up"), k);
        for (int i = 0; i < 8 && (draw >>> 11) * 0x1.0p-53 < loss; i++) {
          sum += FIRST_RETRANSMISSION_NANOS << i;
          draw = Draws.mix(draw, i);
        }
        return sum;
      };
    }
  }

  @Test
  void eachByteIsReadWhenTheOracleSays() throws Exception {
    for (long seed = 1; seed <= SCHEDULES; seed++) {
      new Schedule(seed).run();
    }
  }

  /** One schedule. */
  private static final class Schedule {
    private final long seed;
    private final Random random;
    private final int segment;
    private final List<Long> expected = new ArrayList<>();
    private Oracle oracle;
    private int read;

    Schedule(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.segment = 1 + random.nextInt(300);
    }

    void run() throws IOException {
      try (Simulation sim =
          Simulation.open(
              SimulationConfig.builder()
                  .seed(seed)
                  .virtualTime(true)
                  .advanceWhenIdle(false)
                  .segmentBytes(segment)
                  .build())) {
        boolean ipv6 = random.nextBoolean();
        RingHost client = ipv6 ? sim.host("client", "fd00::1") : sim.host("client");
        RingHost server = ipv6 ? sim.host("server", "fd00::2") : sim.host("server");
        Link link = sim.link(client, server).toward(server);
        try (SimPair pair = SimPair.connect(sim, client, server, PORT)) {
          change(link);
          for (int i = 0; i < STEPS; i++) {
            step(sim, link, pair);
            check(sim, pair);
          }
          while (read < expected.size()) {
            long next = expected.get(read);
            advanceTo(next - 1, sim);
            check(sim, pair);
            advanceTo(next, sim);
            check(sim, pair);
          }
          assertThat(sim.pendingEvents()).isZero();
        }
      }
    }

    private void step(Simulation sim, Link link, SimPair pair) throws IOException {
      int choice = random.nextInt(10);
      if (choice < 5) {
        int count = 1 + random.nextInt(600);
        assertThat(pair.client().write(ByteBuffer.allocate(count))).isEqualTo(count);
        for (long at : oracle.write(sim.elapsed().toNanos(), count)) {
          expected.add(at);
        }
      } else if (choice < 6) {
        change(link);
      } else {
        sim.advance(Duration.ofNanos(random.nextInt(20_000_000)));
      }
    }

    private void change(Link link) {
      Settings settings = Settings.random(random);
      settings.set(link);
      Oracle before = oracle;
      oracle =
          new Oracle(
              settings.rate, settings.piece(segment), segment, settings.lateness(seed), before);
    }

    private static void advanceTo(long nanos, Simulation sim) {
      sim.advance(Duration.ofNanos(Math.max(0, nanos - sim.elapsed().toNanos())));
    }

    /** What is there to be read is what has arrived. */
    private void check(Simulation sim, SimPair pair) throws IOException {
      long now = sim.elapsed().toNanos();
      int arrived = read;
      while (arrived < expected.size() && expected.get(arrived) <= now) {
        arrived++;
      }
      ByteBuffer bytes = ByteBuffer.allocate(4096);
      for (int n = 1; n > 0; read += n) {
        n = pair.server().read(bytes.clear());
      }
      assertThat(read).as("seed %d, after %d ns", seed, now).isEqualTo(arrived);
    }
  }
}
