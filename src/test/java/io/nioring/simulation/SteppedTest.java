package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Selector programs that are stepped by the seed. */
@Tag("stress")
@Timeout(180)
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
}
