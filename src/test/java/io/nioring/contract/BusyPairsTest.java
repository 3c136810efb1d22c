package io.nioring.contract;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * More pairs of threads than processors, each of which sends and answers without a pause: none may
 * keep the others from their turn. Virtual threads that wake one another never leave their carrier
 * by themselves.
 */
@Timeout(120)
class BusyPairsTest {
  private static final int PAIRS = 16;
  private static final int ROUNDS = 20;

  static List<ThreadKind> kinds() {
    return ThreadKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void eachPairHasItsTurn(ThreadKind kind) throws Exception {
    eachPairHasItsTurn(kind, RingNetworkConfig.builder().build());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void eachPairHasItsTurnWithoutSpinning(ThreadKind kind) throws Exception {
    eachPairHasItsTurn(kind, RingNetworkConfig.builder().spinMicros(0).build());
  }

  private static void eachPairHasItsTurn(ThreadKind kind, RingNetworkConfig config)
      throws Exception {
    CountDownLatch all = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(PAIRS);
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocketChannel server = network.provider().openServerSocketChannel()) {
      server.bind(new InetSocketAddress("10.1.2.3", 80), PAIRS);
      for (int i = 0; i < PAIRS; i++) {
        SocketChannel client = network.provider().openSocketChannel();
        client.connect(server.getLocalAddress());
        SocketChannel accepted = server.accept();
        kind.start("echo " + i, () -> exchange(accepted, all, null));
        kind.start("client " + i, () -> exchange(client, all, done));
      }
      all.countDown();

      assertThat(done.await(30, SECONDS))
          .as("%s of %s pairs had no turn", done.getCount(), PAIRS)
          .isTrue();
    }
  }

  /** Goes on until the network is closed; who has something to count down begins. */
  private static void exchange(SocketChannel channel, CountDownLatch all, CountDownLatch done) {
    ByteBuffer message = ByteBuffer.allocate(64);
    try {
      all.await();
      for (int round = 0; ; round++) {
        if (done != null || round > 0) {
          channel.write(message.clear());
        }
        message.clear();
        while (message.hasRemaining()) {
          if (channel.read(message) < 0) {
            return;
          }
        }
        if (done != null && round == ROUNDS) {
          done.countDown();
        }
      }
    } catch (IOException e) {
      return; // the network was closed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
