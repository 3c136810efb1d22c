package io.nioring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.internal.network.NetworkParts;
import io.nioring.observe.Capture;
import io.nioring.route.Mode;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingNetworkTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.1.2.3", 80);
  private static final UnixDomainSocketAddress PATH = UnixDomainSocketAddress.of("/no/such/path");

  private final RingNetwork network = RingNetwork.open();
  private final SelectorProvider provider = network.provider();

  @AfterEach
  void closedNetworkHoldsNothing() {
    network.close();
    RingNetworkStatistics statistics = network.statistics();
    assertThat(statistics.openChannels()).isZero();
    assertThat(statistics.listeners()).isZero();
    assertThat(statistics.memoryInUseBytes()).isZero();
  }

  /** Servers that a test does not look at: dropped, they would be collected and closed. */
  private final List<ServerSocketChannel> kept = new ArrayList<>();

  private ServerSocketChannel listen() throws IOException {
    return keep(provider.openServerSocketChannel().bind(ADDRESS));
  }

  private ServerSocketChannel keep(ServerSocketChannel server) {
    kept.add(server);
    return server;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel client = provider.openSocketChannel();
    client.connect(ADDRESS);
    return client;
  }

  private static void write(SocketChannel channel, int count) throws IOException {
    assertThat(channel.write(ByteBuffer.allocate(count))).isEqualTo(count);
  }

  private static void read(SocketChannel channel, int count) throws IOException {
    assertThat(channel.read(ByteBuffer.allocate(count))).isEqualTo(count);
  }

  // -- what it is

  @Test
  void providerIsTheSameEachTimeAndThatOfItsChannels() throws IOException {
    assertThat(network.provider()).isSameAs(provider);
    assertThat(network.provider().network()).isSameAs(network);
    assertThat(provider.openSocketChannel().provider()).isSameAs(provider);
    assertThat(provider.openServerSocketChannel().provider()).isSameAs(provider);
    Pipe pipe = provider.openPipe();
    assertThat(pipe.source().provider()).isSameAs(provider);
    assertThat(pipe.sink().provider()).isSameAs(provider);
    try (Selector selector = provider.openSelector()) {
      assertThat(selector.provider()).isSameAs(provider);
    }
  }

  @Test
  void configIsTheOneItWasOpenedWith() {
    RingNetworkConfig config = RingNetworkConfig.builder().bufferSizeBytes(4_711).build();
    try (RingNetwork configured = RingNetwork.open(config)) {
      assertThat(configured.config()).isSameAs(config);
    }
    assertThat(network.config()).isEqualTo(RingNetworkConfig.builder().build());
    assertThat(network.config().mode()).isEqualTo(Mode.RING);
    assertThatThrownBy(() -> RingNetwork.open(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void bufferSizeIsTheBoundOfADirection() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().bufferSizeBytes(1_234).build();
    try (RingNetwork small = RingNetwork.open(config)) {
      ServerSocketChannel server = small.provider().openServerSocketChannel().bind(ADDRESS);
      SocketChannel client = small.provider().openSocketChannel();
      client.connect(ADDRESS);
      client.configureBlocking(false);
      assertThat(client.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(1_234);
      assertThat(client.write(ByteBuffer.allocate(5_000))).isEqualTo(1_234);
      assertThat(server.isOpen()).isTrue();
    }
  }

  @Test
  void worksWithHeapMemoryToo() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().directMemory(false).build();
    try (RingNetwork onHeap = RingNetwork.open(config)) {
      ServerSocketChannel server = onHeap.provider().openServerSocketChannel().bind(ADDRESS);
      SocketChannel client = onHeap.provider().openSocketChannel();
      client.connect(ADDRESS);
      SocketChannel accepted = server.accept();
      client.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
      ByteBuffer dst = ByteBuffer.allocate(10);
      accepted.read(dst);
      assertThat(new String(dst.array(), 0, dst.position(), US_ASCII)).isEqualTo("hello");
    }
  }

  // -- isolation

  @Test
  void twoNetworksDoNotSeeOneAnother() throws IOException {
    try (RingNetwork other = RingNetwork.open()) {
      listen();
      keep(provider.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(PATH));

      SocketChannel inet = other.provider().openSocketChannel();
      assertThatThrownBy(() -> inet.connect(ADDRESS))
          .isInstanceOf(ConnectException.class)
          .hasMessageStartingWith("Connection refused");
      SocketChannel unix = other.provider().openSocketChannel(StandardProtocolFamily.UNIX);
      assertThatThrownBy(() -> unix.connect(PATH))
          .isInstanceOf(SocketException.class)
          .hasMessage("No such file or directory");

      keep(other.provider().openServerSocketChannel().bind(ADDRESS));
      keep(other.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(PATH));
      assertThat(other.statistics().listeners()).isEqualTo(2);
      assertThat(network.statistics().ringConnections()).isZero();
    }
    connect();
  }

  // -- close

  @Test
  void closeClosesAllChannelsAndFreesAllNames() throws IOException {
    ServerSocketChannel server = listen();
    SocketChannel client = connect();
    SocketChannel accepted = server.accept();
    SocketChannel queued = connect();
    Pipe pipe = provider.openPipe();
    write(client, 100);

    network.close();

    assertThat(server.isOpen()).isFalse();
    assertThat(client.isOpen()).isFalse();
    assertThat(accepted.isOpen()).isFalse();
    assertThat(queued.isOpen()).isFalse();
    assertThat(pipe.sink().isOpen()).isFalse();
    assertThat(pipe.source().isOpen()).isFalse();
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void closedNetworkOpensNoChannels() throws IOException {
    network.close();
    network.close();
    assertThatThrownBy(provider::openSocketChannel)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed");
    assertThatThrownBy(provider::openServerSocketChannel)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed");
    assertThatThrownBy(provider::openPipe)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed");
  }

  @Test
  void selectorsOutliveTheNetwork() throws IOException {
    try (Selector selector = provider.openSelector()) {
      ServerSocketChannel server = listen();
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      network.close();
      assertThat(selector.isOpen()).isTrue();
      assertThat(selector.selectNow()).isZero();
      assertThat(selector.keys()).isEmpty();
    }
  }

  @Test
  void closeAgainstAcceptConnectAndWriteLeaksNothing() throws Exception {
    for (int round = 0; round < 200; round++) {
      RingNetwork closing = RingNetwork.open();
      ServerSocketChannel server = closing.provider().openServerSocketChannel().bind(ADDRESS);
      CyclicBarrier together = new CyclicBarrier(3);
      Background<Void> accepting =
          Background.run(
              () -> {
                together.await(WAIT.toSeconds(), TimeUnit.SECONDS);
                while (true) {
                  server.accept();
                }
              });
      Background<Void> connecting =
          Background.run(
              () -> {
                together.await(WAIT.toSeconds(), TimeUnit.SECONDS);
                while (true) {
                  SocketChannel client = closing.provider().openSocketChannel();
                  client.connect(ADDRESS);
                  client.write(ByteBuffer.allocate(10));
                }
              });
      together.await(WAIT.toSeconds(), TimeUnit.SECONDS);
      closing.close();

      for (Background<Void> task : java.util.List.of(accepting, connecting)) {
        assertThatThrownBy(() -> task.get(WAIT.toSeconds(), TimeUnit.SECONDS))
            .cause()
            .isInstanceOfAny(IOException.class, IllegalStateException.class);
      }
      assertThat(closing.statistics().openChannels()).isZero();
      assertThat(closing.statistics().memoryInUseBytes()).as("round %d", round).isZero();
    }
  }

  @Test
  void closeAgainstOpeningOfPipesLeavesNoEnd() throws Exception {
    for (int round = 0; round < 200; round++) {
      RingNetwork closing = RingNetwork.open();
      CyclicBarrier together = new CyclicBarrier(2);
      Background<Void> opening =
          Background.run(
              () -> {
                together.await(WAIT.toSeconds(), TimeUnit.SECONDS);
                while (true) {
                  closing.provider().openPipe();
                }
              });
      together.await(WAIT.toSeconds(), TimeUnit.SECONDS);
      closing.close();

      assertThatThrownBy(() -> opening.get(WAIT.toSeconds(), TimeUnit.SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class);
      assertThat(closing.statistics().openChannels()).as("round %d", round).isZero();
    }
  }

  @Test
  void networkThatWasDroppedWithItsChannelsIsCollected() throws IOException {
    WeakReference<RingNetwork> dropped = openAndDrop();
    await()
        .atMost(WAIT)
        .until(
            () -> {
              System.gc();
              return dropped.get() == null;
            });
  }

  private static WeakReference<RingNetwork> openAndDrop() throws IOException {
    RingNetwork dropped = RingNetwork.open(RingNetworkConfig.builder().idleMillis(10).build());
    ServerSocketChannel server = dropped.provider().openServerSocketChannel().bind(ADDRESS);
    SocketChannel client = dropped.provider().openSocketChannel();
    client.connect(ADDRESS);
    write(client, 100);
    server.accept();
    return new WeakReference<>(dropped);
  }

  // -- statistics

  @Test
  void freshNetworkHasDoneNothing() {
    assertThat(network.statistics())
        .usingRecursiveComparison()
        .isEqualTo(new RingNetworkStatistics(0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void connectionsAreCountedOnceEachAndStayCounted() throws IOException {
    ServerSocketChannel server = listen();
    SocketChannel one = connect();
    SocketChannel two = connect();
    assertThat(network.statistics().ringConnections()).isEqualTo(2);
    assertThat(network.statistics().ringAccepted()).isZero();

    SocketChannel accepted = server.accept();
    assertThat(network.statistics().ringAccepted()).isEqualTo(1);
    one.close();
    two.close();
    accepted.close();
    server.close();
    assertThat(network.statistics().ringConnections()).isEqualTo(2);
    assertThat(network.statistics().ringAccepted()).isEqualTo(1);
    assertThat(network.statistics().kernelConnections()).isZero();
    assertThat(network.statistics().kernelAccepted()).isZero();
  }

  /**
   * The connection is made when it enters the backlog, whenever its client finishes the connect.
   */
  @Test
  void connectionIsCountedBeforeItIsAccepted() throws IOException {
    ServerSocketChannel server = listen();
    SocketChannel client = provider.openSocketChannel();
    client.configureBlocking(false);
    assertThat(client.connect(ADDRESS)).isFalse();
    server.accept();

    assertThat(network.statistics().ringAccepted()).isEqualTo(1);
    assertThat(network.statistics().ringConnections()).isEqualTo(1);
    assertThat(client.finishConnect()).isTrue();
    assertThat(network.statistics().ringConnections()).isEqualTo(1);
  }

  @Test
  void connectionThatWaitedForRoomIsCountedBeforeItIsAccepted() throws IOException {
    ServerSocketChannel server = provider.openServerSocketChannel().bind(ADDRESS, 1);
    for (int i = 0; i < 2; i++) {
      connect();
    }
    SocketChannel waiting = provider.openSocketChannel();
    waiting.configureBlocking(false);
    assertThat(waiting.connect(ADDRESS)).isFalse();
    assertThat(network.statistics().ringConnections()).isEqualTo(2);

    for (int i = 0; i < 3; i++) {
      server.accept();
    }

    assertThat(network.statistics().ringAccepted()).isEqualTo(3);
    assertThat(network.statistics().ringConnections()).isEqualTo(3);
    assertThat(waiting.finishConnect()).isTrue();
    assertThat(network.statistics().ringConnections()).isEqualTo(3);
  }

  @Test
  void refusedConnectsAndPipesAreNoConnections() throws IOException {
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    provider.openPipe();
    assertThat(network.statistics().ringConnections()).isZero();
    assertThat(network.statistics().kernelConnections()).isZero();
  }

  @Test
  void openChannelsAreSocketsListenersAndEachEndOfAPipe() throws IOException {
    ServerSocketChannel server = listen();
    assertThat(network.statistics().openChannels()).isEqualTo(1);
    SocketChannel client = connect();
    assertThat(network.statistics().openChannels()).isEqualTo(2);
    SocketChannel accepted = server.accept();
    assertThat(network.statistics().openChannels()).isEqualTo(3);
    Pipe pipe = provider.openPipe();
    assertThat(network.statistics().openChannels()).isEqualTo(5);
    pipe.sink().close();
    client.close();
    accepted.close();
    server.close();
    assertThat(network.statistics().openChannels()).isEqualTo(1);
    pipe.source().close();
    assertThat(network.statistics().openChannels()).isZero();
  }

  @Test
  void listenersAreTheBoundAddressesThatListen() throws IOException {
    ServerSocketChannel unbound = provider.openServerSocketChannel();
    SocketChannel boundClient = provider.openSocketChannel().bind(new InetSocketAddress(0));
    assertThat(network.statistics().listeners()).isZero();
    ServerSocketChannel server = listen();
    ServerSocketChannel unix =
        provider.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(PATH);
    assertThat(network.statistics().listeners()).isEqualTo(2);
    server.close();
    unix.close();
    assertThat(network.statistics().listeners()).isZero();
    assertThat(unbound.isOpen() && boundClient.isOpen()).isTrue();
  }

  @Test
  void ringBytesAreThoseReadInBothDirectionsByOpenAndClosedConnections() throws IOException {
    ServerSocketChannel server = listen();
    SocketChannel client = connect();
    SocketChannel accepted = server.accept();
    write(client, 100);
    assertThat(network.statistics().ringBytes()).isZero();
    read(accepted, 60);
    write(accepted, 10);
    read(client, 10);
    assertThat(network.statistics().ringBytes()).isEqualTo(70);

    accepted.close();
    assertThat(network.statistics().ringBytes()).isEqualTo(70);
    client.close();
    assertThat(network.statistics().ringBytes()).as("40 bytes were thrown away").isEqualTo(70);
    server.close();
  }

  @Test
  void ringBytesAreAlsoThoseOfPipesAndSocketPairs() throws IOException {
    Pipe pipe = provider.openPipe();
    pipe.sink().write(ByteBuffer.allocate(30));
    pipe.source().read(ByteBuffer.allocate(30));
    assertThat(network.statistics().ringBytes()).isEqualTo(30);
    try (SocketPair pair = network.socketPair()) {
      write(pair.first(), 12);
      read(pair.second(), 12);
    }
    assertThat(network.statistics().ringBytes()).isEqualTo(42);
    assertThat(network.statistics().ringConnections()).isZero();
  }

  @Test
  void memoryInUseIsThatOfRingsWithBytes() throws IOException {
    ServerSocketChannel server = listen();
    SocketChannel client = connect();
    SocketChannel accepted = server.accept();
    assertThat(network.statistics().memoryInUseBytes()).isZero();
    write(client, 1);
    assertThat(network.statistics().memoryInUseBytes()).isEqualTo(512);
    client.close();
    assertThat(network.statistics().memoryInUseBytes()).isEqualTo(512);
    read(accepted, 1);
    accepted.close();
    assertThat(network.statistics().memoryInUseBytes()).isZero();
  }

  @Test
  void textNamesModeAndChannels() throws IOException {
    listen();
    assertThat(network).hasToString("RingNetwork[mode=RING, channels=1]");
  }

  // -- captures from the configuration

  /** What is logged for a class of nioring while something is done, without levels. */
  private static List<LogRecord> loggedBy(Class<?> type, Runnable action) {
    List<LogRecord> records = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            records.add(logged);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(type.getName());
    logger.addHandler(handler);
    try {
      action.run();
    } finally {
      logger.removeHandler(handler);
    }
    return records;
  }

  @Test
  void captureThatCannotBeMadeIsToldWithoutAStack(@TempDir Path directory) {
    String file = directory.resolve("missing").resolve("c.pcapng").toString();
    RingNetworkConfig config = RingNetworkConfig.builder().capture(file).build();

    assertThat(loggedBy(RingNetwork.class, () -> RingNetwork.open(config).close()))
        .singleElement()
        .satisfies(record -> assertThat(record.getThrown()).isNull())
        .satisfies(record -> assertThat(record.getMessage()).contains("NoSuchFileException"));
  }

  @Test
  void captureOfSeveralFilesTellsTheFirst(@TempDir Path directory) {
    String words = directory.resolve("c.pcapng") + ",files=2,file-size=1m";
    RingNetworkConfig config = RingNetworkConfig.builder().capture(words).build();

    assertThat(loggedBy(Capture.class, () -> RingNetwork.open(config).close()))
        .first()
        .satisfies(
            record -> assertThat(record.getMessage()).endsWith("c-00001.pcapng and further files"));
  }

  // -- trying out a configuration

  @Test
  void trialOpensNoFileOfACapture(@TempDir Path directory) {
    Path file = directory.resolve("c.pcapng");
    RingNetworkConfig config =
        RingNetworkConfig.builder().capture(file + ",port 80,files=2,file-size=1m").build();

    RingNetwork.tryOut(config, new NetworkParts());

    assertThat(file).doesNotExist();
    RingNetwork.open(config).close();
    assertThat(directory.resolve("c-00001.pcapng")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {",port 80", "x,port", "x,nonsense=1", "x,host=db"})
  void trialRefusesACaptureThatCannotBe(String words) {
    RingNetworkConfig config = RingNetworkConfig.builder().jmx(true).capture(words).build();

    assertThatThrownBy(() -> RingNetwork.tryOut(config, new NetworkParts()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Property nioring.capture=" + words + " is not valid: ");
    assertThatThrownBy(() -> RingNetwork.open(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Property nioring.capture=" + words + " is not valid: ");
    assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(null, null))
        .noneMatch(name -> name.getDomain().equals("io.nioring"));
  }
}
