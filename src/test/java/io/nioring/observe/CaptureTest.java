package io.nioring.observe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.Right;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.Rounds;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("stress")
@SuppressWarnings({"try", "UnsynchronizedOverridesSynchronized"})
class CaptureTest {
  /** How many random connections. */
  private static final int CONNECTIONS = Rounds.of("test.capture.connections", 60, 10_000);

  /** How much goes over one connection; with 3,500 MiB sequence numbers wrap. */
  private static final long LONG_STREAM =
      (long) Rounds.of("test.capture.mebibytes", 16, 3_500) << 20;

  /** Where random connections are left for readers that are not ours; see readers.sh. */
  private static final String KEPT = System.getProperty("test.capture.kept");

  /** How many exchanges each of eight threads has; 125,000 make a million packets. */
  private static final int EXCHANGES = Rounds.of("test.capture.exchanges", 2_000, 125_000);

  /** Ends a wait that never lasts so long unless something is broken. */
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final CaptureOptions WAITING = CaptureOptions.builder().blocking(true).build();

  private final RingNetwork network = RingNetwork.open();

  @TempDir private Path folder;

  @AfterEach
  void closeNetwork() {
    network.close();
  }

  private Path file() {
    return folder.resolve("a.pcapng");
  }

  /** A connected pair. */
  private static final class Pair implements AutoCloseable {
    final SocketChannel client;
    final SocketChannel server;

    Pair(SocketChannel client, SocketChannel server) {
      this.client = client;
      this.server = server;
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  private ServerSocketChannel listen(SocketAddress address) throws IOException {
    ServerSocketChannel listener =
        address instanceof UnixDomainSocketAddress
            ? network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openServerSocketChannel();
    return listener.bind(address);
  }

  private Pair connect(ServerSocketChannel listener) throws IOException {
    SocketAddress address = listener.getLocalAddress();
    SocketChannel client =
        address instanceof UnixDomainSocketAddress
            ? network.provider().openSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openSocketChannel();
    client.connect(address);
    return new Pair(client, listener.accept());
  }

  private static SocketAddress ip(String host) {
    return new InetSocketAddress(host, 0);
  }

  private static byte[] random(Random random, int bytes) {
    byte[] all = new byte[bytes];
    random.nextBytes(all);
    return all;
  }

  private static void send(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    while (all.hasRemaining()) {
      to.write(all);
    }
  }

  private static byte[] receive(SocketChannel from, int bytes) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(bytes);
    while (all.hasRemaining() && from.read(all) >= 0) {}
    return Arrays.copyOf(all.array(), all.position());
  }

