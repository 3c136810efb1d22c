package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A delay occupies no thread: an event loop with a slow connection serves the others as ever. */
@Tag("stress")
@Timeout(180)
class EventLoopTest {
  private static final int CONNECTIONS = 1_000;
  private static final int ROUND_TRIPS = 4_000;
  private static final int SLOW_MILLIS = 500;

  /** A sleep in the loop would be ten times as long; a quiet machine keeps 5. */
  private static final int LIMIT_MILLIS = Rounds.of("test.eventLoop.limitMillis", 50, 5);

  private static void echo(Selector selector) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(64);
    while (selector.isOpen()) {
      selector.select(
          key -> {
            try {
              SocketChannel channel = (SocketChannel) key.channel();
              if (channel.read(bytes.clear()) < 0) {
                channel.close();
              } else {
                channel.write(bytes.flip());
              }
            } catch (IOException e) {
              key.cancel();
            }
          });
    }
  }

  @Test
  void aSlowConnectionDelaysNoOther() throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost client = sim.host("client");
      RingHost server = sim.host("server");
      sim.faults()
          .to(server, 80)
          .connection(1)
          .latency(Latency.constant(ofMillis(SLOW_MILLIS)))
          .install();
      List<SocketChannel> clients = new ArrayList<>();
      Selector selector = server.provider().openSelector();
      try (ServerSocketChannel listener = SimPair.listen(server, 80)) {
        for (int i = 0; i <= CONNECTIONS; i++) {
          SocketChannel channel = client.provider().openSocketChannel();
          channel.connect(listener.getLocalAddress());
          clients.add(channel);
          listener.accept().configureBlocking(false).register(selector, SelectionKey.OP_READ);
        }
      }
      Background<Object> loop =
          Background.run(
              () -> {
                echo(selector);
                return null;
              });
      SocketChannel slow = clients.remove(0);
      slow.configureBlocking(false);
      long[] nanos = new long[ROUND_TRIPS];
      int answersOfSlow = 0;
      ByteBuffer one = ByteBuffer.allocate(1);
      for (int i = 0; i < ROUND_TRIPS || answersOfSlow < 2; i++) {
        slow.write(one.clear());
        answersOfSlow += Math.max(0, slow.read(ByteBuffer.allocate(1)));
        SocketChannel channel = clients.get(i % CONNECTIONS);
        long begin = System.nanoTime();
        channel.write(one.clear());
        channel.read(one.clear());
        nanos[i % ROUND_TRIPS] = System.nanoTime() - begin;
      }
      Arrays.sort(nanos);
      long p99 = nanos[ROUND_TRIPS * 99 / 100];
      if (Rounds.areMany()) {
        System.out.printf("p50 %d ns, p99 %d ns%n", nanos[ROUND_TRIPS / 2], p99);
      }
      assertThat(TimeUnit.NANOSECONDS.toMillis(p99)).isLessThan(LIMIT_MILLIS);
      selector.close();
      loop.awaitDone();
    }
  }
}
