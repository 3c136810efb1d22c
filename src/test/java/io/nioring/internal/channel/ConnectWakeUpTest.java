package io.nioring.internal.channel;

import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Who waits for a connect hears of its decision, also if another thread than the waiting one
 * connects.
 *
 * <pre>{@code
 * connecting thread            selecting thread, key with OP_CONNECT
 * state = PENDING
 *                              looks: pending, nothing decided
 *                              lets the key go, sleeps
 * the listener admits it
 * wakes the channel's waiters  looks: decided
 * }</pre>
 */
class ConnectWakeUpTest {
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final RingNetwork network = RingNetwork.open();
  private final Looking waiter = new Looking();
  private RingSocketChannel client;

  /** A waiter that notes what the channel is ready for when it is woken. */
  private final class Looking implements Waiter {
    private String lastLook = "was not woken";

    @Override
    public void wake(int bits) {
      lastLook = Readiness.toString(client.readiness());
    }

    @Override
    public boolean wants(int bits) {
      return true;
    }
  }

  @AfterEach
  void close() {
    network.close();
  }

  private RingSocketChannel openClient() throws IOException {
    client = (RingSocketChannel) network.provider().openSocketChannel();
    client.configureBlocking(false);
    client.poll().add(waiter);
    return client;
  }

  @Test
  void admittedConnectWakesItsWaiter() throws IOException {
    ServerSocketChannel server = network.provider().openServerSocketChannel().bind(ADDRESS);
    openClient();
    assertThat(client.connect(ADDRESS)).isFalse();

    assertThat(waiter.lastLook).isEqualTo("OUT");
    assertThat(client.finishConnect()).isTrue();
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void finishedConnectWakesAWaitingWriter() throws IOException {
    ServerSocketChannel server = network.provider().openServerSocketChannel().bind(ADDRESS);
    try (Selector selector = network.provider().openSelector()) {
      openClient();
      client.connect(ADDRESS);
      client.register(selector, OP_WRITE);
      assertThat(selector.select(1)).as("it is pending").isZero();
      waiter.lastLook = "was not woken";

      assertThat(client.finishConnect()).isTrue();
      assertThat(waiter.lastLook).isEqualTo("OUT");
      assertThat(selector.selectNow()).isEqualTo(1);
      assertThat(server.isOpen()).isTrue();
    }
  }

  @Test
  void refusedConnectWakesItsWaiter() throws IOException {
    openClient();
    assertThat(client.connect(ADDRESS)).isFalse();

    assertThat(waiter.lastLook).isEqualTo("IN|OUT|RDHUP|HUP|ERR");
    assertThatThrownBy(client::finishConnect).isInstanceOf(ConnectException.class);
  }

  @Test
  void connectThatHadToWaitWakesItsWaiter() throws IOException {
    ServerSocketChannel server = network.provider().openServerSocketChannel().bind(ADDRESS, 1);
    network.provider().openSocketChannel().connect(ADDRESS);
    network.provider().openSocketChannel().connect(ADDRESS);
    openClient();
    assertThat(client.connect(ADDRESS)).isFalse();
    assertThat(client.readiness()).isZero();

    server.accept();
    assertThat(waiter.lastLook).isEqualTo("OUT");
  }
}
