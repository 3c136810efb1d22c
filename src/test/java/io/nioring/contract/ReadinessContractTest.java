package io.nioring.contract;

import static io.nioring.contract.ReadyOps.READ_WRITE;
import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * What a selector and the next calls say in each state of a connection.
 *
 * <p>The rules are those of Unix stream sockets on Linux ({@code unix_poll}, {@code
 * unix_stream_read_generic} and {@code unix_stream_sendmsg}), seen through java.nio.
 */
class ReadinessContractTest {
  private static final int ALL = READ_WRITE | OP_CONNECT;

  @EachTransport
  void connectedChannelWithNothingToReadIsWritableOnly(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    assertThat(ReadyOps.now(pair.client(), READ_WRITE)).isEqualTo(OP_WRITE);
    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(OP_WRITE);
  }

  @EachTransport
  void dataMakesThePeerReadable(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    ChannelIo.send(pair.client(), "x");

    ReadyOps.await(pair.server(), READ_WRITE, READ_WRITE);
    assertThat(ReadyOps.now(pair.client(), READ_WRITE)).isEqualTo(OP_WRITE);
  }

  @EachTransport
  void drainedChannelIsNoLongerReadable(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "xy");

    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("x");
    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(READ_WRITE);
    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("y");
    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(OP_WRITE);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isZero();
  }

  @EachTransport
  void peerThatShutItsOutputIsSeenAsEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownOutput();

    ReadyOps.await(pair.server(), READ_WRITE, READ_WRITE);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(READ_WRITE);
  }

  @EachTransport
  void dataSentBeforeTheOutputWasShutComesBeforeEndOfStream(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "last words");
    pair.client().shutdownOutput();

    assertThat(ChannelIo.receiveAll(pair.server())).isEqualTo("last words");
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @EachTransport
  void peerThatShutItsOutputCanStillBeWrittenTo(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().shutdownOutput();

    ChannelIo.send(pair.server(), "answer");

    assertThat(ChannelIo.receive(pair.client(), 6)).isEqualTo("answer");
  }

  @EachTransport
  void ownShutOutputStaysReadyAndFailsToWrite(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().shutdownOutput();

    assertThat(ReadyOps.now(pair.client(), READ_WRITE)).isEqualTo(OP_WRITE);
    assertThatThrownBy(() -> pair.client().write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(pair.client().isOpen()).isTrue();
  }

  @EachTransport
  void ownShutInputIsReadableAndGivesEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownInput();

    assertThat(ReadyOps.now(pair.client(), READ_WRITE)).isEqualTo(READ_WRITE);
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  /** The kernel would still give the queued bytes; a java.nio channel answers for itself. */
  @EachTransport
  void ownShutInputGivesEndOfStreamEvenWithDataQueued(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), OP_READ, OP_READ);

    pair.client().shutdownInput();

    assertThat(pair.client().read(ByteBuffer.allocate(16))).isEqualTo(-1);
  }

  @EachUnix
  void peersWriteToAShutInputFailsAtOnce(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownInput();

    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(OP_WRITE);
    assertBrokenPipe(pair.server());
    assertThat(pair.server().isOpen()).isTrue();
  }

  @EachUnixRule
  void peersShutInputDoesNotStopReading(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().shutdownInput();

    ChannelIo.send(pair.client(), "still here");

    assertThat(ChannelIo.receive(pair.server(), 10)).isEqualTo("still here");
  }

  @EachUnix
  void shutBothWaysHangsUpBothEnds(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownOutput();
    pair.client().shutdownInput();

    assertThat(ReadyOps.now(pair.client(), ALL)).isEqualTo(ALL);
    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(ALL);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertBrokenPipe(pair.server());
  }

  /** Each end's shut output is the other end's shut input, so both are shut both ways. */
  @EachTransport
  void bothOutputsShutHangUpBothEnds(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownOutput();
    pair.server().shutdownOutput();

    ReadyOps.await(pair.client(), ALL, ALL);
    ReadyOps.await(pair.server(), ALL, ALL);
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @EachUnix
  void bothInputsShutHangUpBothEnds(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownInput();
    pair.server().shutdownInput();

    assertThat(ReadyOps.now(pair.client(), ALL)).isEqualTo(ALL);
    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(ALL);
    assertBrokenPipe(pair.client());
  }

  @EachUnixRule
  void oneDirectionShutFromBothSidesDoesNotHangUp(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().shutdownOutput();
    pair.server().shutdownInput();

    assertThat(ReadyOps.now(pair.client(), ALL)).isEqualTo(OP_WRITE);
    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(READ_WRITE);
    ChannelIo.send(pair.server(), "answer");
    assertThat(ChannelIo.receive(pair.client(), 6)).isEqualTo("answer");
  }

  @EachUnix
  void closedPeerThatHadReadEverythingGivesEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    pair.client().close();

    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(ALL);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertBrokenPipe(pair.server());
  }

  @EachTransport
  void dataOfAClosedPeerComesBeforeEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "goodbye");

    pair.client().close();

    assertThat(ChannelIo.receiveAll(pair.server())).isEqualTo("goodbye");
    ReadyOps.await(pair.server(), OP_READ, OP_READ);
  }

  @EachTransport
  void peerClosedWithDataUnreadResetsTheConnection(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), OP_READ, OP_READ);

    pair.client().close();

    ReadyOps.await(pair.server(), READ_WRITE, READ_WRITE);
    assertConnectionReset(pair.server());
    assertConnectionReset(pair.server());
    assertBrokenPipe(pair.server());
    assertConnectionReset(pair.server());
  }

  @EachUnixRule
  void dataOfAPeerThatResetComesBeforeTheReset(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    ChannelIo.send(pair.client(), "data");
    pair.client().close();

    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(ALL);
    assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("data");
    assertThat(ReadyOps.now(pair.server(), ALL)).isEqualTo(ALL);
    assertConnectionReset(pair.server());
  }

  @EachUnix
  void writeAfterAResetIsABrokenPipeAndLeavesTheResetToRead(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    pair.client().close();

    assertBrokenPipe(pair.server());
    assertConnectionReset(pair.server());
  }

  @EachTransport
  void unconnectedChannelIsHungUp(TestTransport transport) throws IOException {
    SocketChannel client = transport.openNonBlockingClient();

    assertThat(ReadyOps.now(client, ALL)).isEqualTo(ALL);
    assertThat(ReadyOps.now(client, OP_CONNECT)).isEqualTo(OP_CONNECT);
    assertThat(ReadyOps.now(client, 0)).isZero();
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(NotYetConnectedException.class);
  }

  @EachTransport
  void unboundServerIsHungUp(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThat(ReadyOps.now(server, OP_ACCEPT)).isEqualTo(OP_ACCEPT);
    assertThat(ReadyOps.now(server, 0)).isZero();
    assertThatThrownBy(server::accept).isExactlyInstanceOf(NotYetBoundException.class);
  }

  @EachTransport
  void listenerIsReadyWhileSomethingIsPending(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    assertThat(ReadyOps.now(server, OP_ACCEPT)).isZero();

    transport.connectTo(server);
    ReadyOps.await(server, OP_ACCEPT, OP_ACCEPT);
    transport.connectTo(server);
    assertThat(transport.accept(server)).isNotNull();
    ReadyOps.await(server, OP_ACCEPT, OP_ACCEPT);

    assertThat(transport.accept(server)).isNotNull();
    assertThat(ReadyOps.now(server, OP_ACCEPT)).isZero();
  }

  @EachTransport
  void pendingConnectionOfAClosedClientStillMakesTheListenerReady(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.listen();
    transport.connectTo(server).close();

    ReadyOps.await(server, OP_ACCEPT, OP_ACCEPT);
  }

  @EachTransport
  void fullConnectionIsNotWritableUntilDrained(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    long written = ChannelIo.fill(pair.client());

    assertThat(written).isPositive();
    assertThat(pair.client().write(ByteBuffer.allocate(1))).isZero();
    assertThat(ReadyOps.now(pair.client(), READ_WRITE)).isZero();
    assertThat(ReadyOps.now(pair.server(), READ_WRITE)).isEqualTo(READ_WRITE);

    ChannelIo.drain(pair.server(), written);
    ReadyOps.await(pair.client(), READ_WRITE, OP_WRITE);
    ReadyOps.await(pair.server(), READ_WRITE, OP_WRITE);
  }

  @EachUnix
  void fullConnectionToAClosedPeerIsReadyAndBroken(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.fill(pair.client());

    pair.server().close();

    assertThat(ReadyOps.now(pair.client(), ALL)).isEqualTo(ALL);
    assertBrokenPipe(pair.client());
    assertConnectionReset(pair.client());
  }

  @EachUnixRule
  void fullConnectionWithOwnShutOutputGivesItsBytesAndThenEndOfStream(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    long written = ChannelIo.fill(pair.client());

    pair.client().shutdownOutput();

    ChannelIo.drain(pair.server(), written);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @EachTransport
  void keyWithoutInterestIsNeverSelected(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), OP_READ, OP_READ);
    assertThat(ReadyOps.now(pair.client(), 0)).isZero();

    pair.client().close();

    ReadyOps.await(pair.server(), OP_READ, OP_READ);
    assertThat(ReadyOps.now(pair.server(), 0)).isZero();
  }

  private static void assertBrokenPipe(SocketChannel channel) {
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  private static void assertConnectionReset(SocketChannel channel) {
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(16)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }
}
