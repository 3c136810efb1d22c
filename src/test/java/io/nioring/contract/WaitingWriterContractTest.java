package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A full connection whose writer waits when the peer closes with bytes unread: who is told of the
 * reset, and what is left of it for the operations that follow.
 *
 * <p>The platform's virtual threads wait outside write(2) and write anew: on a Unix socket that
 * leaves the reset to a read. Rings treat both kinds of thread alike.
 */
class WaitingWriterContractTest {
  private static final String RESET_BY_PEER = "Connection reset by peer";
  private static final String BROKEN_PIPE = "Broken pipe";
  private static final String READ_RESET = "Connection reset";

  /** More than the buffers on the way hold. */
  private static final int LARGE = 24 << 20;

  /** A blocking pair, full in the client's direction, with a word on its way to the client. */
  private static TestTransport.Pair fullPair(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.server(), "data");
    fill(pair.client());
    return pair;
  }

  private static void fill(SocketChannel client) throws IOException {
    client.configureBlocking(false);
    ChannelIo.fill(client);
    client.configureBlocking(true);
  }

  /**
   * A write that waits for room. The kernel's TCP may find some again after it has refused bytes,
   * so that a first one may end.
   */
  private static <T> Background<T> waiting(
      TestTransport transport, ThreadKind threads, SocketChannel client, Callable<T> write)
      throws Exception {
    Deadline deadline = Deadline.start();
    Background<T> writing = transport.background(threads, write);
    while (!blocks(writing)) {
      assertThat(deadline.passed()).as("no write waits").isFalse();
      fill(client);
      writing = transport.background(threads, write);
    }
    return writing;
  }

  /** A write of one byte that waits for room. */
  private static Background<Integer> waiting(
      TestTransport transport, ThreadKind threads, SocketChannel client) throws Exception {
    return waiting(transport, threads, client, () -> client.write(ByteBuffer.allocate(1)));
  }

  private static boolean blocks(Background<?> writing) throws Exception {
    try {
      writing.awaitBlockedIn("write");
      return true;
    } catch (AssertionError e) {
      if (writing.isDone()) {
        return false;
      }
      throw e;
    }
  }

  private static void assertFails(Throwable failure, String message) {
    assertThat(failure).isExactlyInstanceOf(IOException.class).hasMessage(message);
  }

  private static void assertWriteFails(SocketChannel client, String message) {
    assertThatThrownBy(() -> client.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(message);
  }

  private static void assertReadFails(SocketChannel client) {
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage(READ_RESET);
  }

  /** Nothing is left of the reset. */
  private static void assertOver(SocketChannel client) throws IOException {
    assertWriteFails(client, BROKEN_PIPE);
    assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertWriteFails(client, BROKEN_PIPE);
  }

  @EachTransport
  @OracleOnPlatformThreads
  void writeThatHasPutNothingReportsTheReset(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = fullPair(transport);
    Background<Integer> writing = waiting(transport, threads, pair.client());

    pair.server().close();

    assertFails(writing.failure(), RESET_BY_PEER);
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");
    assertOver(pair.client());
  }

  @EachTransport
  @OracleOnPlatformThreads
  void gatheringWriteThatHasPutNothingReportsTheReset(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = fullPair(transport);
    Background<Long> writing =
        waiting(
            transport,
            threads,
            pair.client(),
            () ->
                pair.client()
                    .write(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)}));

    pair.server().close();

    assertFails(writing.failure(), RESET_BY_PEER);
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");
    assertOver(pair.client());
  }

  /** A Unix write takes the reset with it; that of TCP leaves it to the next operation. */
  @EachTransport
  @OracleOnPlatformThreads
  void writeThatHasPutSomethingReturnsItsCount(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> writing =
        waiting(
            transport,
            threads,
            pair.client(),
            () -> pair.client().write(ByteBuffer.allocateDirect(LARGE)));

    pair.server().close();

    assertThat(writing.result()).isPositive().isLessThan(LARGE);
    if (!transport.isUnix()) {
      assertWriteFails(pair.client(), RESET_BY_PEER);
    }
    assertOver(pair.client());
  }

  @EachTransport
  @OracleOnPlatformThreads
  void gatheringWriteThatHasPutSomethingReturnsItsCount(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    ByteBuffer[] srcs = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(LARGE)};
    Background<Long> writing =
        waiting(transport, threads, pair.client(), () -> pair.client().write(srcs));

    pair.server().close();

    assertThat(writing.result()).isPositive().isLessThan(LARGE);
    if (!transport.isUnix()) {
      assertReadFails(pair.client());
      assertWriteFails(pair.client(), BROKEN_PIPE);
      assertReadFails(pair.client());
    } else {
      assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertOver(pair.client());
    }
  }

  @EachTransport
  @OracleOnPlatformThreads
  void readerAndWriterThatBothWaitAreToldOnce(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    fill(pair.client());
    Background<Integer> writing = waiting(transport, threads, pair.client());
    Background<Integer> reading =
        transport.background(threads, () -> pair.client().read(ByteBuffer.allocate(1)));
    reading.awaitBlockedIn("read");

    pair.server().close();

    String written = outcome(writing);
    String read = outcome(reading);
    assertThat(List.of(written, read))
        .isIn(List.of(RESET_BY_PEER, "-1"), List.of(BROKEN_PIPE, READ_RESET));
    assertWriteFails(pair.client(), BROKEN_PIPE);
  }

  private static String outcome(Background<Integer> ended) throws Exception {
    try {
      return String.valueOf(ended.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return e.getCause().getMessage();
    }
  }

  @EachTransport
  @OracleOnPlatformThreads
  void closeOfTheListenerResetsTheWriterOfAConnectionInItsQueue(
      TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    fill(client);
    Background<Integer> writing = waiting(transport, threads, client);

    server.close();

    assertFails(writing.failure(), RESET_BY_PEER);
    assertOver(client);
  }

  @EachUnix
  @OracleOnPlatformThreads
  void ownShutInputDoesNotHideTheReset(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = fullPair(transport);
    pair.client().shutdownInput();
    Background<Integer> writing = waiting(transport, threads, pair.client());

    pair.server().close();

    assertFails(writing.failure(), RESET_BY_PEER);
  }

  @EachUnix
  @OracleOnPlatformThreads
  void peerThatShutsItsInputDoesNotReset(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = fullPair(transport);
    Background<Integer> writing = waiting(transport, threads, pair.client());

    pair.server().shutdownInput();
    assertFails(writing.failure(), BROKEN_PIPE);
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");

    pair.server().close();
    assertReadFails(pair.client());
  }

  /** Such a writer begins its write after the close. */
  @EachTransport
  void writerThatWaitsInASelectorLeavesAUnixResetToReads(TestTransport transport) throws Exception {
    TestTransport.Pair pair = selectedPair(transport);

    assertWriteFails(pair.client(), transport.isUnix() ? BROKEN_PIPE : RESET_BY_PEER);
    assertWriteFails(pair.client(), BROKEN_PIPE);
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");
    if (transport.isUnix()) {
      assertReadFails(pair.client());
      assertReadFails(pair.client());
      assertWriteFails(pair.client(), BROKEN_PIPE);
    } else {
      assertOver(pair.client());
    }
  }

  @EachTransport
  void gatheringWriterThatWaitsInASelectorDoesTheSame(TestTransport transport) throws Exception {
    TestTransport.Pair pair = selectedPair(transport);
    ByteBuffer[] srcs = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};

    assertThatThrownBy(() -> pair.client().write(srcs))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(transport.isUnix() ? BROKEN_PIPE : RESET_BY_PEER);
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");
    if (transport.isUnix()) {
      assertReadFails(pair.client());
    } else {
      assertOver(pair.client());
    }
  }

  @EachTransport
  void readThatComesBeforeTheWriteOfASelectorTakesTheReset(TestTransport transport)
      throws Exception {
    TestTransport.Pair pair = selectedPair(transport);

    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("data");
    assertReadFails(pair.client());
    assertWriteFails(pair.client(), BROKEN_PIPE);
    assertReadFails(pair.client());
  }

  /** A full connection whose writer was woken in a selector by the reset. */
  private static TestTransport.Pair selectedPair(TestTransport transport) throws Exception {
    TestTransport.Pair pair = fullPair(transport);
    pair.client().configureBlocking(false);
    Selector selector = transport.openSelector();
    pair.client().register(selector, OP_WRITE);
    Background<Integer> selecting = transport.background(selector::select);
    selecting.awaitBlockedIn("select");

    pair.server().close();

    assertThat(selecting.result()).isEqualTo(1);
    return pair;
  }
}
