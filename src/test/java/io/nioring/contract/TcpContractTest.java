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
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Where connections with IP addresses end as TCP's do, and not as Unix sockets. */
class TcpContractTest {
  private static final int ALL_OPS = OP_READ | OP_WRITE | OP_CONNECT;

  @EachInet
  void answerOfAServerThatHasClosedIsReadAfterAWrite(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.server(), "408");
    pair.server().close();

    assertThat(write(pair.client())).isEqualTo(1);

    assertThat(ChannelIo.receive(pair.client(), 3)).isEqualTo("408");
    assertThat(read(pair.client())).isEqualTo(-1);
    assertFailsIn(pair.client(), "Broken pipe");
    assertThat(read(pair.client())).isEqualTo(-1);
  }

  @EachInet
  void closedPeerIsAnEndAndNoHangUp(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.server().close();
    awaitEnd(pair.client());

    assertThat(ReadyOps.now(pair.client(), ALL_OPS)).isEqualTo(OP_READ | OP_WRITE);
  }

  @EachInet
  void peerDoesNotNoticeAShutInput(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.server().shutdownInput();

    assertThat(write(pair.client())).isEqualTo(1);
    assertThat(write(pair.client())).isEqualTo(1);
    assertThat(ReadyOps.now(pair.client(), ALL_OPS)).isEqualTo(OP_WRITE);
    assertThat(read(pair.server())).isEqualTo(-1);
    ChannelIo.send(pair.server(), "on");
    pair.client().configureBlocking(true);
    assertThat(ChannelIo.receive(pair.client(), 2)).isEqualTo("on");
  }

  @EachInet
  @OracleOnPlatformThreads
  void writerThatIsBlockedWaitsOnWhenThePeerShutsItsInput(
      TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> writing =
        transport.background(
            threads, () -> pair.client().write(ByteBuffer.allocateDirect(32 << 20)));
    writing.awaitBlockedIn("write");

    pair.server().shutdownInput();
    writing.awaitBlockedIn("write");

    pair.server().close(); // with bytes unread
    writing.awaitDone();
    assertThatThrownBy(
            () -> {
              write(pair.client());
              write(pair.client());
            })
        .isInstanceOf(IOException.class);
  }

  @EachInet
  void resetThatAWriteMeetsFirstIsReportedOnlyByIt(TestTransport transport) throws IOException {
    SocketChannel client = resetWithData(transport);

    assertFailsIn(client, "Connection reset by peer");
    assertFailsIn(client, "Broken pipe");
    assertThat(ChannelIo.receive(client, 4)).isEqualTo("data");
    assertThat(read(client)).isEqualTo(-1);
  }

  @EachInet
  void resetThatAReadMeetsFirstIsReportedByAllReads(TestTransport transport) throws IOException {
    SocketChannel client = resetWithData(transport);

    assertThat(ChannelIo.receive(client, 4)).isEqualTo("data");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> read(client))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertFailsIn(client, "Broken pipe");
    }
  }

  private static SocketChannel resetWithData(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "data");
    pair.server().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.server().close();
    awaitHangUp(pair.client());
    return pair.client();
  }

  @EachInet
  void resetAfterTheEndIsNotSeenByReads(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().shutdownOutput();
    pair.server().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.server().close();
    awaitHangUp(pair.client());

    assertThat(read(pair.client())).isEqualTo(-1);
    assertFailsIn(pair.client(), "Broken pipe");
  }

  @EachInet
  void registeredChannelThatLeavesBytesUnreadIsAnEndToItsPeer(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(transport.openSelector(), OP_READ);
    write(pair.client());

    pair.server().close();
    key.selector().selectNow();
    awaitHangUp(pair.client());

    assertThat(read(pair.client())).isEqualTo(-1);
  }

  @EachInet
  void connectionAbandonedByItsListenerIsReportedByFinishConnect(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());

    server.close();
    awaitHangUp(client);

    assertThatThrownBy(client::finishConnect)
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset by peer");
    assertThat(client.isOpen()).isFalse();
  }

  @EachRing
  void bytesThatWillNotBeReadAreNotKept(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().write(ByteBuffer.allocate(100_000));
    assertThat(transport.network().statistics().memoryInUseBytes()).isPositive();

    pair.server().close();

    assertThat(transport.network().statistics().memoryInUseBytes()).isZero();
  }

  private static void awaitEnd(SocketChannel channel) throws IOException {
    Deadline.await("the end", () -> (ReadyOps.now(channel, OP_READ) & OP_READ) != 0);
  }

  /** A hang-up makes a channel ready for all that it is asked for. */
  private static void awaitHangUp(SocketChannel channel) throws IOException {
    Deadline.await("a hang-up", () -> (ReadyOps.now(channel, ALL_OPS) & OP_CONNECT) != 0);
  }

  private static int write(SocketChannel channel) throws IOException {
    return channel.write(ByteBuffer.allocate(1));
  }

  private static int read(SocketChannel channel) throws IOException {
    return channel.read(ByteBuffer.allocate(1));
  }

  private static void assertFailsIn(SocketChannel channel, String message) {
    assertThatThrownBy(() -> write(channel))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(message);
  }
}
