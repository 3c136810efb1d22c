package io.nioring.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nioring.RingNetwork;
import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.channel.RingServerSocketChannel;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.poll.PollSet;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A channel's connect request is held as long as it may have to be cancelled, and no longer. */
class SocketStateTest {
  private static final int EPHEMERAL_PORTS = 60_999 - 32_768 + 1;
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final RingNetwork network = RingNetwork.open();

  /** The queue of the listener, by what it alone holds. */
  private WeakReference<PollSet> queue;

  @AfterEach
  void close() {
    network.close();
  }

  private static void awaitCollected(WeakReference<?> reference) {
    await()
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              System.gc();
              return reference.refersTo(null);
            });
  }

  private RingServerSocketChannel listen(int backlog) throws IOException {
    var server = (RingServerSocketChannel) network.provider().openServerSocketChannel();
    server.bind(ADDRESS, backlog);
    queue = new WeakReference<>(server.poll());
    return server;
  }

  private SocketChannel openClient() throws IOException {
    return network.provider().openSocketChannel();
  }

  @Test
  void connectedClientKeepsNothingOfItsListener() throws IOException {
    SocketChannel client = connectAndDropTheListener();

    awaitCollected(queue);
    assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
    client.close();
  }

  private SocketChannel connectAndDropTheListener() throws IOException {
    try (RingServerSocketChannel server = listen(1)) {
      SocketChannel client = openClient();
      client.connect(ADDRESS);
      SocketChannel accepted = server.accept();
      accepted.write(ByteBuffer.allocate(1));
      accepted.shutdownOutput();
      return client;
    }
  }

  @Test
  void clientThatHadToWaitKeepsNothingOfItsListenerOnceItsConnectIsFinished() throws IOException {
    SocketChannel client = connectAfterWaitingAndDropTheListener();

    awaitCollected(queue);
    assertThat(client.isConnected()).isTrue();
    client.close();
  }

  private SocketChannel connectAfterWaitingAndDropTheListener() throws IOException {
    try (RingServerSocketChannel server = listen(1)) {
      openClient().connect(ADDRESS);
      openClient().connect(ADDRESS);
      SocketChannel client = openClient();
      client.configureBlocking(false);
      assertThat(client.connect(ADDRESS)).isFalse();
      assertThat(client.finishConnect()).as("it waits").isFalse();
      server.accept();
      assertThat(client.finishConnect()).isTrue();
      return client;
    }
  }

  @Test
  void closeWithdrawsAWaitingRequest() throws IOException {
    try (RingServerSocketChannel server = listen(1)) {
      SocketChannel first = openClient();
      first.connect(ADDRESS);
      openClient().connect(ADDRESS);
      SocketChannel waiting = openClient();
      waiting.configureBlocking(false);
      assertThat(waiting.connect(ADDRESS)).isFalse();
      waiting.close();

      server.configureBlocking(false);
      assertThat(server.accept()).isNotNull();
      assertThat(server.accept()).isNotNull();
      assertThat(server.accept()).as("what was closed").isNull();
    }
  }

  /**
   * A hybrid connect that a closing server refused is offered once more if another one was bound
   * meanwhile. A port that stayed taken would be missing when all are asked for.
   */
  @Test
  void secondOfferGivesThePortOfTheFirstBack() throws IOException {
    RingSocketChannel client = (RingSocketChannel) openClient();
    Namespace names = client.ringSocket().network.names();
    client.ringSocket().tookEphemeral(names.takeClientAddress(ADDRESS.getAddress()));
    client.ringSocket().tookEphemeral(names.takeClientAddress(ADDRESS.getAddress()));
    client.close();

    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < EPHEMERAL_PORTS; i++) {
      ports.add(ClientAddress.portOf(names.takeClientAddress(ADDRESS.getAddress())));
    }
    assertThat(ports).hasSize(EPHEMERAL_PORTS);
  }
}