  private static byte[] receiveAll(SocketChannel from) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(40_000);
    while (from.read(buffer.clear()) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
    }
    return all.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void aConversationIsWrittenAsTcp(String host) throws Exception {
    byte[] question = random(new Random(1), 100);
    byte[] answer = random(new Random(2), 200_000);
    SocketAddress client;
    SocketAddress server;
    try (ServerSocketChannel listener = listen(ip(host));
        Capture capture = Capture.start(network, file())) {
      try (Pair pair = connect(listener)) {
        client = pair.client.getLocalAddress();
        server = pair.client.getRemoteAddress();
        send(pair.client, question);
        receive(pair.server, question.length);
        Background<byte[]> read = Background.run(() -> receiveAll(pair.client));
        send(pair.server, answer);
        pair.server.shutdownOutput();
        assertThat(read.result()).isEqualTo(answer);
      }
      assertThat(capture.failure()).isEmpty();
    }
    PcapngFile file = PcapngFile.read(file());
    CapturedStreams streams = CapturedStreams.of(file.packets());
    CapturedStreams.Stream there = streams.stream(client, server);
    CapturedStreams.Stream back = streams.stream(server, client);
    assertThat(there.bytes()).isEqualTo(question);
    assertThat(back.bytes()).isEqualTo(answer);
    assertThat(Stream.of(there, back))
        .allMatch(CapturedStreams.Stream::synced)
        .allMatch(CapturedStreams.Stream::finished)
        .allMatch(CapturedStreams.Stream::finishAcknowledged)
        .noneMatch(CapturedStreams.Stream::reset);
    assertThat(file.received()).isEqualTo(file.packets().size());
    assertThat(file.dropped()).isZero();
    assertThat(file.comments()).anyMatch(text -> text.startsWith("connection "));
    assertThat(file.comments()).anyMatch(text -> text.contains("accepted, 0 left"));
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES) // by hand with more
  void randomConnectionsAreReassembledToWhatWasSent() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Expected> expected = new ArrayList<>();
    try (ServerSocketChannel tcp = listen(ip("127.0.0.1"));
        ServerSocketChannel unix = listen(UnixDomainSocketAddress.of(folder.resolve("s")));
        Capture capture = Capture.start(network, file(), WAITING)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        expected.add(talk(random.nextInt(4) == 0 ? unix : tcp, random));
      }
      assertThat(capture.failure()).isEmpty();
    }
    if (KEPT != null) {
      Files.copy(file(), Path.of(KEPT, "random.pcapng"), StandardCopyOption.REPLACE_EXISTING);
      Files.write(
          Path.of(KEPT, "random.sums"),
          expected.stream().flatMap(Expected::sums).sorted().toList());
    }
    PcapngFile file = PcapngFile.read(file());
    CapturedStreams streams = CapturedStreams.of(file.packets());
    assertThat(streams.all()).as("seed %d", seed).hasSize(2 * CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++) {
      expected.get(i).check(streams, "connection " + i + " of seed " + seed);
    }
  }

  /** What has gone over one connection, whose packets bear these addresses. */
  private record Expected(
      InetSocketAddress client,
      InetSocketAddress server,
      ByteArrayOutputStream toServer,
      ByteArrayOutputStream toClient,
      boolean reset) {
    /** A line for each stream that is not empty: its ends and its checksum. */
    Stream<String> sums() {
      return Stream.of(sum(client, server, toServer), sum(server, client, toClient))
          .filter(line -> !line.isEmpty());
    }

    private static String sum(
        InetSocketAddress from, InetSocketAddress to, ByteArrayOutputStream bytes) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        String hex = HexFormat.of().formatHex(digest.digest(bytes.toByteArray()));
        return bytes.size() == 0 ? "" : text(from) + '-' + text(to) + ' ' + hex;
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }

    /** Address and port as tcpflow writes them; those of Unix sockets differ by their ports. */
    private static String text(InetSocketAddress end) {
      byte[] address = end.getAddress().getAddress();
      if (address.length != 4) {
        return String.format("unix.%05d", end.getPort());
      }
      StringBuilder text = new StringBuilder();
      for (byte each : address) {
        text.append(String.format("%03d.", each & 0xff));
      }
      return text + String.format("%05d", end.getPort());
    }

    void check(CapturedStreams streams, String which) {
      CapturedStreams.Stream there = streams.stream(client, server);
      CapturedStreams.Stream back = streams.stream(server, client);
      assertThat(there.bytes()).as(which).isEqualTo(toServer.toByteArray());
      assertThat(back.bytes()).as(which).isEqualTo(toClient.toByteArray());
      assertThat(there.reset() || back.reset()).as(which).isEqualTo(reset);
      assertThat(reset || (there.finishAcknowledged() && back.finishAcknowledged()))
          .as(which + " ended")
          .isTrue();
    }
  }

  private Expected talk(ServerSocketChannel listener, Random random) throws IOException {
    SocketChannel[] ends = new SocketChannel[2];
    ByteArrayOutputStream[] sent = {new ByteArrayOutputStream(), new ByteArrayOutputStream()};
    try (Pair pair = connect(listener)) {
      ends[0] = pair.client;
      ends[1] = pair.server;
      CaptureAddresses addresses = addresses(pair);
      boolean[] shut = new boolean[2];
      for (int step = random.nextInt(12); step > 0; step--) {
        int by = random.nextInt(2);
        if (!shut[by] && random.nextInt(8) == 0) {
          ends[by].shutdownOutput();
          shut[by] = true;
        } else if (!shut[by]) {
          byte[] bytes = random(random, 1 << random.nextInt(16));
          send(ends[by], bytes);
          sent[by].write(bytes);
          assertThat(receive(ends[1 - by], bytes.length)).isEqualTo(bytes);
        }
      }
      boolean reset = random.nextInt(4) == 0;
      int closing = random.nextInt(2);
      if (reset && !shut[1 - closing]) {
        byte[] unread = random(random, 100);
        send(ends[1 - closing], unread);
        sent[1 - closing].write(unread);
      } else {
        reset = false;
      }
      ends[closing].close();
      if (!reset) {
        assertThat(ends[1 - closing].read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      return new Expected(addresses.client(), addresses.server(), sent[0], sent[1], reset);
    }
  }

  private CaptureAddresses addresses(Pair pair) throws IOException {
    SocketAddress server = pair.server.getLocalAddress();
    long number =
        NetworkInternals.of(network).registry().entries().stream()
            .map(entry -> entry.endpoint())
            .filter(end -> end != null && end.isConnected())
            .mapToLong(end -> end.number())
            .max()
            .getAsLong();
    return CaptureAddresses.of(pair.client.getLocalAddress(), server, server, number);
  }

  @Test
  void sequenceNumbersWrap() throws Exception {
    int near = (int) ((1L << 32) / 64_000) - 1; // its number makes an initial one below the end
    while (NetworkInternals.of(network).wire().number() < near) {}
    byte[] bytes = random(new Random(3), 300_000);
    SocketAddress client;
    SocketAddress server;
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file(), WAITING);
        Pair pair = connect(listener)) {
      client = pair.client.getLocalAddress();
      server = pair.client.getRemoteAddress();
      Background<byte[]> read = Background.run(() -> receive(pair.server, bytes.length));
      send(pair.client, bytes);
      assertThat(read.result()).isEqualTo(bytes);
      capture.close();
    }
    CapturedStreams.Stream stream =
        CapturedStreams.of(PcapngFile.read(file()).packets()).stream(client, server);
    assertThat(stream.first()).isBetween(-300_000, -1);
    assertThat(stream.bytes()).isEqualTo(bytes);
    assertThat(stream.acknowledgedBytes()).isEqualTo(bytes.length);
  }

  @Test
  void aWriteIsSplitIntoPacketsAndAWindowTellsTheRoom() throws Exception {
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file(), WAITING);
        Pair pair = connect(listener)) {
      pair.client.configureBlocking(false);
      int written = pair.client.write(ByteBuffer.allocate(1 << 22));
      assertThat(written).isGreaterThan(200_000);
      receive(pair.server, 100_000);
      capture.close();
      List<CapturedPacket> packets = PcapngFile.read(file()).packets();
      assertThat(packets).allMatch(packet -> packet.payload().length <= 65_495);
      assertThat(packets.stream().mapToInt(packet -> packet.payload().length).sum())
          .isEqualTo(written);
      CapturedPacket last = packets.get(packets.size() - 1);
      int scale = packets.get(1).scale();
      assertThat(last.window() << scale)
          .as("room after the read")
          .isBetween(100_000 - (1 << scale), 100_000);
    }
  }

  @Test
  void aRefusedConnectIsASynAndAReset() throws Exception {
    SocketAddress nobody;
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"))) {
      nobody = listener.getLocalAddress();
    }
    try (Capture capture = Capture.start(network, file())) {
      SocketChannel client = network.provider().openSocketChannel();
      assertThatThrownBy(() -> client.connect(nobody)).isInstanceOf(ConnectException.class);
      client.close();
      capture.close();
    }
    List<CapturedPacket> packets = PcapngFile.read(file()).packets();
    assertThat(packets).hasSize(2);
    assertThat(packets.get(0).flags()).isEqualTo(CapturedPacket.SYN);
    assertThat(packets.get(0).to()).isEqualTo(nobody);
    assertThat(packets.get(0).comment()).startsWith("Connection refused");
    assertThat(packets.get(1).flags()).isEqualTo(CapturedPacket.RST | CapturedPacket.ACK);
    assertThat(packets.get(1).acknowledged()).isEqualTo(packets.get(0).sequence() + 1);
  }

  @Test
  void lingerOfZeroIsAReset() throws Exception {
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file());
        Pair pair = connect(listener)) {
      pair.client.setOption(StandardSocketOptions.SO_LINGER, 0);
      pair.client.close();
      pair.server.close();
      capture.close();
    }
    List<CapturedPacket> packets = PcapngFile.read(file()).packets();
    assertThat(packets).hasSize(4);
    assertThat(packets.get(3).is(CapturedPacket.RST)).isTrue();
    assertThat(packets.get(3).comment()).contains("reset by thread");
  }

  @Test
  void aConnectionMetInItsMiddleBeginsWithBareData() throws Exception {
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Pair pair = connect(listener)) {
      send(pair.client, new byte[1000]);
      receive(pair.server, 1000);
      send(pair.server, new byte[10]);
      byte[] first = {1, 2, 3};
      byte[] second = {4, 5, 6};
      try (Capture capture = Capture.start(network, file())) {
        send(pair.client, first);
        receive(pair.server, 3);
        capture.close();
      }
      send(pair.client, new byte[5]); // by nobody seen
      try (Capture capture = Capture.start(network, folder.resolve("b.pcapng"))) {
        send(pair.client, second);
        receive(pair.server, 8);
        capture.close();
      }
      List<CapturedPacket> packets = PcapngFile.read(file()).packets();
      assertThat(packets).hasSize(2);
      assertThat(packets.get(0).payload()).isEqualTo(first);
      assertThat(packets.get(0).comment()).contains("middle of connection");
      assertThat(packets.get(1).acknowledged()).isEqualTo(packets.get(0).sequence() + 3);
      List<CapturedPacket> later = PcapngFile.read(folder.resolve("b.pcapng")).packets();
      assertThat(later.get(0).payload()).isEqualTo(second);
      assertThat(later.get(0).sequence()).isEqualTo(packets.get(0).sequence() + 8);
    }
  }

  @Test
  void unixSocketsHaveAddressesAndNames() throws Exception {
    Path path = folder.resolve("db.sock");
    try (ServerSocketChannel listener = listen(UnixDomainSocketAddress.of(path));
        Capture capture = Capture.start(network, file());
        Pair pair = connect(listener)) {
      send(pair.client, new byte[10]);
      capture.close();
    }
    PcapngFile file = PcapngFile.read(file());
    InetSocketAddress server = file.packets().get(0).to();
    assertThat(server.getAddress().getHostAddress()).startsWith("fd00:6e69:6f72:0:");
    assertThat(file.names()).containsEntry(server.getAddress(), path.toString());
    assertThat(file.packets().get(0).from().getAddress().getHostAddress())
        .startsWith("fd00:6e69:6f72:1:");
    assertThat(file.packets().get(0).comment()).contains("to " + path);
  }

  @Test
  void theNameThatAProgramHasUsedIsInTheFile() throws Exception {
    InetAddress named = InetAddress.getByAddress("db.example", new byte[] {10, 0, 0, 7});
    try (ServerSocketChannel listener = listen(new InetSocketAddress("10.0.0.7", 5432));
        Capture capture = Capture.start(network, file());
        SocketChannel client = network.provider().openSocketChannel()) {
      client.connect(new InetSocketAddress(named, 5432));
      capture.close();
      assertThat(listener.isOpen()).isTrue();
    }
    assertThat(PcapngFile.read(file()).names()).containsEntry(named, "db.example");
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES) // by hand with more
  void noAcknowledgementStandsBeforeItsData() throws Exception {
    int threads = 8;
    byte[] bytes = random(new Random(4), 64);
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file(), WAITING)) {
      List<Background<?>> all = new ArrayList<>();
      for (int i = 0; i < threads / 2; i++) {
        Pair pair = connect(listener);
        all.add(Background.run(() -> exchange(pair.client, bytes, true)));
        all.add(Background.run(() -> exchange(pair.server, bytes, false)));
      }
      all.forEach(each -> each.result(Deadline.DEFAULT.multipliedBy(20)));
      assertThat(capture.failure()).isEmpty();
    }
    PcapngFile file = PcapngFile.read(file());
    assertThat(file.packets()).hasSizeGreaterThan(threads / 2 * EXCHANGES * 2);
    CapturedStreams.of(file.packets()); // would fail
  }

  private static Void exchange(SocketChannel end, byte[] bytes, boolean begins) throws IOException {
    try (end) {
      for (int i = 0; i < EXCHANGES; i++) {
        if (begins) {
          send(end, bytes);
        }
        receive(end, bytes.length);
        if (!begins) {
          send(end, bytes);
        }
      }
    }
    return null;
  }

  @Test
  void whatFindsNoRoomIsCountedAndTheProgramGoesOn() throws Exception {
    SlowStream slow = new SlowStream();
    CaptureOptions options = CaptureOptions.builder().queueBytes(1 << 16).build();
    byte[] bytes = random(new Random(5), 1 << 20);
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, slow, options)) {
      slow.hold();
      try (Pair pair = connect(listener)) {
        Background<byte[]> read = Background.run(() -> receiveAll(pair.server));
        send(pair.client, bytes);
        pair.client.shutdownOutput();
        assertThat(read.result()).isEqualTo(bytes);
      }
      slow.release();
      capture.close();
      PcapngFile file = PcapngFile.read(slow.toByteArray());
      assertThat(capture.droppedPackets()).isPositive();
      assertThat(file.payloadBytes() + capture.droppedBytes()).isEqualTo(bytes.length);
      assertThat(file.packets()).hasSize((int) capture.packets());
      assertThat(file.dropped()).isEqualTo(capture.droppedPackets());
      assertThat(file.lostInPackets()).isLessThanOrEqualTo(capture.droppedPackets());
      assertThat(file.received()).isEqualTo(file.packets().size() + file.dropped());
    }
  }

  /** A stream that can be held. */
  private static final class SlowStream extends ByteArrayOutputStream {
    private volatile boolean held;

    void hold() {
      held = true;
    }

    void release() {
      held = false;
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      Deadline deadline = Deadline.start();
      while (held && !deadline.passed()) {
        LockSupport.parkNanos(100_000);
      }
      super.write(bytes, from, count);
    }
  }

  /** Its figures can be read for as long as somebody likes, as JMX does with those it started. */
  @Test
  void aCaptureThatHasEndedKeepsNoMemory() throws Exception {
    int queue = 64 << 20;
    CaptureOptions options = CaptureOptions.builder().queueBytes(queue).build();
    long before = directBytes();
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, new FullStream(), options)) {
      assertThat(directBytes() - before).isGreaterThan(queue / 2);
      try (Pair pair = connect(listener)) {
        Deadline deadline = Deadline.after(LONG);
        while (capture.failure().isEmpty() && !deadline.passed()) {
          send(pair.client, new byte[10_000]);
          receive(pair.server, 10_000);
        }
      }
      assertThat(capture.failure()).isPresent();
      Deadline.await(
          LONG,
          "the memory of the queue is given back",
          () -> {
            System.gc();
            return directBytes() - before < queue / 2;
          });
      assertThat(capture.packets()).isPositive();
      assertThat(capture.isRunning()).isFalse();
    }
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** A disk with little room. */
  private static final class FullStream extends OutputStream {
    private int room = 100_000;

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      room -= count;
      if (room < 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  @Test
  void aDiskThatIsFullEndsTheCaptureAlone() throws Exception {
    byte[] bytes = random(new Random(6), 1 << 20);
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, new FullStream(), WAITING);
        Pair pair = connect(listener)) {
      Background<byte[]> read = Background.run(() -> receive(pair.server, bytes.length));
      send(pair.client, bytes);
      assertThat(read.result()).isEqualTo(bytes);
      capture.close();
      assertThat(capture.isRunning()).isFalse();
      assertThat(capture.failure())
          .hasValueSatisfying(e -> assertThat(e).hasMessage("No space left on device"));
      assertThat(capture.toString())
          .endsWith("failed: java.io.IOException: No space left on device]");
      assertThat(NetworkInternals.of(network).wire().observer()).isNull();
      assertThat(NetworkInternals.of(network).registry().entries())
          .allMatch(each -> each.endpoint() == null || each.endpoint().outputTap() == null);
      assertThat(capture.connections()).as("kept by who keeps the capture").isZero();
    }
  }

  @Test
  void aFileMayLastForAnyTime() throws Exception {
    CaptureOptions options =
        CaptureOptions.builder()
            .fileDuration(Duration.ofSeconds(Long.MAX_VALUE))
            .blocking(true)
            .build();
    try (ServerSocketChannel listener = listen(UnixDomainSocketAddress.of(folder.resolve("s")));
        Capture capture = Capture.start(network, file(), options);
        Pair pair = connect(listener)) {
      send(pair.client, new byte[1]);
      receive(pair.server, 1);
      capture.close();
      assertThat(capture.failure()).isEmpty();
    }
  }

  @Test
  void eachFileOfARotationStandsAlone() throws Exception {
    CaptureOptions options =
        CaptureOptions.builder().fileSizeBytes(20_000).files(5).blocking(true).build();
    byte[] bytes = random(new Random(7), 1000);
    long packets;
    try (ServerSocketChannel listener = listen(UnixDomainSocketAddress.of(folder.resolve("s")));
        Capture capture = Capture.start(network, file(), options);
        Pair pair = connect(listener)) {
      for (int i = 0; i < 200; i++) {
        send(pair.client, bytes);
        receive(pair.server, bytes.length);
      }
      capture.close();
      packets = capture.packets();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(each -> each.toString().endsWith(".pcapng")).sorted().toList();
    }
    assertThat(files).hasSize(5);
    assertThat(files.get(0).getFileName().toString()).matches("a-\\d{5}\\.pcapng");
    List<CapturedPacket> kept = new ArrayList<>();
    for (Path each : files) {
      PcapngFile file = PcapngFile.read(each);
      assertThat(file.received()).isEqualTo(file.packets().size());
      assertThat(file.names()).hasSize(1);
      assertThat(Files.size(each)).isLessThan(24_000);
      kept.addAll(file.packets());
    }
    assertThat(kept.size()).isLessThan((int) packets);
    CapturedStreams.of(kept); // nothing is missing between them
  }

  @Test
  void onlyTheOwnerMayReadTheFile() throws Exception {
    Files.createFile(
        file(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    Capture.start(network, file()).close();
    Path other = folder.resolve("b.pcapng");
    Capture.start(network, other).close();
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"))
        .isEqualTo(Files.getPosixFilePermissions(other));
    assertThat(PcapngFile.read(file()).received()).isZero();
  }

  @Test
  void aKeyLogIsEmbedded() throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), "CLIENT_RANDOM 00 11\n");
    Capture.start(network, file(), CaptureOptions.builder().keyLog(keys).build()).close();
    assertThat(PcapngFile.read(file()).secrets())
        .singleElement()
        .isEqualTo(Files.readAllBytes(keys));
  }

  @Test
  void linesOfAKeyLogStandBeforeWhatTheyDecrypt() throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), "CLIENT_RANDOM 00 11\n");
    CaptureOptions options = CaptureOptions.builder().blocking(true).keyLog(keys).build();
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file(), options);
        Pair pair = connect(listener)) {
      send(pair.client, "first".getBytes(US_ASCII));
      Files.writeString(keys, "CLIENT_RANDOM 22 33\nCLIENT_RANDOM 44", StandardOpenOption.APPEND);
      send(pair.client, "second".getBytes(US_ASCII));
      capture.close();
      assertThat(capture.failure()).isEmpty();
    }
    List<byte[]> secrets = PcapngFile.read(file()).secrets();
    assertThat(String.join("", secrets.stream().map(each -> new String(each, US_ASCII)).toList()))
        .isEqualTo("CLIENT_RANDOM 00 11\nCLIENT_RANDOM 22 33\n");
    assertThat(Files.readString(file(), ISO_8859_1))
        .containsSubsequence("00 11", "first")
        .containsSubsequence("22 33", "second");
  }

  @Test
  void packetsAreCutToTheSnapLength() throws Exception {
    CaptureOptions options = CaptureOptions.builder().snapBytes(64).build();
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture capture = Capture.start(network, file(), options);
        Pair pair = connect(listener)) {
      send(pair.client, new byte[1000]);
      capture.close();
    }
    List<CapturedPacket> data = // more than one where the ring grows during the write
        PcapngFile.read(file()).packets().stream().filter(each -> each.payloadBytes() > 0).toList();
    assertThat(data.stream().mapToInt(CapturedPacket::payloadBytes).sum()).isEqualTo(1000);
    assertThat(data).allSatisfy(each -> assertThat(each.payload()).hasSize(24));
  }

  @Test
  void connectionsThatEndedAreForgotten() throws Exception {
    Capture capture = Capture.start(network, file());
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"))) {
      for (int i = 0; i < 50; i++) {
        connect(listener).close();
      }
    }
    Deadline deadline = Deadline.start();
    while (capture.connections() > 0 && !deadline.passed()) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(capture.connections()).isZero();
    capture.close();
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES) // by hand with more
  void aLongStreamIsWhole() throws Exception {
    int piece = 1 << 20;
    byte[] bytes = random(new Random(8), piece);
    LongStream whole = new LongStream(80);
    CRC32 sent = new CRC32();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    OutputStream out =
        KEPT == null ? whole : new Both(whole, Files.newOutputStream(Path.of(KEPT, "long.pcapng")));
    try (ServerSocketChannel listener = listen(new InetSocketAddress("10.0.0.7", 80));
        Capture capture = Capture.start(network, out, WAITING);
        Pair pair = connect(listener)) {
      Background<Void> read =
          Background.run(
              () -> {
                for (long done = 0; done < LONG_STREAM; done += piece) {
                  receive(pair.server, piece);
                }
                return null;
              });
      for (long done = 0; done < LONG_STREAM; done += piece) {
        bytes[0]++;
        send(pair.client, bytes);
        sent.update(bytes);
        if (KEPT != null) {
          digest.update(bytes);
        }
      }
      read.result(Deadline.DEFAULT.multipliedBy(60));
      capture.close();
      assertThat(capture.failure()).isEmpty();
      assertThat(capture.droppedPackets()).isZero();
    }
    assertThat(whole.bytes()).isEqualTo(LONG_STREAM);
    assertThat(whole.sum()).isEqualTo(sent.getValue());
    if (KEPT != null) {
      Files.writeString(
          Path.of(KEPT, "long.sums"), HexFormat.of().formatHex(digest.digest()) + '\n');
    }
  }

  /** Writes to two streams. */
  private static final class Both extends OutputStream {
    private final OutputStream first;
    private final OutputStream second;

    Both(OutputStream first, OutputStream second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      first.write(bytes, from, count);
      second.write(bytes, from, count);
    }

    @Override
    public void close() throws IOException {
      first.close();
      second.close();
    }
  }

  @Test
  void aFilterChoosesConnections() throws Exception {
    try (ServerSocketChannel wanted = listen(new InetSocketAddress("10.0.0.7", 5432));
        ServerSocketChannel other = listen(new InetSocketAddress("10.0.0.8", 80))) {
      CaptureOptions options = CaptureOptions.builder().filter("sport = :5432").build();
      try (Capture capture = Capture.start(network, file(), options)) {
        connect(other).close();
        connect(wanted).close();
        assertThat(capture.isRunning()).isTrue();
      }
    }
    assertThat(PcapngFile.read(file()).packets())
        .isNotEmpty()
        .allMatch(packet -> packet.from().getPort() == 5432 || packet.to().getPort() == 5432);
  }

  @Test
  void pipesAreCapturedOnRequest() throws Exception {
    for (boolean pipes : new boolean[] {false, true}) {
      Path file = folder.resolve(pipes + ".pcapng");
      CaptureOptions options = CaptureOptions.builder().blocking(true).pipes(pipes).build();
      try (Capture capture = Capture.start(network, file, options);
          SocketPair pair = network.socketPair()) {
        Pipe pipe = network.provider().openPipe();
        pipe.sink().write(ByteBuffer.allocate(5));
        pair.first().write(ByteBuffer.allocate(6));
        pipe.sink().close();
        pipe.source().close();
        assertThat(capture.isRunning()).isTrue();
      }
      assertThat(PcapngFile.read(file).payloadBytes()).isEqualTo(pipes ? 11 : 0);
    }
  }

  @Test
  void whatTcpHasNoWordForIsAComment() throws Exception {
    try (ServerSocketChannel listener = listen(UnixDomainSocketAddress.of("/run/a"));
        Capture capture = Capture.start(network, file(), WAITING);
        Pair pair = connect(listener)) {
      pair.server.shutdownInput();
      AncillaryData rights =
          AncillaryData.builder()
              .right(Right.channel(network.provider().openSocketChannel()))
              .build();
      RingSocket.of(pair.server).send(ByteSource.of(ByteBuffer.allocate(1)), rights);
      assertThat(capture.isRunning()).isTrue();
    }
    assertThat(PcapngFile.read(file()).packets())
        .extracting(CapturedPacket::comment)
        .anyMatch(comment -> comment != null && comment.contains("server has shut its input"))
        .anyMatch(comment -> comment != null && comment.contains("server passes 1 descriptors"));
  }

  @Test
  void aFilterThatIsWrongMakesNoFile() {
    CaptureOptions options = CaptureOptions.builder().filter("bogus").build();
    assertThatThrownBy(() -> Capture.start(network, file(), options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bogus");
    assertThat(file()).doesNotExist();
  }

  @Test
  void aNetworkCapturesItself() throws Exception {
    Path configured = folder.resolve("c.pcapng");
    RingNetworkConfig config =
        RingNetworkConfig.builder().capture(configured + ",port 5432").build();
    try (RingNetwork own = RingNetwork.open(config);
        Closeable capture = own.capture(file());
        ServerSocketChannel listener = own.provider().openServerSocketChannel()) {
      listener.bind(new InetSocketAddress("10.0.0.7", 5432));
      try (SocketChannel client = own.provider().openSocketChannel()) {
        client.connect(listener.getLocalAddress());
      }
      capture.close();
    }
    assertThat(PcapngFile.read(configured).packets()).hasSizeGreaterThan(3);
    assertThat(PcapngFile.read(file()).packets()).hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void datagramsAreWrittenAsUdp(String host) throws Exception {
    InetAddress address = InetAddress.getByName(host);
    InetAddress named = InetAddress.getByAddress("dns.example", address.getAddress());
    int most = address.getAddress().length == 4 ? 65_507 : 65_527;
    SocketAddress asking;
    SocketAddress answering;
    List<byte[]> sent = new ArrayList<>();
    try (DatagramChannel client = network.provider().openDatagramChannel();
        DatagramChannel server = network.provider().openDatagramChannel();
        Capture capture = Capture.start(network, file(), WAITING)) {
      server.bind(new InetSocketAddress(address, 53));
      client.bind(new InetSocketAddress(address, 0));
      asking = client.getLocalAddress();
      answering = server.getLocalAddress();
      for (int bytes : new int[] {0, 1, 2, 513, most}) {
        byte[] payload = random(new Random(bytes), bytes);
        client.send(ByteBuffer.wrap(payload), new InetSocketAddress(named, 53));
        ByteBuffer received = ByteBuffer.allocate(70_000);
        assertThat(server.receive(received)).isEqualTo(asking);
        assertThat(Arrays.copyOf(received.array(), received.position())).isEqualTo(payload);
        server.send(ByteBuffer.wrap(payload), asking);
        sent.add(payload);
        sent.add(payload);
      }
      capture.close();
    }
    PcapngFile file = PcapngFile.read(file());
    assertThat(file.names()).containsEntry(address, "dns.example");
    assertThat(file.packets()).hasSize(10).allMatch(CapturedPacket::isDatagram);
    for (int i = 0; i < 10; i++) {
      CapturedPacket packet = file.packets().get(i);
      assertThat(packet.payload()).isEqualTo(sent.get(i));
      assertThat(packet.from()).isEqualTo(i % 2 == 0 ? asking : answering);
      assertThat(packet.to()).isEqualTo(i % 2 == 0 ? answering : asking);
    }
  }

  @Test
  void datagramsAreChosenAndCutAsPacketsAre() throws Exception {
    CaptureOptions options =
        CaptureOptions.builder().blocking(true).snapBytes(64).filter("port 53").build();
    try (DatagramChannel client = network.provider().openDatagramChannel();
        DatagramChannel server = network.provider().openDatagramChannel();
        Capture capture = Capture.start(network, file(), options)) {
      server.bind(new InetSocketAddress("10.0.0.7", 53));
      client.send(ByteBuffer.allocate(1000), new InetSocketAddress("10.0.0.7", 54));
      client.send(ByteBuffer.allocate(1000), server.getLocalAddress());
      client.send(ByteBuffer.allocate(3), new InetSocketAddress("239.1.2.3", 53));
      capture.close();
      assertThat(capture.packets()).isEqualTo(2);
    }
    List<CapturedPacket> packets = PcapngFile.read(file()).packets();
    assertThat(packets.get(0).payloadBytes()).isEqualTo(1000);
    assertThat(packets.get(0).payload()).hasSize(36);
    assertThat(packets.get(1).to()).isEqualTo(new InetSocketAddress("239.1.2.3", 53));
  }

  @Test
  void datagramsWithoutRoomAreCounted() throws Exception {
    CountDownLatch full = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            if (Thread.currentThread().getName().startsWith("nioring-capture")) {
              try {
                full.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            }
          }
        };
    CaptureOptions options = CaptureOptions.builder().queueBytes(1 << 16).build();
    try (DatagramChannel client = network.provider().openDatagramChannel();
        Capture capture = Capture.start(network, stuck, options)) {
      for (int i = 0; i < 1000; i++) {
        client.send(ByteBuffer.allocate(1000), new InetSocketAddress("10.0.0.7", 53));
      }
      full.countDown();
      capture.close();
      assertThat(capture.packets() + capture.droppedPackets()).isEqualTo(1000);
      assertThat(capture.droppedBytes()).isEqualTo(1000 * capture.droppedPackets()).isPositive();
    }
  }

  @Test
  void theNetworksCloseEndsItsCaptures() throws Exception {
    Set<Thread> before = InsightUnderLoadTest.capturing();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    Capture toFile = Capture.start(network, file());
    Capture toStream = Capture.start(network, stream, CaptureOptions.defaults());
    ServerSocketChannel listener = listen(ip("127.0.0.1"));
    Pair pair = connect(listener);
    send(pair.client, new byte[10]);
    receive(pair.server, 10);

    network.close();
    assertThat(InsightUnderLoadTest.capturing()).isEqualTo(before);
    assertThat(Capture.of(NetworkInternals.of(network))).isEmpty();
    for (Capture each : List.of(toFile, toStream)) {
      assertThat(each.isRunning()).isFalse();
      assertThat(each.failure()).isEmpty();
      assertThat(each.connections()).isZero();
    }
    byte[] bytes = Files.readAllBytes(file());
    PcapngFile file = PcapngFile.read(file());
    List<CapturedPacket> packets = file.packets();
    assertThat(file.received()).as("statistics at the end").isEqualTo(packets.size());
    assertThat(packets).anyMatch(packet -> packet.is(CapturedPacket.FIN));
    assertThat(toFile.packets()).isEqualTo(packets.size());
    assertThat(toFile.bytes()).isPositive();
    assertThat(toFile.droppedPackets()).isZero();
    assertThat(toFile.toString()).contains("packets=" + packets.size()).endsWith(", ended]");

    toFile.close();
    toStream.close();
    network.close();
    assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
    Files.write(file(), stream.toByteArray());
    assertThat(PcapngFile.read(file()).payloadBytes()).isEqualTo(10);
  }

  @Test
  void aNetworkThatWasClosedIsNotCaptured() {
    network.close();

    assertThatThrownBy(() -> Capture.start(network, file()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network was closed");
    assertThat(file()).doesNotExist();
  }

  /** Either the start sees that the network was closed, or the close sees the capture. */
  @Test
  void noCaptureIsLeftByAStartBesideTheClose() throws Exception {
    Set<Thread> before = InsightUnderLoadTest.capturing();
    for (int i = 0; i < 100; i++) {
      RingNetwork own = RingNetwork.open();
      CountDownLatch together = new CountDownLatch(1);
      Background<Capture> start =
          Background.run(
              () -> {
                together.countDown();
                try {
                  return Capture.start(own, OutputStream.nullOutputStream(), WAITING);
                } catch (IllegalStateException closed) {
                  return null;
                }
              });
      together.await();
      own.close();
      Capture started = start.result();
      assertThat(started == null || !started.isRunning()).as("round %d", i).isTrue();
    }
    Deadline.await("the threads end", () -> InsightUnderLoadTest.capturing().equals(before));
  }

  @Test
  void aFileThatCannotBeMadeLeavesTheNetworkAlone() {
    Path nowhere = folder.resolve("none").resolve("a.pcapng");
    RingNetworkConfig config = RingNetworkConfig.builder().capture(nowhere.toString()).build();
    try (RingNetwork own = RingNetwork.open(config)) {
      assertThat(own.statistics().openChannels()).isZero();
    }
    assertThatThrownBy(() -> Capture.start(network, nowhere))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void twoCapturesDoNotSeeOneAnother() throws Exception {
    Path other = folder.resolve("b.pcapng");
    try (ServerSocketChannel listener = listen(ip("127.0.0.1"));
        Capture first = Capture.start(network, file());
        Pair pair = connect(listener);
        Capture second = Capture.start(network, other)) {
      send(pair.client, new byte[10]);
      second.close();
      send(pair.client, new byte[10]);
      first.close();
    }
    assertThat(PcapngFile.read(file()).payloadBytes()).isEqualTo(20);
    assertThat(PcapngFile.read(other).payloadBytes()).isEqualTo(10);
  }

  @Test
  void aConnectionToItselfIsOneStream() throws Exception {
    try (Capture capture = Capture.start(network, file());
        SocketChannel end = network.provider().openSocketChannel()) {
      end.bind(ip("127.0.0.1"));
      end.connect(end.getLocalAddress());
      send(end, new byte[100]);
      receive(end, 100);
      capture.close();
      List<CapturedPacket> packets = PcapngFile.read(file()).packets();
      assertThat(packets.get(0).from()).isEqualTo(packets.get(0).to());
      CapturedPacket last = packets.get(packets.size() - 1);
      assertThat(last.acknowledged()).isEqualTo(last.sequence());
    }
  }
}
