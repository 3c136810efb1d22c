package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Accepting, the backlog, and what becomes of connections that nobody accepts. */
class AcceptContractTest {
  @EachTransport
  void nonBlockingAcceptWithNothingPendingIsNull(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    server.configureBlocking(false);

    assertThat(server.accept()).isNull();
  }

  @EachTransport
  void acceptedChannelIsConnectedAndBlocking(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    transport.connectTo(server);
    ReadyOps.await(server, SelectionKey.OP_ACCEPT, SelectionKey.OP_ACCEPT);

    SocketChannel accepted = transport.accept(server);

    assertThat(accepted.isConnected()).isTrue();
    assertThat(accepted.isBlocking()).isTrue();
    assertThat(accepted.isRegistered()).isFalse();
    assertThat(accepted.isConnectionPending()).isFalse();
    assertThat(accepted.provider()).isSameAs(transport.provider());
    assertThat(accepted.validOps()).isEqualTo(OP_READ | OP_WRITE | OP_CONNECT);
    assertThat(server.validOps()).isEqualTo(SelectionKey.OP_ACCEPT);
  }

  @EachTransport
  void blockingAcceptWaitsForAClient(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    Background<SocketChannel> accepting =
        transport.background(threads, () -> transport.accept(server));
    accepting.awaitBlockedIn("accept");

    SocketChannel client = transport.connectTo(server);

    ChannelIo.send(accepting.result(), "hello");
    assertThat(ChannelIo.receive(client, 5)).isEqualTo("hello");
  }

  @EachTransport
  void connectionsAreAcceptedInTheOrderOfConnect(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    for (int i = 0; i < 5; i++) {
      ChannelIo.send(transport.connectTo(server), "client " + i);
    }

    for (int i = 0; i < 5; i++) {
      assertThat(ChannelIo.receive(transport.accept(server), 8)).isEqualTo("client " + i);
    }
  }

  @EachTransport
  void acceptedChannelOutlivesItsListener(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);

    server.close();

    ChannelIo.send(client, "ping");
    assertThat(ChannelIo.receive(accepted, 4)).isEqualTo("ping");
    ChannelIo.send(accepted, "pong");
    assertThat(ChannelIo.receive(client, 4)).isEqualTo("pong");
  }

  @EachTransport
  void closedListenerResetsWhatWaitsInItsBacklog(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    client.configureBlocking(false);

    server.close();

    ReadyOps.await(client, ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
    assertThatThrownBy(() -> client.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  @EachTransport
  void closedListenerWakesAReaderWhoseConnectionWasNotAccepted(
      TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    Background<Integer> reading =
        transport.background(threads, () -> client.read(ByteBuffer.allocate(1)));
    reading.awaitBlockedIn("read");

    server.close();

    assertThat(reading.failure()).isExactlyInstanceOf(SocketException.class);
  }

  @EachTransport
  void backlogOfZeroOrLessIsTheDefault(TestTransport transport) throws IOException {
    for (int backlog : new int[] {0, -1, Integer.MIN_VALUE}) {
      ServerSocketChannel server = transport.listen(backlog);
      for (int i = 0; i < 20; i++) {
        assertThat(transport.connectTo(server).isConnected()).isTrue();
      }
    }
  }

  @EachUnix
  void unixBacklogHoldsOneMoreThanAskedFor(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen(3);
    for (int i = 0; i < 4; i++) {
      assertThat(transport.openNonBlockingClient().connect(server.getLocalAddress())).isTrue();
    }
    SocketChannel late = transport.openNonBlockingClient();

    assertThatThrownBy(() -> late.connect(server.getLocalAddress()))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessageStartingWith("Resource temporarily unavailable");
    assertThat(late.isConnectionPending()).isFalse();
  }

  @EachUnix
  void acceptMakesRoomInTheUnixBacklog(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen(1);
    for (int i = 0; i < 2; i++) {
      transport.openNonBlockingClient().connect(server.getLocalAddress());
    }

    assertThat(transport.accept(server)).isNotNull();

    assertThat(transport.openNonBlockingClient().connect(server.getLocalAddress())).isTrue();
  }

  @EachUnix
  @OracleOnPlatformThreads
  void blockingUnixConnectWaitsForRoomInTheBacklog(TestTransport transport, ThreadKind threads)
      throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel late = transport.openClient();
    Background<Boolean> connecting =
        transport.background(threads, () -> late.connect(server.getLocalAddress()));
    connecting.awaitBlockedIn("connect");

    assertThat(transport.accept(server)).isNotNull();

    assertThat(connecting.result()).isTrue();
  }

  @EachUnix
  @OracleOnPlatformThreads
  void listenerThatClosesRefusesAConnectThatWaitsForRoom(
      TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel late = transport.openClient();
    Background<Boolean> connecting =
        transport.background(threads, () -> late.connect(server.getLocalAddress()));
    connecting.awaitBlockedIn("connect");

    server.close();

    assertThat(connecting.failure())
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(late.isOpen()).isFalse();
  }

  @EachInet
  void fullInetBacklogLeavesConnectsPending(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen(1);
    List<SocketChannel> clients = new ArrayList<>();
    SocketChannel last;
    do {
      last = transport.openNonBlockingClient();
      clients.add(last);
      last.connect(server.getLocalAddress());
    } while (clients.size() < 20 && last.finishConnect());

    assertThat(clients).hasSizeBetween(2, 10);
    assertThat(last.isConnectionPending()).isTrue();
    assertThat(ReadyOps.now(last, OP_CONNECT)).isZero();
    last.close();
  }

  @EachInet
  void pendingInetConnectCompletesWhenAcceptMakesRoom(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel late = transport.openNonBlockingClient();
    late.connect(server.getLocalAddress());
    assertThat(late.finishConnect()).isFalse();
    server.configureBlocking(false);

    Deadline.await(
        "a connection after room was made",
        () -> {
          transport.accept(server);
          return late.finishConnect();
        });

    assertThat(late.isConnected()).isTrue();
  }

  @EachInet
  void pendingInetConnectIsRefusedWhenTheListenerCloses(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel late = transport.openNonBlockingClient();
    late.connect(server.getLocalAddress());
    assertThat(late.finishConnect()).isFalse();

    server.close();

    ReadyOps.await(late, OP_CONNECT, OP_CONNECT);
    assertThatThrownBy(late::finishConnect)
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(late.isOpen()).isFalse();
  }

  @EachTransport
  void manyConnectionsComeAndGo(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    for (int i = 0; i < 300; i++) {
      try (SocketChannel client = transport.openClient()) {
        client.connect(server.getLocalAddress());
        ChannelIo.send(client, "x");
        try (SocketChannel accepted = server.accept()) {
          assertThat(ChannelIo.receive(accepted, 1)).isEqualTo("x");
        }
      }
    }
  }
}
