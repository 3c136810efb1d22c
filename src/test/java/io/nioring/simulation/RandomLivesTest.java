package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections that come and go under random faults: refused, reset, half-open, their hosts killed,
 * crashed and restarted. What was read is what was written, as far as it came; a stream that ends
 * in order is whole; and nothing is left.
 */
@Tag("stress")
@Timeout(300)
class RandomLivesTest {
  private static final int OPERATIONS = Rounds.of("test.randomLives.operations", 4_000, 1_000_000);
  private static final int HOSTS = 4;
  private static final int PORT = 80;
  private static final int MOST_CONNECTIONS = 40;
  private static final int MOST_BYTES = 5_000;

  /** One end of a connection, which writes its number, and then what that and the place say. */
  private static final class End {
    private final SocketChannel channel;
    private final int number;
    private final Map<Integer, End> all;
    private int peersNumber;

    /** Who writes what it reads, known when the number has come. */
    private End peer;

    private long written;
    private long read;
    private boolean finished;
    private boolean failed;

    End(SocketChannel channel, Map<Integer, End> all) {
      this.channel = channel;
      this.number = all.size() + 1;
      this.all = all;
      all.put(number, this);
    }

    /** Whether it can be used: it is open, connected, and has met no failure. */
    boolean isUsable() {
      return !failed && channel.isOpen() && channel.isConnected();
    }

    private byte at(long offset) {
      return offset < Integer.BYTES
          ? (byte) (number >> (8 * offset))
          : (byte) (offset * (31 + 2 * number));
    }

    void write(int count) {
      if (finished) {
        return;
      }
      ByteBuffer bytes = ByteBuffer.allocate(count);
      for (int i = 0; i < count; i++) {
        bytes.put(at(written + i));
      }
      try {
        written += channel.write(bytes.flip());
      } catch (IOException e) {
        failed = true;
      }
    }

    /** Reads once; whether it read anything. */
    boolean read(int most) {
      ByteBuffer bytes = ByteBuffer.allocate(most);
      int count;
      try {
        count = channel.read(bytes);
      } catch (IOException e) {
        failed = true;
        return false;
      }
      for (bytes.flip(); bytes.hasRemaining(); read++) {
        take(bytes.get());
      }
      if (count < 0 && peer != null) {
        assertThat(read).as("an end in order").isEqualTo(peer.written);
      }
      return count > 0;
    }

    private void take(byte next) {
      if (read < Integer.BYTES) {
        peersNumber |= (next & 0xFF) << (8 * read);
        peer = read == Integer.BYTES - 1 ? all.get(peersNumber) : null;
        assertThat(read < Integer.BYTES - 1 || peer != null).as("a number").isTrue();
      } else {
        assertThat(next).as("byte %d", read).isEqualTo(peer.at(read));
      }
    }

