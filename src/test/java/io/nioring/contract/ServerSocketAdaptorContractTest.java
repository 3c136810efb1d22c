package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** The {@link ServerSocket} view of a server channel. */
class ServerSocketAdaptorContractTest {
  private static final int LONG_MILLIS = (int) Deadline.DEFAULT.toMillis();

  @EachInet
  void adaptorAndChannelKnowOneAnother(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThat(server.socket()).isSameAs(server.socket());
    assertThat(server.socket().getChannel()).isSameAs(server);
  }

  @EachInet
  void unboundAdaptorHasNoAddress(TestTransport transport) throws IOException {
    ServerSocket socket = transport.openServer().socket();

    assertThat(socket.isBound()).isFalse();
    assertThat(socket.isClosed()).isFalse();
    assertThat(socket.getLocalPort()).isEqualTo(-1);
    assertThat(socket.getInetAddress()).isNull();
    assertThat(socket.getLocalSocketAddress()).isNull();
  }

  @EachInet
  void bindOfTheAdaptorBindsTheChannel(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    server.socket().bind(new InetSocketAddress(transport.loopback(), 0), 5);

    assertThat(server.socket().isBound()).isTrue();
    assertThat(server.socket().getLocalSocketAddress()).isEqualTo(server.getLocalAddress());
    assertThat(server.socket().getLocalPort()).isPositive();
    assertThat(server.socket().getInetAddress()).isEqualTo(transport.loopback());
    transport.connectTo(server);
    assertThat(transport.accept(server)).isNotNull();
  }

  @EachInet
  void nullAddressOfTheAdaptorIsTheWildcard(TestTransport transport) throws IOException {
    ServerSocket socket = transport.openServer().socket();

    socket.bind(null);

    assertThat(socket.getInetAddress().isAnyLocalAddress()).isTrue();
    assertThat(socket.getLocalPort()).isPositive();
  }

  @EachInet
  void badBindsOfTheAdaptorAreSocketExceptions(TestTransport transport) throws IOException {
    ServerSocketChannel taken = transport.listen();
    ServerSocket socket = transport.openServer().socket();

    assertThatThrownBy(() -> socket.bind(taken.getLocalAddress()))
        .isExactlyInstanceOf(BindException.class);
    assertThatThrownBy(() -> socket.bind(InetSocketAddress.createUnresolved("nobody.invalid", 0)))
        .isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> taken.socket().bind(null)).isInstanceOf(SocketException.class);
  }

  @EachInet
  void acceptGivesTheAdaptorOfTheAcceptedChannel(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);

    Socket accepted = transport.track(server.socket().accept());

    assertThat(accepted.getChannel()).isNotNull();
    assertThat(accepted.getChannel().socket()).isSameAs(accepted);
    assertThat(accepted.isConnected()).isTrue();
    assertThat(accepted.getRemoteSocketAddress()).isEqualTo(client.getLocalAddress());
    client.socket().getOutputStream().write('x');
    assertThat(accepted.getInputStream().read()).isEqualTo('x');
  }

  @EachInet
  void acceptOfANonBlockingChannelRefusesToWait(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    server.configureBlocking(false);

    assertThatThrownBy(() -> server.socket().accept())
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
    transport.connectTo(server);
    ReadyOps.await(server, SelectionKey.OP_ACCEPT, SelectionKey.OP_ACCEPT);
    assertThat(transport.track(server.socket().accept()).isConnected()).isTrue();
  }

  @EachInet
  void acceptBeforeBindIsRefused(TestTransport transport) throws IOException {
    ServerSocket socket = transport.openServer().socket();

    assertThatThrownBy(socket::accept).isInstanceOf(SocketException.class);
  }

  @EachInet
  void timedAcceptTimesOutAndLeavesTheSocketUsable(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    server.socket().setSoTimeout(60);
    assertThat(server.socket().getSoTimeout()).isEqualTo(60);

    long start = System.nanoTime();
    assertThatThrownBy(() -> server.socket().accept())
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("timed out");
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));

    transport.connectTo(server);
    server.socket().setSoTimeout(LONG_MILLIS);
    Socket accepted = transport.track(server.socket().accept());
    assertThat(accepted.getChannel().isBlocking()).isTrue();
  }

  @EachInet
  void timedAcceptIsWokenByAClient(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    server.socket().setSoTimeout(LONG_MILLIS);
    Background<Socket> accepting =
        transport.background(threads, () -> transport.track(server.socket().accept()));
    accepting.awaitBlockedIn("accept");

    transport.connectTo(server);

    assertThat(accepting.result().isConnected()).isTrue();
  }

  @EachInet
  void closeDuringATimedAccept(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    server.socket().setSoTimeout(LONG_MILLIS);
    Background<Socket> accepting = transport.background(threads, () -> server.socket().accept());
    accepting.awaitBlockedIn("accept");

    server.close();

    assertThat(accepting.failure()).isInstanceOf(ClosedChannelException.class);
  }

  @EachInet
  void interruptDuringATimedAccept(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    server.socket().setSoTimeout(LONG_MILLIS);
    Background<Socket> accepting = transport.background(threads, () -> server.socket().accept());
    accepting.awaitBlockedIn("accept");

    accepting.thread().interrupt();

    assertThat(accepting.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(server.isOpen()).isFalse();
  }

  @EachInet
  void closeOfTheAdaptorClosesTheChannel(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    int port = server.socket().getLocalPort();
    server.socket().setSoTimeout(LONG_MILLIS);

    server.socket().close();

    assertThat(server.isOpen()).isFalse();
    assertThat(server.socket().isClosed()).isTrue();
    assertThat(server.socket().isBound()).isTrue();
    assertThat(server.socket().getLocalPort()).isEqualTo(port);
    assertThatThrownBy(() -> server.socket().accept())
        .isExactlyInstanceOf(AsynchronousCloseException.class);
    assertThatThrownBy(() -> server.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> server.socket().bind(null)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> server.socket().setSoTimeout(1)).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> server.socket().getReuseAddress()).isInstanceOf(SocketException.class);
  }

  @EachInet
  void optionsOfTheAdaptorReadBack(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    ServerSocket socket = server.socket();

    socket.setReuseAddress(false);
    assertThat(socket.getReuseAddress()).isFalse();
    assertThat(server.getOption(StandardSocketOptions.SO_REUSEADDR)).isFalse();
    socket.setReceiveBufferSize(16_384);
    assertThat(socket.getReceiveBufferSize()).isPositive();
    assertThatThrownBy(() -> socket.setReceiveBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(-1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    socket.setPerformancePreferences(1, 2, 3);
    assertThat(socket.supportedOptions()).isEqualTo(server.supportedOptions());
  }
}
