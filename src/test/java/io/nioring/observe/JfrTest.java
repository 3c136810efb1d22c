package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.platform.ChildJvm;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Future;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The events of Flight Recorder against what was done. */
@Timeout(120)
@SuppressWarnings("AddressSelection") // literals, not names
class JfrTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.0.7", 5432);
  private static final Duration ZERO = Duration.ZERO;

  @TempDir Path directory;

  private RingNetwork network;
  private ServerSocketChannel listener;
  private SocketChannel client;
  private SocketChannel server;
  private Recording recording;

  @BeforeEach
  void record() throws Exception {
    recording = new Recording();
  }

  @AfterEach
  void close() {
    network.close();
    recording.close();
  }

  private void open(RingNetworkConfig config) throws IOException {
    network = RingNetwork.open(config);
    listener = network.provider().openServerSocketChannel();
    listener.bind(SERVER, 1);
  }

  private void connect() throws IOException {
    client = network.provider().openSocketChannel();
    client.connect(SERVER);
    server = listener.accept();
  }

  private List<RecordedEvent> allEvents(String name) throws IOException {
    Path file = Files.createTempFile(directory, "recording", ".jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  /** Those of a name that are not of the JDK's own sockets. */
  private List<RecordedEvent> events(String name) throws IOException {
    return allEvents(name).stream().filter(e -> isOfRing(e) || !name.startsWith("jdk.")).toList();
  }

  /** The recorder lives as long as the JVM, and programs may make networks all that time. */
  @Test
  void theRecorderKeepsNothingOfANetworkThatWasClosed() throws Exception {
    open(RingNetworkConfig.builder().build());
    recording.enable("nioring.Connect");
    recording.start();
    int networks = 20;
    // a network that other tests left, as the default one, may begin to record meanwhile
    long tooMany = instances("JfrRecording$Listener") + networks;
    for (int i = 0; i < networks; i++) {
      RingNetwork.open().close();
    }
    assertThat(instances("JfrRecording$Listener")).isLessThan(tooMany);
    assertThat(instances("JfrRecording$Periodic")).isLessThan(tooMany);
  }

  private static long instances(String name) throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .map(line -> line.strip().split("\\s+", -1))
        .filter(words -> words.length > 3 && words[3].endsWith(name))
        .mapToLong(words -> Long.parseLong(words[1]))
        .sum();
  }

  @Test
  void readsAndWritesAddUpToWhatTheStatisticsTell() throws Exception {
    recording.enable("jdk.SocketRead").withThreshold(ZERO);
    recording.enable("jdk.SocketWrite").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    ByteBuffer bytes = ByteBuffer.allocate(1000);
    for (int i = 1; i <= 20; i++) {
      client.write(bytes.clear().limit(40 * i));
      server.read(bytes.clear());
    }
    client.shutdownOutput();
    server.read(bytes.clear());
    recording.stop();
    List<RecordedEvent> reads = events("jdk.SocketRead");
    assertThat(reads).hasSize(21);
    assertThat(reads.stream().mapToLong(event -> event.getLong("bytesRead")).sum())
        .isEqualTo(network.statistics().ringBytes())
        .isEqualTo(40 * 210);
    InetSocketAddress name = (InetSocketAddress) client.getLocalAddress();
    assertThat(reads)
        .allSatisfy(
            event -> {
              assertThat(event.getString("address")).isEqualTo(name.getAddress().getHostAddress());
              assertThat(event.getInt("port")).isEqualTo(name.getPort());
              assertThat(event.getString("route")).isEqualTo("ring");
              assertThat(event.getThread().getJavaName())
                  .isEqualTo(Thread.currentThread().getName());
              assertThat(event.getStackTrace()).isNotNull();
            });
    assertThat(reads).filteredOn(event -> event.getBoolean("endOfStream")).hasSize(1);
    List<RecordedEvent> writes = events("jdk.SocketWrite");
    assertThat(writes).hasSize(20);
    assertThat(writes.stream().mapToLong(event -> event.getLong("bytesWritten")).sum())
        .isEqualTo(40 * 210);
    assertThat(writes.get(0).getString("host")).isEqualTo("10.0.0.7");
    assertThat(writes.get(0).getString("address")).isEqualTo("10.0.0.7");
    assertThat(writes.get(0).getInt("port")).isEqualTo(5432);
  }

  /** The kernel's channels are the oracle: the same acts, the same events but for addresses. */
  @Test
  void readsAndWritesAreToldAsThoseOfTheKernel() throws Exception {
    recording.enable("jdk.SocketRead").withThreshold(ZERO);
    recording.enable("jdk.SocketWrite").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    exchange(client, server);
    try (ServerSocketChannel platform = PlatformProvider.lazy().get().openServerSocketChannel();
        SocketChannel near = PlatformProvider.lazy().get().openSocketChannel()) {
      platform.bind(new InetSocketAddress("127.0.0.1", 0));
      near.connect(platform.getLocalAddress());
      try (SocketChannel far = platform.accept()) {
        exchange(near, far);
      }
    }
    recording.stop();
    for (String name : new String[] {"jdk.SocketRead", "jdk.SocketWrite"}) {
      List<RecordedEvent> all = allEvents(name);
      assertThat(all.stream().filter(JfrTest::isOfRing).map(JfrTest::told).toList())
          .as(name)
          .isNotEmpty()
          .isEqualTo(all.stream().filter(e -> !isOfRing(e)).map(JfrTest::told).toList());
    }
  }

  private static void exchange(SocketChannel near, SocketChannel far) throws Exception {
    near.write(ByteBuffer.allocate(100));
    far.read(ByteBuffer.allocate(60));
    far.read(new ByteBuffer[] {ByteBuffer.allocate(10), ByteBuffer.allocate(100)});
    far.configureBlocking(false);
    far.read(ByteBuffer.allocate(1)); // nothing there
    near.write(new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocate(4)});
    far.configureBlocking(true);
    far.read(ByteBuffer.allocate(9));
    near.shutdownOutput();
    far.read(ByteBuffer.allocate(9));
  }

  private static boolean isOfRing(RecordedEvent event) {
    return event.getEventType().getField("connection") != null;
  }

  /** What an event tells but for names and times. */
  private static List<Object> told(RecordedEvent event) {
    return event.getEventType().getName().equals("jdk.SocketWrite")
        ? List.of(event.getLong("bytesWritten"))
        : List.of(
            event.getLong("bytesRead"), event.getBoolean("endOfStream"), event.getLong("timeout"));
  }

  /** What goes by other ways than channels: the sums are the statistics' all the same. */
  @Test
  void socketsStreamsAndAsynchronousChannelsAreToldToo() throws Exception {
    recording.enable("jdk.SocketRead").withThreshold(ZERO);
    recording.enable("jdk.SocketWrite").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    client.socket().getOutputStream().write(new byte[10]); // the adaptor
    assertThat(server.socket().getInputStream().read(new byte[20])).isEqualTo(10);
    try (Socket plain = network.socketFactory().createSocket("10.0.0.7", 5432);
        SocketChannel accepted = listener.accept()) {
      plain.getOutputStream().write(new byte[300]);
      assertThat(accepted.read(ByteBuffer.allocate(400))).isEqualTo(300);
      accepted.write(ByteBuffer.allocate(7));
      assertThat(plain.getInputStream().readNBytes(7)).hasSize(7);
    }
    try (AsynchronousSocketChannel far =
        network.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      far.connect(SERVER).get();
      try (SocketChannel accepted = listener.accept()) {
        Future<Integer> read = far.read(ByteBuffer.allocate(5000));
        accepted.write(ByteBuffer.allocate(4000));
        assertThat(read.get()).isEqualTo(4000);
        assertThat(far.write(ByteBuffer.allocate(50)).get()).isEqualTo(50);
        assertThat(accepted.read(ByteBuffer.allocate(60))).isEqualTo(50);
      }
    }
    recording.stop();
    assertThat(bytes("jdk.SocketRead"))
        .isEqualTo(network.statistics().ringBytes())
        .isEqualTo(10 + 300 + 7 + 4000 + 50);
    assertThat(bytes("jdk.SocketWrite")).isEqualTo(network.statistics().ringBytes());
  }

  private long bytes(String name) throws IOException {
    String field = name.equals("jdk.SocketRead") ? "bytesRead" : "bytesWritten";
    return events(name).stream().mapToLong(event -> event.getLong(field)).sum();
  }

  @Test
  void bytesThatWereOnlyPeekedAtAreNotToldAsRead() throws Exception {
    recording.enable("jdk.SocketRead").withThreshold(ZERO);
    recording.enable("nioring.ReadDelay").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    client.write(ByteBuffer.allocate(9));
    ByteTarget peeked = ByteTarget.of(ByteBuffer.allocate(9));
    assertThat(RingSocket.of(server).receive(peeked, MessageOption.PEEK).bytes()).isEqualTo(9);
    assertThat(server.read(ByteBuffer.allocate(9))).isEqualTo(9);
    recording.stop();
    assertThat(bytes("jdk.SocketRead")).isEqualTo(9);
    assertThat(events("nioring.ReadDelay")).hasSize(1);
  }

  @Test
  void bytesThatWaitBehindAWriteThatWaitedAreTold() throws Exception {
    recording.enable("nioring.ReadDelay").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().bufferSizeBytes(4096).build());
    connect();
    Background<Integer> writer = Background.run(() -> client.write(ByteBuffer.allocate(5000)));
    await().until(() -> row().sendQueue() == 4096 && row().waitingThread().isPresent());
    server.read(ByteBuffer.allocate(4096));
    assertThat(writer.result()).isEqualTo(5000);
    server.read(ByteBuffer.allocate(904));
    recording.stop();
    assertThat(events("nioring.ReadDelay"))
        .extracting(event -> event.getLong("queued"))
        .containsExactly(4096L, 904L);
  }

  @Test
  void readsBearANameOfOurOwnIfAskedTo() throws Exception {
    recording.enable("nioring.SocketRead").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().jdkEventNames(false).build());
    connect();
    client.write(ByteBuffer.allocate(1));
    server.read(ByteBuffer.allocate(1));
    recording.stop();
    assertThat(events("nioring.SocketRead")).hasSize(1);
    assertThat(events("jdk.SocketRead")).isEmpty();
  }

  @Test
  void connectionThatExistsIsRecordedFromWhenARecordingStarts() throws Exception {
    open(RingNetworkConfig.builder().build());
    connect();
    client.write(ByteBuffer.allocate(1));
    recording.enable("jdk.SocketRead").withThreshold(ZERO);
    recording.start();
    await().until(() -> NetworkInternals.of(network).wire().observer() != null);
    server.read(ByteBuffer.allocate(1));
    recording.stop();
    await().until(() -> NetworkInternals.of(network).wire().observer() == null);
    client.write(ByteBuffer.allocate(1));
    server.read(ByteBuffer.allocate(1));
    assertThat(events("jdk.SocketRead")).hasSize(1);
  }

  @Test
  void connectAcceptAndCloseAreTold() throws Exception {
    recording.enable("nioring.Connect").withThreshold(ZERO);
    recording.enable("nioring.Accept").withThreshold(ZERO);
    recording.enable("nioring.Close").withThreshold(ZERO);
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(
            () ->
                network
                    .provider()
                    .openSocketChannel()
                    .connect(new InetSocketAddress("10.0.0.7", 1)));
    client.write(ByteBuffer.allocate(7));
    server.read(ByteBuffer.allocate(4));
    client.close();
    server.close();
    connect();
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    client.close();
    server.close();
    connect();
    network.close();
    recording.stop();
    List<RecordedEvent> connects = events("nioring.Connect");
    assertThat(connects)
        .extracting(event -> event.getString("outcome"))
        .containsExactlyInAnyOrder("connected", "connected", "connected", "refused");
    assertThat(connects).extracting(event -> event.getInt("remotePort")).containsOnly(5432, 1);
    assertThat(events("nioring.Accept")).hasSize(3);
    List<RecordedEvent> closes = events("nioring.Close");
    assertThat(closes)
        .extracting(event -> event.getString("cause"))
        .containsExactlyInAnyOrder("close", "peer", "linger", "reset", "network", "network");
    assertThat(closes)
        .filteredOn(event -> event.getString("cause").equals("peer"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getLong("bytesRead")).isEqualTo(4);
              assertThat(event.getLong("unread")).isEqualTo(3);
              assertThat(event.getInt("localPort")).isEqualTo(5432);
            });
  }

  @Test
  void writerThatWaitsForAReaderThatSleepsIsToldOnce() throws Exception {
    recording.enable("nioring.WriteBlocked");
    recording.enable("nioring.ReadDelay");
    recording.start();
    open(RingNetworkConfig.builder().bufferSizeBytes(4096).build());
    connect();
    long begin = System.nanoTime();
    Background<Integer> writer = Background.run(() -> client.write(ByteBuffer.allocate(5000)));
    await().until(() -> row().sendQueue() == 4096 && row().waitingThread().isPresent());
    long full = System.nanoTime();
    await().until(() -> System.nanoTime() - full > Duration.ofMillis(200).toNanos());
    server.read(ByteBuffer.allocate(4096));
    long atMost = Duration.ofNanos(System.nanoTime() - begin).toMillis() + 1;
    assertThat(writer.result()).isEqualTo(5000);
    recording.stop();
    assertThat(events("nioring.WriteBlocked"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getDuration().toMillis()).isBetween(200L, atMost);
              assertThat(event.getLong("queued")).isEqualTo(4096);
              assertThat(event.getLong("capacity")).isEqualTo(4096);
              assertThat(event.getString("remoteAddress")).isEqualTo("10.0.0.7");
              assertThat(event.getThread("writer").getJavaName())
                  .isEqualTo(writer.thread().getName());
            });
    assertThat(events("nioring.ReadDelay"))
        .singleElement()
        .satisfies(event -> assertThat(event.getDuration().toMillis()).isGreaterThanOrEqualTo(200));
  }

  private io.nioring.SocketEntry row() {
    return network.sockets().stream()
        .filter(row -> row.end().equals("client"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void quickExchangesTellNoWaits() throws Exception {
    recording.enable("nioring.WriteBlocked").withThreshold(Duration.ofSeconds(2));
    recording.enable("nioring.ReadDelay").withThreshold(Duration.ofSeconds(2));
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    ByteBuffer one = ByteBuffer.allocate(1);
    for (int i = 0; i < 10_000; i++) {
      client.write(one.clear());
      server.read(one.clear());
    }
    recording.stop();
    assertThat(events("nioring.WriteBlocked")).isEmpty();
    assertThat(events("nioring.ReadDelay")).isEmpty();
  }

  @Test
  void fullBacklogIsTold() throws Exception {
    recording.enable("nioring.BacklogFull");
    recording.start();
    open(RingNetworkConfig.builder().build());
    for (int i = 0; i < 3; i++) {
      SocketChannel channel = network.provider().openSocketChannel();
      channel.configureBlocking(false);
      channel.connect(SERVER);
    }
    recording.stop();
    assertThat(events("nioring.BacklogFull"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("listener")).isEqualTo("10.0.0.7:5432");
              assertThat(event.getInt("backlog")).isEqualTo(2);
            });
  }

  @Test
  void eventsBeyondTheRateAreLeftOut() throws Exception {
    // No other test has this rate, and so has used up some of what it admits at once.
    recording.enable("jdk.SocketWrite").withThreshold(ZERO).with("throttle", "50/s");
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    long begin = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      client.write(ByteBuffer.allocate(1));
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds() + 1;
    recording.stop();
    assertThat(events("jdk.SocketWrite")).hasSizeBetween(50, (int) (50 + 50 * seconds));
  }

  @Test
  void throttleOfARecordingLiftsTheLimit() throws Exception {
    recording.enable("jdk.SocketWrite").withThreshold(ZERO).with("throttle", "off");
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    for (int i = 0; i < 1000; i++) {
      client.write(ByteBuffer.allocate(1));
    }
    recording.stop();
    assertThat(events("jdk.SocketWrite")).hasSize(1000);
  }

  @Test
  void statisticsAreToldNowAndThen() throws Exception {
    recording.enable("nioring.NetworkStatistics").withPeriod(Duration.ofMillis(50));
    recording.enable("nioring.ConnectionStatistics").withPeriod(Duration.ofMillis(50));
    recording.start();
    open(RingNetworkConfig.builder().build());
    connect();
    client.write(ByteBuffer.allocate(11));
    await()
        .untilAsserted(
            () -> {
              assertThat(events("nioring.NetworkStatistics"))
                  .anyMatch(event -> event.getLong("ringConnections") == 1);
              assertThat(events("nioring.ConnectionStatistics"))
                  .anyMatch(event -> event.getLong("receiveQueue") == 11);
            });
  }

  @Test
  void nothingOfItIsLoadedWithoutARecording() throws Exception {
    open(RingNetworkConfig.builder().build());
    List<String> lines =
        ChildJvm.run(directory, Exchange.class, "-Xlog:class+load:stdout", "-Xshare:auto");
    assertThat(lines).contains("exchanged");
    assertThat(lines).noneMatch(line -> line.contains(" io.nioring.observe.") && !isOfTest(line));
    assertThat(lines).noneMatch(line -> line.contains(" jdk.jfr.Event "));
  }

  private static boolean isOfTest(String line) {
    return line.contains("JfrTest");
  }

  /** A program that connects, sends and closes. */
  static final class Exchange {
    private Exchange() {}

    public static void main(String[] args) throws IOException {
      try (RingNetwork network = RingNetwork.open()) {
        ServerSocketChannel listener = network.provider().openServerSocketChannel();
        listener.bind(SERVER);
        SocketChannel client = network.provider().openSocketChannel();
        client.connect(SERVER);
        SocketChannel server = listener.accept();
        client.write(ByteBuffer.allocate(1));
        server.read(ByteBuffer.allocate(1));
      }
      System.out.println("exchanged");
    }
  }
}
