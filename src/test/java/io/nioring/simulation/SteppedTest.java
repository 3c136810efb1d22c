package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selector programs that are stepped by the seed, and connections that are probed. */
@Tag("stress")
@Timeout(60)
class SteppedTest {
  private static final int CLIENTS = 5;
  private static final int ROUNDS = 10;
  private static final int RUNS = Rounds.of("test.stepped.runs", 5, 100);
  private static final int SEEDS = Rounds.of("test.stepped.seeds", 10, 100);

  /** Something that may fail in a step. */
  private interface Step {
    boolean run() throws IOException;
  }

  private static boolean unchecked(Step step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theSameSeedGivesTheSameEvents() throws Exception {
    List<String> first = eventsOf(1);
    assertThat(first).hasSize(CLIENTS * ROUNDS * 2);
    for (int i = 0; i < RUNS; i++) {
      assertThat(eventsOf(1)).isEqualTo(first);
    }
    Set<List<String>> all = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      all.add(eventsOf(seed));
    }
    assertThat(all).hasSize(SEEDS);
  }

  private static List<String> eventsOf(long seed) throws Exception {
    List<String> events = new ArrayList<>();
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder()
                .seed(seed)
                .virtualTime(true)
                .advanceWhenIdle(false)
                .build())) {
      RingHost server = sim.host("server");
      ServerSocketChannel listener = SimPair.listen(server, 80);
      listener.configureBlocking(false);
      Selector selector = server.provider().openSelector();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      server.loop(
          () -> unchecked(() -> selector.selectNow(key -> serve(sim, key, selector, events)) > 0));
      for (int i = 0; i < CLIENTS; i++) {
        RingHost client = sim.host("client" + i);
        sim.link(client, server).latency(Latency.uniform(ofMillis(1), ofMillis(9))).loss(0.1);
        SocketChannel channel = client.provider().openSocketChannel();
        channel.configureBlocking(false);
        channel.connect(listener.getLocalAddress());
        client.loop(new Client(sim, client, channel, events)::step);
      }
      sim.run(ofSeconds(100));
    }
    return events;
  }

  private static void serve(Simulation sim, SelectionKey key, Selector selector, List<String> to) {
    unchecked(
        () -> {
          if (key.isAcceptable()) {
            SocketChannel accepted = ((ServerSocketChannel) key.channel()).accept();
            accepted.configureBlocking(false);
            accepted.register(selector, SelectionKey.OP_READ);
            return true;
          }
          ByteBuffer bytes = ByteBuffer.allocate(100);
          SocketChannel channel = (SocketChannel) key.channel();
          if (channel.read(bytes) < 0) {
            key.cancel();
          }
          if (bytes.flip().hasRemaining()) {
            to.add("server " + bytes.remaining() + " at " + sim.elapsed());
            channel.write(bytes);
          }
          return true;
        });
  }

  /** Sends a byte when the one before has come back. */
  private static final class Client {
    private final Simulation sim;
    private final RingHost host;
    private final SocketChannel channel;
    private final List<String> events;
    private int sent;
    private int received;

    Client(Simulation sim, RingHost host, SocketChannel channel, List<String> events) {
      this.sim = sim;
      this.host = host;
      this.channel = channel;
      this.events = events;
    }

    boolean step() {
      return unchecked(
          () -> {
            if (!channel.isOpen()) {
              return false;
            }
            if (!channel.isConnected()) {
              return channel.finishConnect();
            }
            int count = channel.read(ByteBuffer.allocate(10));
            if (count > 0) {
              received += count;
              events.add(host.name() + " at " + sim.elapsed());
            }
            if (received == ROUNDS) {
              channel.close();
              return true;
            }
            if (sent == received) {
              sent += channel.write(ByteBuffer.allocate(1));
              return true;
            }
            return count > 0;
          });
    }
  }

  @Test
  void whoAsksForSignsOfLifeIsToldThatThereAreNone() throws Exception {
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build())) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      SimPair pair = SimPair.connect(sim, a, b, 80);
      SimPair careless = SimPair.connect(sim, a, b, 80);
      probe(pair.client());
      b.crash();
      sim.advance(ofSeconds(90).minusNanos(1));
      assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
      sim.advance(Duration.ofNanos(1));
      Assertions.assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("Connection timed out");
      assertThat(careless.client().read(ByteBuffer.allocate(1))).isZero();
    }
  }

  /** It is off and on again before it is given up: the next probe meets nobody. */
  @ParameterizedTest
  @CsvSource({"30, 60", "65, 70"})
  void whoAsksForSignsOfLifeIsResetByAHostThatIsUpAgain(int upAfter, int probedAfter)
      throws Exception {
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build())) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      SimPair pair = SimPair.connect(sim, a, b, 80);
      SimPair careless = SimPair.connect(sim, a, b, 80);
      probe(pair.client());
      b.crash();
      sim.advance(ofSeconds(upAfter));
      b.restart();
      sim.advance(ofSeconds(probedAfter - upAfter).minusNanos(1));
      assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
      sim.advance(Duration.ofNanos(1));
      Assertions.assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertThat(careless.client().read(ByteBuffer.allocate(1))).isZero();
    }
  }

  /** Asks for a probe after a minute, and for one in each ten seconds then, three in all. */
  private static void probe(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 60);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
  }
}
