package io.nioring.hybrid;

import static io.nioring.hybrid.HybridNetwork.assertReceives;
import static io.nioring.hybrid.HybridNetwork.exchange;
import static io.nioring.hybrid.HybridNetwork.send;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was done with a channel before its connect decided which way it goes holds afterwards. */
class UndecidedChannelTest {
  /** Where the listener is. */
  enum Listening {
    INSIDE,
    OUTSIDE
  }

  private final HybridNetwork hybrid = new HybridNetwork();

  @AfterEach
  void close() throws IOException {
    hybrid.close();
    assertThat(hybrid.network().statistics().openChannels()).isZero();
  }

  @Test
  void aDroppedChannelOfTheKernelStaysOpenToItsPeer() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().mode(Mode.HYBRID).idleMillis(10).build();
    try (HybridNetwork collecting = new HybridNetwork(config)) {
      ServerSocketChannel server =
          collecting.listenOutside(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      WeakReference<SocketChannel> dropped =
          connectAndDrop(collecting.network(), server.getLocalAddress());
      SocketChannel accepted = collecting.track(server.accept());
      accepted.configureBlocking(false);
      awaitCollecting(() -> dropped.get() == null);
      bindAndDrop(collecting.network());
      awaitCollecting(() -> collecting.network().statistics().openChannels() == 1);

      assertThat(accepted.read(ByteBuffer.allocate(1))).as("silence").isZero();
    }
  }

