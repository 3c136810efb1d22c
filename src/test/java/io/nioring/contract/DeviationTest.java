package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetworkConfig;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where rings differ from the platform on purpose, one test a difference. */
class DeviationTest {
  /** The kernel reports nothing here, and a writer that waits for a selector hangs. */
  @EachRingUnix
  void fullConnectionWhosePeerShutItsInputIsWritableAndBroken(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.fill(pair.client());
    assertThat(ReadyOps.now(pair.client(), OP_WRITE)).isZero();

    pair.server().shutdownInput();

    assertThat(ReadyOps.now(pair.client(), OP_WRITE)).isEqualTo(OP_WRITE);
    assertBrokenPipe(pair.client());
  }

  @EachRingUnix
  void selectorThatWaitsForRoomIsWokenWhenThePeerShutsItsInput(
      TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Selector selector = transport.openSelector();
    pair.client().register(selector, OP_WRITE);
    ChannelIo.fill(pair.client());
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    pair.server().shutdownInput();

    assertThat(selecting.result()).isEqualTo(1);
    assertBrokenPipe(pair.client());
  }

  /** The kernel reports that the channel is writable, for which the platform has no key. */
  @EachRing
  void selectWaitsWithAConnectedChannelsInterestInConnect(TestTransport transport)
      throws Exception {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Selector selector = transport.openSelector();
    SelectionKey key = pair.client().register(selector, OP_CONNECT);
    Background<Integer> selecting = transport.background(() -> selector.select());
    selecting.awaitBlockedIn("select");

    key.interestOps(OP_CONNECT | OP_WRITE);

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
  }

  /** The platform waits until the read has ended. */
  @EachRing
  void blockingModeMayChangeWhileAReadWaits(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    ByteBuffer received = ByteBuffer.allocate(1);
    Background<Integer> reading = transport.background(threads, () -> pair.client().read(received));
    reading.awaitBlockedIn("read");

    pair.client().configureBlocking(false);

    assertThat(pair.client().isBlocking()).isFalse();
    pair.server().write(ByteBuffer.allocate(1));
    assertThat(reading.result()).isEqualTo(1);
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
  }

