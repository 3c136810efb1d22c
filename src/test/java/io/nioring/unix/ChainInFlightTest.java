package io.nioring.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.RingSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A long chain of sockets, each in flight to the one before, closes from its first one. */
class ChainInFlightTest {
  private static final int LENGTH = 2_000;

  @Test
  void closesWithOneThread() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      List<SocketPair> pairs = new ArrayList<>();
      for (int i = 0; i < LENGTH; i++) {
        SocketPair pair = network.socketPair();
        if (i > 0) {
          RingSocket.of(pairs.get(i - 1).first())
              .send(Pair.bytes("x"), AncillaryData.ofChannels(pair.second()));
        }
        pairs.add(pair);
      }

      pairs.get(0).second().close();

      long[] most = new long[1];
      Wait.until(
          "the chain is closed",
          () -> {
            most[0] = Math.max(most[0], closingThreads());
            return network.statistics().openChannels() == LENGTH;
          });
      assertThat(most[0]).isLessThanOrEqualTo(1);
    }
  }

  private static long closingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("nioring-discard"))
        .count();
  }
}
