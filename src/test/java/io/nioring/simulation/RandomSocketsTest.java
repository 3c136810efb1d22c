package io.nioring.simulation;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sockets of each kind and of both families, each with a thread that writes and one that reads,
 * under random faults: every stream is whole, nobody waits for ever, and nothing is left. As {@link
 * RandomOperationsTest}, with threads that wait.
 */
@Tag("stress")
@Timeout(300)
class RandomSocketsTest {
  private static final int FAULTS = Rounds.of("test.randomSockets.faults", 100, 5_000);
  private static final int PAIRS = 6;
  private static final Duration LONGEST = ofSeconds(60);

  /** Whether the writers are to end. */
  private volatile boolean over;

  /** One way of a connection, whose bytes are a function of their place. */
  private final class OneWay {
    private final Background<Long> writer;
    private final Background<Long> reader;

    OneWay(SocketEnd from, SocketEnd to, long seed) {
      writer = Background.run(() -> write(from, new Random(seed)));
      reader = Background.run(() -> read(to, new Random(~seed)));
    }

    private long write(SocketEnd to, Random random) throws Exception {
      long written = 0;
      while (!over) {
        byte[] bytes = new byte[1 + random.nextInt(5_000)];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ((written + i) * 31);
        }
        to.write(ByteBuffer.wrap(bytes));
        written += bytes.length;
      }
      to.finish();
      return written;
    }

    private long read(SocketEnd from, Random random) throws Exception {
      ByteBuffer bytes = ByteBuffer.allocate(5_000);
      long read = 0;
      while (from.read(bytes.clear().limit(1 + random.nextInt(5_000))) >= 0) {
        for (bytes.flip(); bytes.hasRemaining(); read++) {
          assertThat(bytes.get()).isEqualTo((byte) (read * 31));
        }
      }
      return read;
    }

    boolean isDone() {
      return reader.isDone() && writer.isDone();
    }
  }

  @ParameterizedTest
  @EnumSource
  void streamsAreWholeWhateverHappens(SocketKind kind) throws Exception {
    long seed = Long.getLong("test.seed", kind.name().length());
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder()
                .seed(seed)
                .virtualTime(true)
                .advanceWhenIdle(false)
                .giveUp(Duration.ofDays(300))
                .build())) {
      List<RingHost> hosts =
          Stream.of(1, 2, 3).map(i -> sim.host("h" + i, "10.1.0." + i, "fd00::" + i)).toList();
      List<SocketEnd> ends = new ArrayList<>();
      List<OneWay> ways = new ArrayList<>();
      for (int i = 0; i < PAIRS; i++) {
        RingHost server = hosts.get((i + 1) % 3);
        List<SocketEnd> pair = kind.pair(hosts.get(i % 3), server, server.addresses().get(i / 3));
        ends.addAll(pair);
        ways.add(new OneWay(pair.get(0), pair.get(1), seed + i));
        ways.add(new OneWay(pair.get(1), pair.get(0), seed - i));
      }
      disturb(sim, hosts, new Random(seed));
      heal(sim, hosts);
      over = true;
      awaitAll(sim, ways);
      for (OneWay each : ways) {
        assertThat(each.reader.result(LONGEST)).isEqualTo(each.writer.result(LONGEST));
      }
      closeAll(ends);
      assertThat(sim.connections()).isZero();
      assertThat(sim.pendingEvents()).isZero();
      assertThat(sim.network().statistics().openChannels()).isZero();
      assertThat(sim.network().statistics().memoryInUseBytes()).isZero();
    }
  }

  private static void disturb(Simulation sim, List<RingHost> hosts, Random random) {
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < FAULTS; i++) {
      RandomOperationsTest.disturb(sim, hosts, faults, random);
      sim.advance(Duration.ofNanos(random.nextInt(20_000_000)));
    }
  }

  private static void heal(Simulation sim, List<RingHost> hosts) {
    sim.heal();
    hosts.forEach(RingHost::resume);
    hosts.forEach(a -> hosts.forEach(b -> sim.link(a, b).restore()));
  }

  private static void awaitAll(Simulation sim, List<OneWay> ways) {
    Deadline deadline = Deadline.start();
    while (!ways.stream().allMatch(OneWay::isDone) && !deadline.passed()) {
      sim.advance(ofSeconds(10));
    }
  }

  private static void closeAll(List<SocketEnd> ends) throws IOException {
    for (SocketEnd each : ends) {
      each.close();
    }
  }
}
