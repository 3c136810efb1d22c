package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** The {@link Socket} view of a channel. */
class SocketAdaptorContractTest {
  private static final int LONG_MILLIS = (int) Deadline.DEFAULT.toMillis();

  @EachInet
  void adaptorAndChannelKnowOneAnother(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThat(client.socket()).isSameAs(client.socket());
    assertThat(client.socket().getChannel()).isSameAs(client);
  }

  @EachUnix
  void unixChannelsHaveNoAdaptor(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    ServerSocketChannel server = transport.openServer();

    assertThatThrownBy(client::socket).isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(server::socket).isExactlyInstanceOf(UnsupportedOperationException.class);
  }

  @EachInet
  void unconnectedAdaptorHasNoAddresses(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();

    assertThat(socket.isBound()).isFalse();
    assertThat(socket.isConnected()).isFalse();
    assertThat(socket.isClosed()).isFalse();
    assertThat(socket.getLocalPort()).isEqualTo(-1);
    assertThat(socket.getLocalAddress().isAnyLocalAddress()).isTrue();
    assertThat(socket.getPort()).isZero();
    assertThat(socket.getInetAddress()).isNull();
    assertThat(socket.getLocalSocketAddress()).isNull();
    assertThat(socket.getRemoteSocketAddress()).isNull();
  }

  @EachInet
  void connectedAdaptorHasBothAddresses(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    Socket socket = client.socket();

    assertThat(socket.isBound()).isTrue();
    assertThat(socket.isConnected()).isTrue();
    assertThat(socket.getRemoteSocketAddress()).isEqualTo(server.getLocalAddress());
    assertThat(socket.getLocalSocketAddress()).isEqualTo(client.getLocalAddress());
    assertThat(socket.getInetAddress()).isEqualTo(transport.loopback());
    assertThat(socket.getPort())
        .isEqualTo(((InetSocketAddress) server.getLocalAddress()).getPort());
    assertThat(socket.getLocalPort())
        .isEqualTo(((InetSocketAddress) client.getLocalAddress()).getPort());
    assertThat(socket.getLocalAddress()).isEqualTo(transport.loopback());
  }

  @EachInet
  void connectWithATimeoutConnects(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();

    client.socket().connect(server.getLocalAddress(), LONG_MILLIS);

    assertThat(client.isConnected()).isTrue();
    assertThat(client.isBlocking()).isTrue();
    assertThat(transport.accept(server)).isNotNull();
  }

