package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketEntry;
import io.nioring.SocketPair;
import io.nioring.internal.platform.ChildJvm;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The table of sockets against states that were made on purpose. */
@Timeout(180)
class SocketTableTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.0.7", 5432);

  /** Six figures, references, the order; an object would have two hundred. */
  private static final long MOST_BYTES_OF_A_ROW = 90;

  private static final Map<String, String> KERNEL_STATES =
      Map.of("01", "ESTAB", "05", "FIN-WAIT-2", "08", "CLOSE-WAIT", "0A", "LISTEN");

  private RingNetwork network;
  private ServerSocketChannel listener;
  private SocketChannel client;
  private SocketChannel server;

  @BeforeEach
  void connect() throws Exception {
    network = RingNetwork.open(RingNetworkConfig.builder().bufferSizeBytes(4096).build());
    listener = network.provider().openServerSocketChannel();
    listener.bind(SERVER, 3);
    client = network.provider().openSocketChannel();
    client.connect(SERVER);
    server = listener.accept();
  }

  @AfterEach
  void close() {
    network.close();
  }

  private SocketEntry row(String end) {
    return network.sockets().stream()
        .filter(row -> row.end().equals(end))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void bothEndsShareANumberAndNameOneAnother() throws Exception {
    SocketEntry near = row("client");
    SocketEntry far = row("server");
    assertThat(near.connection()).isPositive().isEqualTo(far.connection());
    assertThat(near.localAddress())
        .contains(client.getLocalAddress())
        .isEqualTo(far.remoteAddress());
    assertThat(near.remoteAddress()).contains(SERVER).isEqualTo(far.localAddress());
    assertThat(near.state()).isEqualTo(SocketEntry.State.ESTAB).isEqualTo(far.state());
    assertThat(near.route()).isEqualTo("ring");
    assertThat(near.family()).isEqualTo("inet");
    assertThat(near.sendCapacityBytes()).isEqualTo(4096);
    assertThat(near.age()).isPresent();
    assertThat(near.waitingThread()).isEmpty();
  }

  @Test
  void queuesAndSumsTellWhatIsUnread() throws Exception {
    client.write(ByteBuffer.allocate(700));
    server.read(ByteBuffer.allocate(200));
    SocketEntry near = row("client");
    SocketEntry far = row("server");
    assertThat(near.sendQueue()).isEqualTo(500);
    assertThat(near.receiveQueue()).isZero();
    assertThat(near.bytesSent()).isEqualTo(700);
    assertThat(near.memoryBytes()).isEqualTo(network.statistics().memoryInUseBytes()).isPositive();
    assertThat(far.receiveQueue()).isEqualTo(500);
    assertThat(far.sendQueue()).isZero();
    assertThat(far.bytesReceived()).isEqualTo(200);
  }

  @Test
  void listenerTellsItsBacklogAndWhoIsInIt() throws Exception {
    SocketChannel first = network.provider().openSocketChannel();
    first.connect(SERVER);
    first.write(ByteBuffer.allocate(9));
    SocketChannel second = network.provider().openSocketChannel();
    second.connect(SERVER);
    SocketEntry row = row("listener");
    assertThat(row.state()).isEqualTo(SocketEntry.State.LISTEN);
    assertThat(row.receiveQueue()).isEqualTo(2);
    assertThat(row.sendQueue()).isEqualTo(3);
    assertThat(row.localAddress()).contains(SERVER);
    assertThat(row.remoteAddress()).isEmpty();
    List<SocketEntry> waiting =
        network.sockets().stream()
            .filter(each -> each.end().equals("server") && each.age().isEmpty())
            .toList();
    assertThat(waiting).hasSize(2);
    assertThat(waiting.get(0).receiveQueue()).isEqualTo(9);
  }

  @Test
  void connectWithoutRoomIsSynSentAndNamesItsThread() throws Exception {
    for (int i = 0; i < 4; i++) {
      network.provider().openSocketChannel().connect(SERVER);
    }
    SocketChannel late = network.provider().openSocketChannel();
    late.configureBlocking(false);
    assertThat(late.connect(SERVER)).isFalse();
    assertThat(network.sockets())
        .filteredOn(row -> row.state() == SocketEntry.State.SYN_SENT)
        .singleElement()
        .satisfies(row -> assertThat(row.remoteAddress()).contains((SocketAddress) SERVER));
  }

  @Test
  void halfClosedEndsAreFinWaitAndCloseWait() throws Exception {
    client.shutdownOutput();
    assertThat(row("client").state()).isEqualTo(SocketEntry.State.FIN_WAIT_2);
    assertThat(row("server").state()).isEqualTo(SocketEntry.State.CLOSE_WAIT);
    server.shutdownOutput();
    assertThat(row("server").state()).isEqualTo(SocketEntry.State.CLOSED);
  }

  @Test
  void endWhosePeerHasClosedIsAloneInTheTable() throws Exception {
    client.close();
    assertThat(row("server").state()).isEqualTo(SocketEntry.State.CLOSE_WAIT);
    assertThat(network.sockets()).noneMatch(row -> row.end().equals("client"));
  }

  @Test
  void resetEndIsClosedReset() throws Exception {
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    assertThat(row("client").options()).containsEntry("SO_LINGER", 0);
    client.close();
    assertThat(row("server").state()).isEqualTo(SocketEntry.State.CLOSED_RESET);
  }

  @Test
  void unconnectedSocketIsUnconn() throws Exception {
    network.provider().openSocketChannel();
    assertThat(row("none").state()).isEqualTo(SocketEntry.State.UNCONN);
  }

  @Test
  void threadThatWaitsIsNamedWithWhatForAndSince() throws Exception {
    Thread reader = start("order-reader", () -> server.read(ByteBuffer.allocate(1)));
    Thread writer = start("order-writer", () -> client.write(ByteBuffer.allocate(1 << 20)));
    reader.join(Duration.ofSeconds(20).toMillis()); // the writer's first bytes let it go
    await().until(() -> row("client").waitingTime().filter(t -> t.toMillis() > 20).isPresent());
    assertThat(row("client").waitingThread()).contains("order-writer");
    assertThat(row("client").waitingOperation()).contains("write");
    client.close();
    writer.join(Duration.ofSeconds(20).toMillis());
    Thread acceptor = start("order-acceptor", () -> listener.accept());
    await().until(() -> row("listener").waitingOperation().isPresent());
    assertThat(row("listener").waitingOperation()).contains("accept");
    listener.close();
    acceptor.join(Duration.ofSeconds(20).toMillis());
  }

  private interface Step {
    Object run() throws Exception;
  }

  private static Thread start(String name, Step step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                step.run();
              } catch (Exception e) {
                // closed by the test
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void selectorIsToldWithInterestAndWhatIsReady() throws Exception {
    try (Selector selector = network.provider().openSelector()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      SocketEntry quiet = row("server");
      assertThat(quiet.selector()).isNotZero().isEqualTo(row("listener").selector());
      assertThat(quiet.interestOps()).isEqualTo(SelectionKey.OP_READ);
      assertThat(quiet.readyOps()).isZero();
      client.write(ByteBuffer.allocate(1));
      assertThat(row("server").readyOps()).isEqualTo(SelectionKey.OP_READ);
    }
  }

  @Test
  void whoOpenedASocketIsToldIfItWasRecorded() throws Exception {
    assertThat(row("client").openedBy()).isEmpty();
    assertThat(row("client").openedAt()).isEmpty();
    network.recordStacks(true);
    SocketChannel late = network.provider().openSocketChannel();
    assertThat(late.isOpen()).isTrue();
    SocketEntry row = row("none");
    assertThat(row.openedBy()).contains(Thread.currentThread().getName());
    assertThat(row.openedAt().get(0).getMethodName())
        .isEqualTo("whoOpenedASocketIsToldIfItWasRecorded");
    assertThat(SocketListing.parse("-ae").format(network.sockets()))
        .contains("at:io.nioring.observe.SocketTableTest.whoOpenedASocket");
    network.recordStacks(false);
    assertThat(row("none").openedBy()).isEmpty();
  }

  @Test
  void lastUseIsToldIfItWasRecorded() throws Exception {
    client.write(ByteBuffer.allocate(7));
    assertThat(row("client").lastSend()).isEmpty();
    network.recordTimes(true);
    assertThat(row("client").lastSend()).isEmpty();
    client.write(ByteBuffer.allocate(3));
    assertThat(row("client").lastSend()).isPresent();
    assertThat(row("client").lastReceive()).isEmpty();
    assertThat(row("server").lastReceive()).isEmpty();
    server.read(ByteBuffer.allocate(10));
    await().until(() -> row("server").lastReceive().orElseThrow().toMillis() >= 5);
    assertThat(row("server").lastReceive().orElseThrow())
        .isLessThanOrEqualTo(row("client").lastSend().orElseThrow());
    assertThat(SocketListing.parse("-i").format(network.sockets())).contains("lastsnd:");
    SocketChannel late = network.provider().openSocketChannel();
    late.connect(SERVER);
    late.write(ByteBuffer.allocate(1));
    assertThat(network.sockets()).filteredOn(row -> row.lastSend().isPresent()).hasSize(2);
    network.recordTimes(false);
    assertThat(network.sockets()).allMatch(row -> row.lastSend().isEmpty());
  }

  /** The same acts over the loopback: the kernel's own table says what ours does. */
  @Test
  void statesAndUnreadBytesAreThoseThatTheKernelTells() throws Exception {
    SelectorProvider kernel = PlatformProvider.lazy().get();
    List<SocketChannel> pending = new ArrayList<>();
    try (ServerSocketChannel platform = kernel.openServerSocketChannel()) {
      platform.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 3);
      try (SocketChannel near = kernel.openSocketChannel()) {
        near.connect(platform.getLocalAddress());
        try (SocketChannel far = platform.accept()) {
          assertThat(told()).isEqualTo(kernelTold(near, far));
          client.write(ByteBuffer.allocate(700));
          near.write(ByteBuffer.allocate(700));
          server.read(ByteBuffer.allocate(200));
          far.read(ByteBuffer.allocate(200));
          assertThat(told())
              .isEqualTo(kernelTold(near, far))
              .containsExactly("ESTAB 0", "ESTAB 500");
          client.shutdownOutput();
          near.shutdownOutput();
          List<String> theirs = List.of("FIN-WAIT-2 0", "CLOSE-WAIT 501"); // it counts the FIN
          await().until(() -> kernelTold(near, far).equals(theirs));
          assertThat(told()).containsExactly("FIN-WAIT-2 0", "CLOSE-WAIT 500");
        }
      }
      for (int i = 0; i < 2; i++) {
        network.provider().openSocketChannel().connect(SERVER);
        pending.add(kernel.openSocketChannel());
        pending.get(i).connect(platform.getLocalAddress());
      }
      assertThat(kernelRow(((InetSocketAddress) platform.getLocalAddress()).getPort(), 0))
          .isEqualTo("LISTEN 2");
      assertThat(row("listener").receiveQueue()).isEqualTo(2);
    } finally {
      for (SocketChannel each : pending) {
        each.close();
      }
    }
  }

  private List<String> told() {
    return Stream.of("client", "server")
        .map(this::row)
        .map(row -> row.state().label() + ' ' + row.receiveQueue())
        .toList();
  }

  private static List<String> kernelTold(SocketChannel near, SocketChannel far) throws IOException {
    int nearPort = ((InetSocketAddress) near.getLocalAddress()).getPort();
    int farPort = ((InetSocketAddress) far.getLocalAddress()).getPort();
    return List.of(kernelRow(nearPort, farPort), kernelRow(farPort, nearPort));
  }

  /** State and unread bytes as proc_net_tcp(5) has them. */
  private static String kernelRow(int localPort, int remotePort) throws IOException {
    String ends = String.format(".*:%04X [0-9A-F]+:%04X .*", localPort, remotePort);
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
        if (line.matches(ends)) {
          String[] words = line.strip().split("\\s+", -1);
          String unread = words[4].substring(words[4].indexOf(':') + 1);
          return KERNEL_STATES.get(words[3]) + ' ' + Long.parseLong(unread, 16);
        }
      }
    }
    return "no row for " + localPort;
  }

  @Test
  void unixSocketsAndPairsAreListedByPath() throws Exception {
    UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/app/db.sock");
    ServerSocketChannel unix =
        network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX);
    unix.bind(path);
    SocketChannel near = network.provider().openSocketChannel(StandardProtocolFamily.UNIX);
    near.connect(path);
    assertThat(network.sockets())
        .filteredOn(SocketFilter.parse("dst unix:/run/app/*")::matches)
        .singleElement()
        .satisfies(row -> assertThat(row.family()).isEqualTo("unix"));
    try (SocketPair pair = network.socketPair()) {
      assertThat(pair.first().isOpen()).isTrue();
      assertThat(network.sockets())
          .filteredOn(row -> row.localAddress().isEmpty() && row.remoteAddress().isEmpty())
          .hasSize(2);
    }
  }

  @Test
  void socketsForDatagramsAreListedWhenAskedFor() throws Exception {
    InetSocketAddress bound = new InetSocketAddress("10.0.0.7", 53);
    try (DatagramChannel receiver = network.provider().openDatagramChannel();
        DatagramChannel sender = network.provider().openDatagramChannel()) {
      receiver.bind(bound);
      sender.connect(bound);
      sender.write(ByteBuffer.allocate(100));

      List<SocketEntry> rows = network.sockets().stream().filter(SocketEntry::isDatagram).toList();
      assertThat(rows)
          .filteredOn(row -> row.state() == SocketEntry.State.UNCONN)
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.localAddress()).contains(bound);
                assertThat(row.remoteAddress()).isEmpty();
                assertThat(row.receiveQueue()).isEqualTo(100 + 64);
                assertThat(row.end()).isEqualTo("none");
                assertThat(row.route()).isEqualTo("ring");
                assertThat(row.age()).isPresent();
              });
      assertThat(rows)
          .filteredOn(row -> row.state() == SocketEntry.State.ESTAB)
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.remoteAddress()).contains(bound);
                assertThat(row.localAddress()).contains(sender.getLocalAddress());
                assertThat(row.receiveQueue()).isZero();
              });
      assertThat(listed("-ua")).hasSize(3).noneMatch(line -> line.contains("NETID"));
      assertThat(listed("-u")).hasSize(2).anyMatch(line -> line.startsWith("ESTAB"));
      assertThat(listed("-ul")).hasSize(2).anyMatch(line -> line.startsWith("UNCONN     164"));
      assertThat(listed("-tua")).hasSize(6).anyMatch(line -> line.matches("NETID +STATE .*"));
      assertThat(listed("-a")).hasSize(4).noneMatch(line -> line.contains(":53 "));
    }
    assertThat(network.sockets()).noneMatch(SocketEntry::isDatagram);
  }

  @Test
  void aListingThatIsLimitedSaysHowManyRowsThereAreMore() {
    SocketListing all = SocketListing.parse("-ai");
    List<SocketEntry> rows = network.sockets();
    assertThat(rows).hasSize(3);
    String whole = all.format(rows);
    assertThat(all.format(rows, 3)).isEqualTo(whole);
    assertThat(all.format(rows, 2)).endsWith("\nand 1 more\n");
    assertThat(all.format(rows, 2).lines()).hasSizeLessThan((int) whole.lines().count() + 1);
    assertThat(SocketListing.parse("-l").format(rows, 0))
        .startsWith("STATE ")
        .endsWith("and 1 more\n");
  }

  private List<String> listed(String options) {
    return SocketListing.parse(options).format(network.sockets()).lines().toList();
  }

  @Test
  void threadThatWaitsForADatagramIsNamed() throws Exception {
    DatagramChannel receiver = network.provider().openDatagramChannel();
    receiver.bind(new InetSocketAddress("10.0.0.7", 53));
    Background<SocketAddress> waiting =
        Background.run(() -> receiver.receive(ByteBuffer.allocate(10)));
    await()
        .until(
            () ->
                network.sockets().stream()
                    .anyMatch(row -> row.waitingOperation().equals(Optional.of("receive"))));
    receiver.close();
    assertThat(waiting.failure()).isInstanceOf(AsynchronousCloseException.class);
  }

  /** Names are the program's, and may be made to harm who looks at them. */
  @Test
  void namesDoNotCommandTheTerminal() throws Exception {
    try (ServerSocketChannel unix =
        network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX)) {
      unix.bind(UnixDomainSocketAddress.of("/run/a\n\u001b[2J\u009bb"));
      assertThat(SocketListing.parse("-lx").format(network.sockets()).lines())
          .hasSize(2)
          .anyMatch(line -> line.contains("/run/a??[2J?b"));
    }
  }

  /** In a JVM of its own, whose optimizing compiler is on. */
  @Test
  void tableOfManyConnectionsIsReadFastEnough(@TempDir Path directory) throws Exception {
    List<String> printed = ChildJvm.run(directory, ManyConnections.class);
    assertThat(printed).singleElement().asString().matches("\\d+ \\d+");
    String[] figures = printed.get(0).split(" ");
    assertThat(Duration.ofNanos(Long.parseLong(figures[0]))).isLessThan(Duration.ofMillis(200));
    assertThat(Long.parseLong(figures[1])).isLessThan(MOST_BYTES_OF_A_ROW);
  }

  /**
   * Reads a hundred thousand rows, while other connections come and go and are used; prints the
   * nanoseconds of the reading thread's own time, which other programs of the machine have no part
   * in, and the bytes of a row: the time for which a collection stops all threads grows with them.
   */
  static final class ManyConnections {
    private static final int CONNECTIONS = 50_000;

    private ManyConnections() {}

    public static void main(String[] args) throws Exception {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      try (RingNetwork network = RingNetwork.open();
          ServerSocketChannel many = network.provider().openServerSocketChannel()) {
        many.bind(new InetSocketAddress("10.0.0.8", 80));
        List<SocketChannel> held = connectMany(network, many); // what is dropped leaves the table
        AtomicBoolean enough = new AtomicBoolean();
        Background<Integer> others = Background.run(() -> comeAndGo(network, enough));
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
          long before = threads.getCurrentThreadCpuTime();
          assertThat(network.sockets()).hasSizeGreaterThan(2 * CONNECTIONS);
          best = Math.min(best, threads.getCurrentThreadCpuTime() - before);
        }
        enough.set(true);
        assertThat(others.result()).isPositive();
        assertThat(held).hasSize(2 * CONNECTIONS);
        long allocated = threads.getCurrentThreadAllocatedBytes();
        int rows = network.sockets().size();
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        System.out.println(best + " " + allocated / rows);
      }
    }

    private static List<SocketChannel> connectMany(RingNetwork network, ServerSocketChannel many)
        throws IOException {
      List<SocketChannel> held = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = network.provider().openSocketChannel();
        held.add(client);
        client.connect(many.getLocalAddress());
        held.add(many.accept());
      }
      return held;
    }

    private static int comeAndGo(RingNetwork network, AtomicBoolean enough) throws IOException {
      int count = 0;
      try (ServerSocketChannel own = network.provider().openServerSocketChannel()) {
        own.bind(new InetSocketAddress("10.0.0.9", 80));
        while (!enough.get()) {
          try (SocketChannel near = network.provider().openSocketChannel()) {
            near.connect(own.getLocalAddress());
            try (SocketChannel far = own.accept()) {
              near.write(ByteBuffer.allocate(64));
              count += far.read(ByteBuffer.allocate(64));
            }
          }
        }
      }
      return count;
    }
  }
}
