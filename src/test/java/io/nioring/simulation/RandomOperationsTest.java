package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations under random faults: every stream is whole, and nothing is left at the end. */
@Tag("stress")
@Timeout(120)
class RandomOperationsTest {
  private static final int OPERATIONS =
      Rounds.of("test.randomOperations.operations", 4_000, 1_000_000);

  /** One way of a connection, whose bytes are a function of their place. */
  private static final class Stream {
    private final SocketChannel from;
    private final SocketChannel to;
    private long written;
    private long read;

    Stream(SocketChannel from, SocketChannel to) {
      this.from = from;
      this.to = to;
    }

    void write(int count) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      for (int i = 0; i < count; i++) {
        bytes.put((byte) ((written + i) * 31));
      }
      written += from.write(bytes.flip());
    }

    void read(int most) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(most);
      to.read(bytes);
      for (bytes.flip(); bytes.hasRemaining(); read++) {
        assertThat(bytes.get()).isEqualTo((byte) (read * 31));
      }
    }

    void drain() throws IOException {
      long before;
      do {
        before = read;
        read(1 << 16);
      } while (read > before);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void streamsAreWholeWhateverHappens(long seed) throws Exception {
    Random random = new Random(seed);
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder()
                .seed(seed)
                .virtualTime(true)
                .advanceWhenIdle(false)
                .giveUp(Duration.ofDays(300))
                .build())) {
      List<RingHost> hosts = List.of(sim.host("a"), sim.host("b"), sim.host("c"));
      List<SimPair> pairs = new ArrayList<>();
      List<Stream> streams = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        SimPair pair =
            SimPair.connect(sim, hosts.get(i % 3), hosts.get((i + 1 + i / 6) % 3), 100 + i);
        pairs.add(pair);
        streams.add(new Stream(pair.client(), pair.server()));
        streams.add(new Stream(pair.server(), pair.client()));
      }
      List<Fault> faults = new ArrayList<>();
      for (int i = 0; i < OPERATIONS; i++) {
        Stream stream = streams.get(random.nextInt(streams.size()));
        int choice = random.nextInt(100);
        if (choice < 40) {
          stream.write(1 + random.nextInt(5000));
        } else if (choice < 80) {
          stream.read(1 + random.nextInt(5000));
        } else if (choice < 90) {
          sim.advance(Duration.ofNanos(random.nextInt(20_000_000)));
        } else {
          disturb(sim, hosts, faults, random);
        }
      }
      sim.heal();
      hosts.forEach(RingHost::resume);
      for (int i = 0; i < 200; i++) {
        sim.advance(ofSeconds(10));
        for (Stream each : streams) {
          each.drain();
        }
      }
      assertThat(streams).allMatch(each -> each.read == each.written);
      for (SimPair each : pairs) {
        each.close();
      }
      assertThat(sim.connections()).isZero();
      assertThat(sim.pendingEvents()).isZero();
      assertThat(sim.network().statistics().openChannels()).isZero();
      assertThat(sim.network().statistics().memoryInUseBytes()).isZero();
    }
  }

  /** Does something to the links, or takes it back. */
  static void disturb(Simulation sim, List<RingHost> hosts, List<Fault> faults, Random random) {
    RingHost a = hosts.get(random.nextInt(3));
    RingHost b = hosts.get(random.nextInt(3));
    Link link = sim.link(a, b).toward(b);
    switch (random.nextInt(12)) {
      case 0 -> link.latency(Latency.uniform(ofMillis(1), ofMillis(1 + random.nextInt(50))));
      case 1 -> link.latency(Latency.none());
      case 2 -> link.bandwidth(Bandwidth.kibPerSecond(1 + random.nextInt(5000)));
      case 3 -> link.bandwidth(Bandwidth.unlimited());
      case 4 -> link.loss(random.nextDouble() / 4);
      case 5 ->
          link.sliceReads(1 + random.nextInt(2000), 0).sliceWrites(1 + random.nextInt(2000), 0);
      case 6 -> link.restore();
      case 7 -> faults.add(sim.partitionOneWay(a, b));
      case 8 -> faults.add(sim.isolate(a));
      case 9 -> link.hold().deliver(random.nextInt(10_000));
      case 10 -> {
        a.pause();
        b.resume();
      }
      default -> {
        faults.forEach(Fault::close);
        faults.clear();
        link.release();
      }
    }
  }
}
