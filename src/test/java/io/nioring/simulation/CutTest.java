package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cut holds from the moment that its call returns, for all connections there are. */
@Tag("stress")
@Timeout(120)
class CutTest {
  private static final int CONNECTIONS = Rounds.of("test.cut.connections", 200, 1_000);
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