  /** The platform only shuts the output until the key is flushed, so a peer can still write. */
  @EachRing
  void closeOfARegisteredChannelIsCompleteBeforeAnySelect(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Selector selector = transport.openSelector();
    pair.client().register(selector, OP_READ);

    pair.client().close();

    if (!transport.isUnix()) { // TCP takes what it answers with a reset
      assertThat(pair.server().write(ByteBuffer.allocate(1))).isEqualTo(1);
    }
    assertBrokenPipe(pair.server());
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  /** The platform says that another thread did it meanwhile. */
  @EachRing
  void writeAfterTheOwnShutdownIsRefusedAsTheJavadocSays(TestTransport transport)
      throws IOException {
    SocketChannel client = transport.connectedPair().client();
    client.shutdownOutput();

    assertThatThrownBy(() -> client.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachRing
  void closeOfARegisteredListenerFreesItsAddressBeforeAnySelect(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketAddress address = server.getLocalAddress();
    server.configureBlocking(false);
    server.register(transport.openSelector(), SelectionKey.OP_ACCEPT);

    server.close();

    assertThatThrownBy(() -> transport.openClient().connect(address))
        .isInstanceOf(IOException.class);
    ServerSocketChannel next = transport.openServer().bind(address);
    assertThat(next.getLocalAddress()).isEqualTo(address);
  }

  /** So that a writer is not woken for each byte read. */
  @EachRing
  void fullConnectionIsNotWritableAgainForASingleByte(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    long written = ChannelIo.fill(pair.client());

    ChannelIo.drain(pair.server(), 1);
    assertThat(ReadyOps.now(pair.client(), OP_WRITE)).isZero();

    ChannelIo.drain(pair.server(), written - 1);
    assertThat(ReadyOps.now(pair.client(), OP_WRITE)).isEqualTo(OP_WRITE);
  }

  /** The kernel's sizes count its bookkeeping, and its sockets ignore a receive buffer's size. */
  @EachRing
  void bufferSizeIsWhatTheConnectionHolds(TestTransport transport) throws Exception {
    int bytes = 100_000;
    try (TestTransport small = TestTransport.open(transport.kind(), bytes)) {
      TestTransport.Pair pair = small.nonBlockingPair();

      assertThat(ChannelIo.fill(pair.client())).isEqualTo(bytes);
      assertThat(pair.client().getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(bytes);
      assertThat(pair.server().getOption(StandardSocketOptions.SO_RCVBUF)).isEqualTo(bytes);
    }
  }

  @EachRing
  void receiveBufferSetAfterBindCountsForWhatIsAccepted(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.listen();
    server.setOption(StandardSocketOptions.SO_RCVBUF, 20_000);
    transport.connectTo(server);

    assertThat(transport.accept(server).getOption(StandardSocketOptions.SO_RCVBUF))
        .isEqualTo(20_000);
  }

  @EachRing
  void sendBufferSetBeforeConnectBoundsTheConnection(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();
    client.setOption(StandardSocketOptions.SO_SNDBUF, 10_000);
    client.connect(server.getLocalAddress());
    client.configureBlocking(false);

    assertThat(ChannelIo.fill(client))
        .isEqualTo(client.getOption(StandardSocketOptions.SO_SNDBUF).longValue())
        .isBetween(10_000L, 20_000L);
  }

  @EachRing
  void anyAddressMayBeBound(TestTransport transport) throws IOException {
    byte[] foreign =
        transport.loopback().getAddress().length == 4
            ? new byte[] {10, 98, 76, 54}
            : new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    SocketAddress address =
        transport.isUnix()
            ? UnixDomainSocketAddress.of("/no/such/folder/on/any/machine.sock")
            : new InetSocketAddress(InetAddress.getByAddress(foreign), 80);
    ServerSocketChannel server = transport.openServer();

    server.bind(address);

    assertThat(server.getLocalAddress()).isEqualTo(address);
    SocketChannel client = transport.connectTo(server);
    ChannelIo.send(client, "x");
    assertThat(ChannelIo.receive(transport.accept(server), 1)).isEqualTo("x");
  }

  @EachRing
  void bindTakesNothingFromTheMachine(TestTransport transport) throws IOException {
    if (transport.isUnix()) {
      Path path = Files.createTempFile("contract", ".sock");
      Files.delete(path);
      transport.openServer().bind(UnixDomainSocketAddress.of(path));
      assertThat(path).doesNotExist();
    } else {
      try (ServerSocketChannel real = SelectorProvider.provider().openServerSocketChannel()) {
        real.bind(new InetSocketAddress(transport.loopback(), 0));
        ServerSocketChannel server = transport.openServer();
        server.bind(real.getLocalAddress());
        assertThat(server.getLocalAddress()).isEqualTo(real.getLocalAddress());
      }
    }
  }

  @EachRing
  void networksDoNotSeeOneAnother(TestTransport transport) throws Exception {
    SocketAddress address = transport.listen().getLocalAddress();
    try (TestTransport other = TestTransport.open(transport.kind())) {
      assertThatThrownBy(() -> other.openClient().connect(address)).isInstanceOf(IOException.class);
      assertThat(other.openServer().bind(address).getLocalAddress()).isEqualTo(address);
    }
  }

  /** In the kernel the file stays, and has to be deleted first. */
  @EachRing
  void nameIsFreeAgainWhenTheListenerCloses(TestTransport transport) throws IOException {
    ServerSocketChannel first = transport.listen();
    SocketAddress address = first.getLocalAddress();
    SocketChannel client = transport.connectTo(first);
    SocketChannel accepted = transport.accept(first);
    first.close();

    ServerSocketChannel second = transport.openServer().bind(address);

    transport.connectTo(second);
    assertThat(transport.accept(second)).isNotNull();
    ChannelIo.send(client, "still here");
    assertThat(ChannelIo.receive(accepted, 10)).isEqualTo("still here");
  }

  @EachRing
  void idleConnectionsHoldNoRingMemory(TestTransport transport) throws Exception {
    RingNetworkConfig config = RingNetworkConfig.builder().idleMillis(20).build();
    try (TestTransport eager = TestTransport.open(transport.kind(), config)) {
      TestTransport.Pair pair = eager.nonBlockingPair();
      assertThat(memoryInUse(eager)).isZero();
      for (int i = 0; i < 3; i++) {
        ChannelIo.send(pair.client(), "data");
        assertThat(memoryInUse(eager)).isPositive();
        assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("data");
        Deadline.await("the memory of an idle ring back", () -> memoryInUse(eager) == 0);
      }
    }
  }

  @EachRing
  void unreadBytesAreKeptHoweverLongTheRingIsIdle(TestTransport transport) throws Exception {
    RingNetworkConfig config = RingNetworkConfig.builder().idleMillis(1).build();
    try (TestTransport eager = TestTransport.open(transport.kind(), config)) {
      TestTransport.Pair kept = eager.nonBlockingPair();
      ChannelIo.send(kept.client(), "kept");
      long held = memoryInUse(eager);
      TestTransport.Pair drained = eager.nonBlockingPair();
      ChannelIo.send(drained.client(), "gone");
      assertThat(ChannelIo.receive(drained.server(), 4)).isEqualTo("gone");

      Deadline.await("the memory of the drained ring back", () -> memoryInUse(eager) == held);

      assertThat(ChannelIo.receive(kept.server(), 4)).isEqualTo("kept");
    }
  }

  private static long memoryInUse(TestTransport transport) {
    return transport.network().statistics().memoryInUseBytes();
  }

  private static void assertBrokenPipe(SocketChannel channel) {
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }
}