  @EachInet
  void connectWithATimeoutGivesUpOnAFullQueue(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel client = transport.openClient();

    long start = System.nanoTime();
    assertThatThrownBy(() -> client.socket().connect(server.getLocalAddress(), 100))
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("timed out");
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(80));
    assertThat(client.isOpen()).isFalse();
  }

  @EachInet
  void refusedConnectClosesTheSocket(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();
    InetSocketAddress address = (InetSocketAddress) transport.refusingAddress();

    assertThatThrownBy(() -> socket.connect(address, LONG_MILLIS))
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(socket.isClosed()).isTrue();
  }

  @EachInet
  void badArgumentsOfConnectAreRefused(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();

    assertThatThrownBy(() -> socket.connect(null))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.connect(new InetSocketAddress(transport.loopback(), 1), -1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> socket.connect(InetSocketAddress.createUnresolved("nobody.invalid", 1)))
        .isExactlyInstanceOf(UnknownHostException.class);
  }

  /** As on JDK 25: on earlier ones the platform leaves it open. */
  @EachInet
  void connectToAnUnknownHostClosesTheSocket(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();
    InetSocketAddress unknown = InetSocketAddress.createUnresolved("nobody.invalid", 1);
    boolean closes = transport.isRing() || Runtime.version().feature() >= 25;

    assertThatThrownBy(() -> socket.connect(unknown))
        .isExactlyInstanceOf(UnknownHostException.class);

    assertThat(socket.isClosed()).isEqualTo(closes);
    assertThat(socket.getChannel().isOpen()).isEqualTo(!closes);
    Socket connected = transport.connectTo(transport.listen()).socket();
    assertThatThrownBy(() -> connected.connect(unknown)).isInstanceOf(IOException.class);
    assertThat(connected.isClosed()).isFalse();
  }

  @EachInet
  void secondConnectIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    Socket socket = transport.connectTo(server).socket();

    assertThatThrownBy(() -> socket.connect(server.getLocalAddress()))
        .isInstanceOfAny(SocketException.class, AlreadyConnectedException.class);
    assertThat(socket.isConnected()).isTrue();
  }

  @EachInet
  void connectOnANonBlockingChannelIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();

    assertThatThrownBy(() -> client.socket().connect(server.getLocalAddress()))
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
    assertThatThrownBy(() -> client.socket().connect(new OtherAddress()))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Unsupported address type");
  }

  private static final class OtherAddress extends SocketAddress {
    private static final long serialVersionUID = 1;
  }

  @EachInet
  void bindGivesALocalAddress(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();

    socket.bind(new InetSocketAddress(transport.loopback(), 0));

    assertThat(socket.isBound()).isTrue();
    assertThat(socket.getLocalPort()).isPositive();
    assertThatThrownBy(() -> socket.bind(new InetSocketAddress(transport.loopback(), 0)))
        .isInstanceOf(IOException.class);
  }

  @EachInet
  void streamsCarryBytesBothWays(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    Socket client = pair.client().socket();
    Socket server = pair.server().socket();

    client.getOutputStream().write("question".getBytes(UTF_8));
    assertThat(server.getInputStream().readNBytes(8)).isEqualTo("question".getBytes(UTF_8));
    server.getOutputStream().write('a');
    assertThat(client.getInputStream().read()).isEqualTo('a');
    server.shutdownOutput();
    assertThat(client.getInputStream().read()).isEqualTo(-1);
    assertThat(client.getInputStream().read(new byte[4])).isEqualTo(-1);
  }

  @EachInet
  void streamsCheckTheirArguments(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = pair.client().socket().getInputStream();
    OutputStream out = pair.client().socket().getOutputStream();

    assertThat(in.read(new byte[0])).isZero();
    out.write(new byte[0]);
    assertThatThrownBy(() -> in.read(new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> out.write(new byte[4], -1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> in.read(null)).isExactlyInstanceOf(NullPointerException.class);
  }

  @EachInet
  void availableIsExact(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = pair.server().socket().getInputStream();
    assertThat(in.available()).isZero();

    ChannelIo.send(pair.client(), "12345");

    Deadline.await("5 bytes available", () -> in.available() == 5);
    assertThat(in.read()).isEqualTo('1');
    assertThat(in.available()).isEqualTo(4);
    assertThat(in.readNBytes(4)).hasSize(4);
    assertThat(in.available()).isZero();
  }

  @EachInet
  void timedReadTimesOutAndLeavesTheSocketUsable(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    socket.setSoTimeout(60);
    assertThat(socket.getSoTimeout()).isEqualTo(60);

    for (int i = 0; i < 2; i++) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isExactlyInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("timed out");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));
    }
    ChannelIo.send(pair.server(), "x");
    socket.setSoTimeout(LONG_MILLIS);
    assertThat(socket.getInputStream().read()).isEqualTo('x');
    assertThat(pair.client().isBlocking()).isTrue();
  }

  @EachInet
  void timedReadIsWokenByData(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    socket.setSoTimeout(LONG_MILLIS);
    Background<Integer> reading =
        transport.background(threads, () -> socket.getInputStream().read());
    reading.awaitBlockedIn("read");

    ChannelIo.send(pair.server(), "x");

    assertThat(reading.result()).isEqualTo('x');
  }

  @EachInet
  void closeDuringATimedRead(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    socket.setSoTimeout(LONG_MILLIS);
    Background<Integer> reading =
        transport.background(threads, () -> socket.getInputStream().read());
    reading.awaitBlockedIn("read");

    pair.client().close();

    assertThat(reading.failure()).isInstanceOf(ClosedChannelException.class);
  }

  @EachInet
  void interruptDuringATimedRead(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    socket.setSoTimeout(LONG_MILLIS);
    Background<Integer> reading =
        transport.background(threads, () -> socket.getInputStream().read());
    reading.awaitBlockedIn("read");

    reading.thread().interrupt();

    assertThat(reading.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(pair.client().isOpen()).isFalse();
  }

  @EachInet
  void ownShutInputWakesATimedRead(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    socket.setSoTimeout(LONG_MILLIS);
    Background<Integer> reading =
        transport.background(threads, () -> socket.getInputStream().read());
    reading.awaitBlockedIn("read");

    socket.shutdownInput();

    assertThat(reading.result()).isEqualTo(-1);
    assertThat(socket.isInputShutdown()).isTrue();
    assertThat(socket.isClosed()).isFalse();
  }

  @EachInet
  void streamsOfANonBlockingChannelRefuseToWait(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Socket socket = pair.client().socket();

    assertThatThrownBy(() -> socket.getInputStream().read())
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
    assertThatThrownBy(() -> socket.getOutputStream().write(1))
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
    socket.setSoTimeout(10);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
  }

  @EachInet
  void streamsLookForTheBlockingModeLast(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    InputStream input = pair.client().socket().getInputStream();
    OutputStream output = pair.client().socket().getOutputStream();

    output.write(new byte[0]);
    pair.client().close();

    assertThatThrownBy(input::read).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> output.write(1)).isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachInet
  void readContinuesWhileAnotherThreadIsBlockedInWrite(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    Background<Void> writing =
        transport.background(
            threads,
            () -> {
              while (true) {
                socket.getOutputStream().write(new byte[1 << 20]);
              }
            });
    writing.awaitBlockedIn("write");
    ChannelIo.send(pair.server(), "reply");

    assertThat(socket.getInputStream().readNBytes(5)).isEqualTo("reply".getBytes(UTF_8));

    socket.close();
    assertThat(writing.failure()).isInstanceOf(IOException.class);
  }

  @EachInet
  void writeContinuesWhileAnotherThreadIsBlockedInRead(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();
    Background<Integer> reading =
        transport.background(threads, () -> socket.getInputStream().read());
    reading.awaitBlockedIn("read");

    socket.getOutputStream().write("request".getBytes(UTF_8));
    assertThat(ChannelIo.receive(pair.server(), 7)).isEqualTo("request");
    ChannelIo.send(pair.server(), "x");

    assertThat(reading.result()).isEqualTo('x');
  }

  @EachInet
  void halfCloseShowsInTheAdaptor(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    Socket socket = pair.client().socket();

    assertThat(socket.isInputShutdown()).isFalse();
    assertThat(socket.isOutputShutdown()).isFalse();
    socket.shutdownOutput();
    assertThat(socket.isOutputShutdown()).isTrue();
    pair.client().shutdownInput();
    assertThat(socket.isInputShutdown()).isTrue();
    assertThatThrownBy(socket::getOutputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    socket.shutdownInput();
    socket.shutdownOutput();
    assertThat(socket.isClosed()).isFalse();
  }

  @EachInet
  void unconnectedAdaptorRefusesStreamsAndShutdowns(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();

    assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getOutputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::shutdownInput).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::shutdownOutput).isInstanceOf(SocketException.class);
  }

  @EachInet
  void closeOfTheSocketOrAStreamClosesTheChannel(TestTransport transport) throws IOException {
    TestTransport.Pair first = transport.connectedPair();
    first.client().socket().close();
    assertThat(first.client().isOpen()).isFalse();
    assertThat(first.client().socket().isClosed()).isTrue();

    TestTransport.Pair second = transport.connectedPair();
    second.client().socket().getInputStream().close();
    assertThat(second.client().isOpen()).isFalse();

    TestTransport.Pair third = transport.connectedPair();
    third.client().socket().getOutputStream().close();
    assertThat(third.client().isOpen()).isFalse();
  }

  @EachInet
  void closedAdaptorKeepsItsAddressesAndRefusesTheRest(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    Socket socket = transport.connectTo(server).socket();
    SocketAddress local = socket.getLocalSocketAddress();
    socket.close();

    assertThat(socket.isClosed()).isTrue();
    assertThat(socket.getLocalSocketAddress()).isEqualTo(local);
    assertThat(socket.isConnected()).isFalse();
    assertThat(socket.isBound()).isTrue();
    assertThat(socket.getRemoteSocketAddress()).isEqualTo(server.getLocalAddress());
    assertThat(socket.getLocalPort()).isPositive();
    assertThat(socket.getLocalAddress().isAnyLocalAddress()).isTrue();
    assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getTcpNoDelay).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.setTcpNoDelay(true)).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(1)).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getSoTimeout).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.bind(null)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> socket.connect(local))
        .isExactlyInstanceOf(AsynchronousCloseException.class);
    assertThatThrownBy(() -> socket.connect(local, LONG_MILLIS))
        .isExactlyInstanceOf(AsynchronousCloseException.class);
    assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.SO_LINGER, null))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(socket::getOOBInline)
        .isExactlyInstanceOf(SocketException.class)
        .hasCauseExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(socket::shutdownInput).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(socket::shutdownOutput).isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachInet
  void connectLooksAtTheAddressFirstAndAtTheModeNext(TestTransport transport) throws IOException {
    SocketChannel channel = transport.openNonBlockingClient();
    SocketAddress other = transport.refusingAddress();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> channel.socket().connect(new ForeignAddress()))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Unsupported address type");
      assertThatThrownBy(() -> channel.socket().connect(other))
          .isExactlyInstanceOf(IllegalBlockingModeException.class);
      channel.close();
    }
  }

  @SuppressWarnings("serial") // never serialized
  private static final class ForeignAddress extends SocketAddress {}

  @EachInet
  void optionsOfTheAdaptorReadBack(TestTransport transport) throws IOException {
    Socket socket = transport.connectedPair().client().socket();

    socket.setTcpNoDelay(true);
    assertThat(socket.getTcpNoDelay()).isTrue();
    socket.setKeepAlive(true);
    assertThat(socket.getKeepAlive()).isTrue();
    socket.setReuseAddress(true);
    assertThat(socket.getReuseAddress()).isTrue();
    socket.setOOBInline(true);
    assertThat(socket.getOOBInline()).isTrue();
    assertThat(socket.getSoLinger()).isEqualTo(-1);
    socket.setSoLinger(true, 3);
    assertThat(socket.getSoLinger()).isEqualTo(3);
    socket.setSoLinger(false, 0);
    assertThat(socket.getSoLinger()).isEqualTo(-1);
    socket.setSoLinger(true, 4);
    socket.setSoLinger(true, -1);
    assertThat(socket.getSoLinger()).isEqualTo(-1);
    socket.setTrafficClass(0x08);
    assertThat(socket.getTrafficClass()).isEqualTo(0x08);
    assertThatThrownBy(() -> socket.setTrafficClass(256))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    socket.setPerformancePreferences(1, 2, 3);
  }

  @EachInet
  void bufferSizesAndTimeoutsOfTheAdaptorAreChecked(TestTransport transport) throws IOException {
    Socket socket = transport.openClient().socket();
    socket.setSendBufferSize(8_192);
    socket.setReceiveBufferSize(8_192);

    assertThat(socket.getSendBufferSize()).isPositive();
    assertThat(socket.getReceiveBufferSize()).isPositive();
    assertThatThrownBy(() -> socket.setSendBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setReceiveBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(-1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @EachInet
  void adaptorOptionsAreThoseOfTheChannel(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();
    Socket socket = client.socket();

    assertThat(socket.supportedOptions()).isEqualTo(client.supportedOptions());
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
    assertThat(socket.getKeepAlive()).isTrue();
  }

  @EachInet
  void urgentDataComesInOrderWhereItIsWantedInline(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().socket().setOOBInline(true);

    ChannelIo.send(pair.client(), "a");
    pair.client().socket().sendUrgentData('b');
    ChannelIo.send(pair.client(), "c");
    pair.client().socket().sendUrgentData('d' + 0x100);

    assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("abcd");
  }

  @EachInet
  void urgentDataIsDroppedWhereItIsNotWantedInline(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().socket().sendUrgentData('x');
    assertThat(ReadyOps.now(pair.server(), SelectionKey.OP_READ)).isZero();
    ChannelIo.send(pair.client(), "data");

    assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("data");
    pair.client().shutdownOutput();
    assertThat(ChannelIo.receiveAll(pair.server())).isEmpty();
  }

  /** Over TCP the first byte is lost, and the answer to it breaks the pipe. */
  @EachInet
  void urgentDataFailsOnceThePeerIsGone(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().close();

    Deadline.await("the pipe is broken", () -> failsToSendUrgentData(pair.client().socket()));
    assertThat(pair.client().isOpen()).isTrue();
  }

  private static boolean failsToSendUrgentData(Socket socket) {
    try {
      socket.sendUrgentData('x');
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @EachInet
  void urgentDataBeforeAConnectIsRefusedAsAChannelDoes(TestTransport transport) throws IOException {
    SocketChannel channel = transport.openClient();

    assertThatThrownBy(() -> channel.socket().sendUrgentData('x'))
        .isInstanceOf(NotYetConnectedException.class);
  }

  @EachInet
  void urgentDataDoesNotFitIntoAFullConnection(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().socket().setOOBInline(true);
    ChannelIo.fill(pair.client());

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                pair.client().socket().sendUrgentData('x');
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage("Socket buffer full");
  }
}