    void finish() {
      try {
        channel.shutdownOutput();
        finished = true;
      } catch (IOException e) {
        failed = true;
      }
    }

    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new AssertionError("a close does not fail", e);
      }
    }
  }

  /** The world of one run. */
  private static final class Run {
    private final Simulation sim;
    private final Random random;
    private final List<RingHost> hosts = new ArrayList<>();
    private final Map<RingHost, ServerSocketChannel> listeners = new HashMap<>();
    private final List<End> ends = new ArrayList<>();
    private final Map<Integer, End> numbered = new HashMap<>();

    private final List<Fault> faults = new ArrayList<>();
    private int connected;
    private int failures;
    private long bytes;

    Run(Simulation sim, long seed) throws IOException {
      this.sim = sim;
      this.random = new Random(seed);
      for (int i = 0; i < HOSTS; i++) {
        hosts.add(sim.host("host" + i));
        listen(hosts.get(i));
      }
    }

    private void listen(RingHost host) throws IOException {
      ServerSocketChannel listener = SimPair.listen(host, PORT);
      listener.configureBlocking(false);
      listeners.put(host, listener);
    }

    private RingHost anyHost() {
      return hosts.get(random.nextInt(HOSTS));
    }

    void operate() throws IOException {
      int choice = random.nextInt(1000);
      if (choice < 30) {
        connect();
      } else if (choice < 100) {
        accept(anyHost());
      } else if (choice < 130) {
        closeOne();
      } else if (choice < 200) {
        sim.advance(Duration.ofNanos(random.nextInt(50_000_000)));
      } else if (choice < 225) {
        disturb();
      } else if (choice < 228) {
        strike();
      } else if (!ends.isEmpty()) {
        End end = ends.get(random.nextInt(ends.size()));
        if (end.isUsable()) {
          use(end);
        }
      }
    }

    private void use(End end) {
      int choice = random.nextInt(100);
      if (choice < 49) {
        end.write(1 + random.nextInt(MOST_BYTES));
      } else if (choice < 98) {
        end.read(1 + random.nextInt(MOST_BYTES));
      } else {
        end.finish();
      }
    }

    private void connect() throws IOException {
      if (ends.size() >= MOST_CONNECTIONS) {
        return;
      }
      RingHost from = anyHost();
      RingHost to = anyHost();
      SocketChannel channel = from.provider().openSocketChannel();
      channel.configureBlocking(false);
      try {
        channel.connect(new InetSocketAddress(to.address(), PORT));
        ends.add(new End(channel, numbered));
      } catch (IOException e) {
        failures++;
      }
    }

    private void accept(RingHost host) {
      try {
        SocketChannel channel = listeners.get(host).accept();
        if (channel == null) {
          return;
        }
        channel.configureBlocking(false);
        ends.add(new End(channel, numbered));
        connected++;
      } catch (IOException e) {
        failures++; // as a fault has it
      }
    }

    /** Looks at a connect; closes an end that is of no use, or any. */
    private void closeOne() {
      if (ends.isEmpty()) {
        return;
      }
      End end = ends.get(random.nextInt(ends.size()));
      if (end.channel.isConnectionPending()) {
        try {
          end.channel.finishConnect();
        } catch (IOException e) {
          end.failed = true;
          failures++;
        }
        return;
      }
      end.close();
      forget(end);
    }

    private void forget(End end) {
      bytes += end.read;
      ends.remove(end);
    }

    private void disturb() {
      RingHost a = anyHost();
      RingHost b = anyHost();
      Link link = sim.link(a, b).toward(b);
      FaultBuilder builder = sim.faults().from(a).to(b, PORT).probability(random.nextDouble());
      switch (random.nextInt(16)) {
        case 0 -> link.latency(Latency.uniform(ofMillis(1), ofMillis(1 + random.nextInt(50))));
        case 1 -> link.bandwidth(Bandwidth.kibPerSecond(10 + random.nextInt(5000)));
        case 2 -> link.loss(random.nextDouble() / 4);
        case 3 -> link.sliceReads(1 + random.nextInt(2000), 0).closeDelay(ofMillis(5));
        case 4 -> link.acceptDelay(ofMillis(3)).connectDelay(ofMillis(4));
        case 5 -> faults.add(sim.partitionOneWay(a, b));
        case 6 -> faults.add(sim.isolate(a));
        case 7 -> faults.add(sim.reject(a, b));
        case 8 -> faults.add(builder.refuse().install());
        case 9 -> faults.add(builder.blackHole().install());
        case 10 -> faults.add(builder.resetAfterBytes(random.nextInt(20_000)).install());
        case 11 -> faults.add(builder.resetAfter(ofMillis(random.nextInt(500))).install());
        case 12 -> faults.add(builder.halfOpen().install());
        case 13 -> faults.add(builder.acceptFails(1 + random.nextInt(3)).install());
        default -> {
          faults.forEach(Fault::close);
          faults.clear();
          link.restore();
        }
      }
    }

    /** Something happens to a host, or to all connections of a link. */
    private void strike() throws IOException {
      RingHost host = anyHost();
      switch (random.nextInt(4)) {
        case 0 -> sim.link(host, anyHost()).reset();
        case 1 -> {
          host.kill();
          listen(host);
        }
        case 2 -> {
          host.crash();
          sim.advance(ofMillis(random.nextInt(3000)));
          host.restart();
          listen(host);
        }
        default -> {
          host.pause();
          sim.advance(ofMillis(random.nextInt(100)));
          host.resume();
        }
      }
    }

    /** All is healed, all connects are decided and accepted, and all bytes arrive. */
    void settle() throws IOException {
      sim.heal();
      faults.clear();
      for (RingHost a : hosts) {
        hosts.forEach(b -> sim.link(a, b).restore());
      }
      boolean goesOn = true;
      for (int i = 0; i < 1000 && goesOn; i++) {
        sim.advance(ofSeconds(10));
        for (RingHost each : hosts) {
          accept(each);
        }
        goesOn = i < 20;
        for (End each : new ArrayList<>(ends)) {
          goesOn |= each.isUsable() && each.read(1 << 16);
        }
      }
      for (End each : ends) {
        if (each.isUsable() && each.peer != null && each.peer.isUsable()) {
          assertThat(each.read).as("bytes of a connection that lives").isEqualTo(each.peer.written);
        }
      }
    }

    void end() throws IOException {
      new ArrayList<>(ends)
          .forEach(
              each -> {
                each.close();
                forget(each);
              });
      for (ServerSocketChannel each : listeners.values()) {
        each.close();
      }
      sim.advance(ofSeconds(1000));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatWasReadIsWhatWasWritten(long seed) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    SimulationConfig config =
        SimulationConfig.builder()
            .seed(seed)
            .virtualTime(true)
            .advanceWhenIdle(false)
            .connectTimeout(ofSeconds(20))
            .giveUp(ofSeconds(60))
            .build();
    try (Simulation sim = Simulation.open(config)) {
      Run run = new Run(sim, seed);
      for (int i = 0; i < OPERATIONS; i++) {
        run.operate();
      }
      run.settle();
      run.end();
      assertThat(sim.connections()).isZero();
      assertThat(sim.pendingEvents()).isZero();
      assertThat(sim.network().statistics().openChannels()).isZero();
      assertThat(sim.network().statistics().memoryInUseBytes()).isZero();
      assertThat(run.connected).isPositive();
      assertThat(run.failures).isPositive();
      assertThat(run.bytes).isPositive();
      if (Rounds.areMany()) {
        System.out.printf(
            "seed %d: %d operations, %d connections, %d connects and accepts failed, %d bytes%n",
            seed, OPERATIONS, run.connected, run.failures, run.bytes);
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(each -> !before.contains(each))
        .noneMatch(each -> each.getName().startsWith("nioring-simulation"));
  }
}
