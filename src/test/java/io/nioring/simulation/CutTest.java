package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.Rounds;
import io.nioring.testkit.ThreadKind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A cut holds from the moment that its call returns, for all connections there are. */
@Tag("stress")
@Timeout(120)
class CutTest {
  private static final int CONNECTIONS = Rounds.of("test.cut.connections", 200, 1_000);
  private static final int PASSES = Rounds.of("test.cut.passes", 5_000, 500_000);
  private static final Duration LONGEST = Duration.ofSeconds(110);
  private static final int CUTS = Rounds.of("test.cut.cuts", 50, 1_000);

  @Test
  void noBytePassesAfterTheCallAndAllPassAfterTheHealing() throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      List<SimPair> pairs = new ArrayList<>();
      try (ServerSocketChannel listener = SimPair.listen(b, 80)) {
        for (int i = 0; i < CONNECTIONS; i++) {
          SocketChannel client = a.provider().openSocketChannel();
          client.connect(listener.getLocalAddress());
          client.configureBlocking(false);
          SocketChannel server = listener.accept();
          server.configureBlocking(false);
          pairs.add(new SimPair(client, server));
        }
      }
      AtomicBoolean stop = new AtomicBoolean();
      long[] written = new long[1];
      Thread writer =
          new Thread(
              () -> {
                ByteBuffer one = ByteBuffer.allocate(1);
                try {
                  while (!stop.get()) {
                    for (SimPair each : pairs) {
                      written[0] += each.client().write(one.clear());
                    }
                  }
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      writer.start();
      long read = 0;
      try {
        for (int cut = 0; cut < CUTS; cut++) {
          try (Fault fault = sim.partition(a, b)) {
            read += drain(pairs); // what had arrived before
            assertThat(drain(pairs)).isZero();
            assertThat(fault.isActive()).isTrue();
          }
          read += drain(pairs);
        }
      } finally {
        stop.set(true);
        writer.join();
      }
      read += drain(pairs);
      assertThat(read).isEqualTo(written[0]);
      for (SimPair each : pairs) {
        each.close();
      }
      assertThat(sim.connections()).isZero();
      assertThat(sim.pendingEvents()).isZero();
    }
  }

  /**
   * One byte goes there and back, again and again, while the link is cut and healed: a byte that
   * got stuck, or a reader that was not woken, would end that for good.
   */
  @ParameterizedTest
  @MethodSource("io.nioring.testkit.ThreadKind#available")
  void noReaderMissesAByteOfALinkThatIsCutAndHealed(ThreadKind kind) throws Exception {
    try (Simulation sim = Simulation.open();
        SimPair pair = SimPair.connectBlocking(sim, sim.host("a"), sim.host("b"), 80)) {
      Background<Integer> client =
          Background.run(kind, () -> pass(pair.client(), ByteBuffer.allocate(1)));
      Background<Integer> server =
          Background.run(kind, () -> pass(pair.server(), ByteBuffer.allocate(0)));
      int cuts = 0;
      Deadline deadline = Deadline.after(LONGEST);
      for (; !client.isDone() && !server.isDone() && !deadline.passed(); cuts++) {
        sim.partition(sim.host("a"), sim.host("b")).close();
      }
      assertThat(client.result(Deadline.DEFAULT)).isEqualTo(PASSES);
      assertThat(server.result(Deadline.DEFAULT)).isEqualTo(PASSES);
      assertThat(cuts).isPositive();
    }
  }

  /** Sends a byte whenever one comes, the first of them at once if there is one. */
  private static int pass(SocketChannel channel, ByteBuffer first) throws IOException {
    channel.write(first);
    ByteBuffer one = ByteBuffer.allocate(1);
    for (int i = 0; i < PASSES; i++) {
      if (channel.read(one.clear()) != 1) {
        throw new EOFException("after " + i);
      }
      channel.write(one.flip()); // the last byte stays unread
    }
    return PASSES;
  }

  private static long drain(List<SimPair> pairs) throws Exception {
    long sum = 0;
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    for (SimPair each : pairs) {
      for (int n = each.server().read(bytes.clear());
          n > 0;
          n = each.server().read(bytes.clear())) {
        sum += n;
      }
    }
    return sum;
  }
}