  private static void awaitCollecting(BooleanSupplier reached) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return reached.getAsBoolean();
            });
  }

  private static WeakReference<SocketChannel> connectAndDrop(
      RingNetwork network, SocketAddress address) throws IOException {
    SocketChannel client = network.provider().openSocketChannel();
    client.connect(address);
    return new WeakReference<>(client);
  }

  private static void bindAndDrop(RingNetwork network) throws IOException {
    network
        .provider()
        .openSocketChannel()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private ServerSocketChannel listen(Listening where) throws IOException {
    return where == Listening.INSIDE
        ? hybrid.listen()
        : hybrid.listenOutside(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @ParameterizedTest
  @EnumSource
  void optionsMoveAlong(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketChannel client = hybrid.open();
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
    client.socket().setKeepAlive(true);
    client.connect(server.getLocalAddress());

    assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    assertThat(client.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
    assertThat(client.socket().getTcpNoDelay()).isTrue();
    assertThat(client.socket().getPort())
        .isEqualTo(((InetSocketAddress) server.getLocalAddress()).getPort());
    exchange(client, hybrid.track(server.accept()));
  }

  @ParameterizedTest
  @EnumSource
  void aLocalBindIsCarriedOver(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketChannel client = hybrid.open();
    client.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    SocketAddress bound = client.getLocalAddress();
    client.connect(server.getLocalAddress());

    SocketChannel accepted = hybrid.track(server.accept());
    assertThat(client.getLocalAddress()).isEqualTo(bound);
    assertThat(accepted.getRemoteAddress()).isEqualTo(bound);
    exchange(client, accepted);
  }

  @ParameterizedTest
  @EnumSource
  void anInputStreamReportsTheShutInputAndTheClose(Listening where) throws IOException {
    SocketChannel client = hybrid.open();
    ServerSocketChannel server = listen(where);
    client.connect(server.getLocalAddress());
    InputStream input = client.socket().getInputStream();

    client.shutdownInput();
    assertThat(input.available()).isZero();
    assertThat(input.read()).isEqualTo(-1);

    client.close();
    assertThatThrownBy(input::available).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(input::read).isInstanceOf(ClosedChannelException.class);
  }

  /** The platform's bind waits for the read to end, which only the close ends. */
  @Test
  void aBindThatWaitsForABlockedReadDoesNotKeepTheClose() throws Exception {
    SocketChannel client = hybrid.open();
    client.connect(listen(Listening.OUTSIDE).getLocalAddress());
    Thread reading = startUntilWaiting(() -> client.read(ByteBuffer.allocate(1)));
    Thread binding = startUntilWaiting(() -> client.bind(null));

    Background<Void> closing =
        Background.run(
            () -> {
              client.close();
              return null;
            });

    closing.get(20, TimeUnit.SECONDS);
    reading.join(20_000);
    binding.join(20_000);
    assertThat(reading.isAlive()).isFalse();
    assertThat(binding.isAlive()).isFalse();
  }

  private static Thread startUntilWaiting(Callable<?> body) throws InterruptedException {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.call();
              } catch (Exception e) {
                // ended by the close
              }
            },
            "undecided-test");
    thread.setDaemon(true);
    thread.start();
    Thread.sleep(100); // a read in the kernel does not show in the thread's state
    return thread;
  }

  /**
   * The interleaving: the connecting thread finds nobody in this JVM and is about to ask the
   * kernel; a selecting thread looks at the channel just then. It must not see a refused connect.
   */
  @Test
  void connectToTheOutsideIsNeverSeenRefusedOnTheWay() throws Exception {
    ServerSocketChannel server = listen(Listening.OUTSIDE);
    SocketAddress address = server.getLocalAddress();
    Selector selector = hybrid.selector();
    AtomicBoolean done = new AtomicBoolean();
    Background<Integer> finishing =
        Background.run(
            () -> {
              int finished = 0;
              while (!done.get()) {
                selector.select(1);
                for (SelectionKey key : selector.selectedKeys()) {
                  SocketChannel channel = (SocketChannel) key.channel();
                  // Selected before its connect too, hung up; the kernel may still be at it.
                  try {
                    if (channel.isConnectionPending() && channel.finishConnect()) {
                      key.interestOps(0);
                      finished++;
                    }
                  } catch (ClosedChannelException | CancelledKeyException e) {
                    // connected at once, and closed meanwhile
                  }
                }
                selector.selectedKeys().clear();
              }
              return finished;
            });
    try {
      for (int i = 0; i < 1_000; i++) {
        SocketChannel client = hybrid.open();
        client.configureBlocking(false);
        SelectionKey key = client.register(selector, OP_CONNECT);
        if (!client.connect(address)) {
          await()
              .pollInterval(Duration.ofMillis(1))
              .atMost(Duration.ofSeconds(40))
              .until(() -> finishing.isDone() || key.interestOps() == 0);
        }
        if (finishing.isDone()) {
          finishing.get(1, TimeUnit.SECONDS); // tells why
        }
        client.close();
        server.accept().close();
      }
    } finally {
      done.set(true);
    }
    assertThat(finishing.get(20, TimeUnit.SECONDS)).isNotNegative();
  }

  @ParameterizedTest
  @EnumSource
  void aRegistrationIsCarriedOver(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    Selector selector = hybrid.selector();
    SocketChannel client = hybrid.open();
    client.configureBlocking(false);
    SelectionKey key = client.register(selector, OP_CONNECT);
    if (!client.connect(server.getLocalAddress())) {
      assertThat(selector.select(20_000)).isEqualTo(1);
      assertThat(key.isConnectable()).isTrue();
      assertThat(client.finishConnect()).isTrue();
    }
    key.interestOps(OP_READ | OP_WRITE);
    selector.selectedKeys().clear();
    SocketChannel accepted = hybrid.track(server.accept());

    assertThat(selector.select(20_000)).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
    key.interestOps(OP_READ);
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();
    send(accepted, 9);
    assertThat(selector.select(20_000)).isEqualTo(1);
    assertReceives(client, 9);
    accepted.close();
    selector.selectedKeys().clear();
    assertThat(selector.select(20_000)).isEqualTo(1);
    assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void theModeMayChangeRightAfterACancel(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    Selector selector = hybrid.selector();
    SocketChannel client = hybrid.open();
    client.connect(server.getLocalAddress());
    SocketChannel accepted = hybrid.track(server.accept());
    for (int i = 0; i < 3; i++) {
      client.configureBlocking(false);
      SelectionKey key = client.register(selector, OP_READ);
      assertThat(selector.selectNow()).isZero();
      send(accepted, i);
      assertThat(selector.select(20_000)).isEqualTo(1);
      key.cancel();
      client.configureBlocking(true);
      assertReceives(client, i);
      selector.selectNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSecondConnectIsRefusedByName(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketChannel client = hybrid.open();
    client.connect(server.getLocalAddress());

    assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
        .isInstanceOf(AlreadyConnectedException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aTimedReadOfTheAdaptorEnds(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketChannel client = hybrid.open();
    client.socket().connect(server.getLocalAddress(), 20_000);
    client.socket().setSoTimeout(20);

    assertThatThrownBy(() -> client.socket().getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    exchange(client, hybrid.track(server.accept()));
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptClosesTheChannel(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);

    assertClosesInterrupted(server, client -> client.read(ByteBuffer.allocate(1)));
    assertClosesInterrupted(server, client -> client.write(ByteBuffer.allocate(1)));
    assertClosesInterrupted(server, client -> client.socket().getInputStream().read());
    assertClosesInterrupted(server, client -> client.socket().getOutputStream().write(1));
    assertClosesInterrupted(server, client -> client.socket().sendUrgentData(1));
  }

  private void assertClosesInterrupted(ServerSocketChannel server, Step operation)
      throws IOException {
    SocketChannel client = hybrid.inside(server.getLocalAddress());
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> operation.apply(client))
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(client.isOpen()).isFalse();
  }

  /** What is done with a channel. */
  private interface Step {
    void apply(SocketChannel client) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void connectWithoutAListenerIsRefused(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketAddress address = server.getLocalAddress();
    server.close();
    SocketChannel client = hybrid.open();

    assertThatThrownBy(() -> client.connect(address))
        .isInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(client.isOpen()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void connectWithoutAListenerIsRefusedWithoutBlocking(Listening where) throws IOException {
    ServerSocketChannel server = listen(where);
    SocketAddress address = server.getLocalAddress();
    server.close();
    Selector selector = hybrid.selector();
    SocketChannel client = hybrid.open();
    client.configureBlocking(false);
    client.register(selector, OP_CONNECT);

    assertThatThrownBy(
            () -> {
              client.connect(address);
              selector.select(20_000);
              client.finishConnect();
            })
        .isInstanceOf(ConnectException.class);
    assertThat(client.isOpen()).isFalse();
  }
}
