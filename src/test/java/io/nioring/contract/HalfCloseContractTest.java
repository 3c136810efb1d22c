package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Shutting one direction, lingering and resets, with threads blocked on either side. */
class HalfCloseContractTest {
  @EachTransport
  void shutdownsReturnTheChannelAndMayBeRepeated(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    SocketChannel client = pair.client();

    assertThat(client.shutdownInput()).isSameAs(client);
    assertThat(client.shutdownInput()).isSameAs(client);
    assertThat(client.shutdownOutput()).isSameAs(client);
    assertThat(client.shutdownOutput()).isSameAs(client);
    assertThat(client.isOpen()).isTrue();
    assertThat(client.isConnected()).isTrue();
  }

  @EachTransport
  void requestAndReplyWorkOverHalfClosedConnections(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.client(), "question");
    pair.client().shutdownOutput();

    assertThat(ChannelIo.receiveAll(pair.server())).isEqualTo("question");
    ChannelIo.send(pair.server(), "answer");
    pair.server().shutdownOutput();

    assertThat(ChannelIo.receiveAll(pair.client())).isEqualTo("answer");
  }

  @EachTransport
  void ownShutInputWakesABlockedReader(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> reading = read(transport, threads, pair.client());

    pair.client().shutdownInput();

    assertThat(reading.result()).isEqualTo(-1);
    assertThat(pair.client().isOpen()).isTrue();
    ChannelIo.send(pair.client(), "still writing");
    assertThat(ChannelIo.receive(pair.server(), 13)).isEqualTo("still writing");
  }

  @EachTransport
  void peersShutOutputWakesABlockedReader(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> reading = read(transport, threads, pair.client());

    pair.server().shutdownOutput();

    assertThat(reading.result()).isEqualTo(-1);
  }

  @EachTransport
  void peersCloseWakesABlockedReader(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> reading = read(transport, threads, pair.client());

    pair.server().close();

    assertThat(reading.result()).isEqualTo(-1);
  }

  @EachTransport
  void peersCloseWithDataUnreadWakesABlockedReaderWithAReset(
      TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.client(), "unread");
    ReadyOps.await(pair.server(), SelectionKey.OP_READ, SelectionKey.OP_READ);
    Background<Integer> reading = read(transport, threads, pair.client());

    pair.server().close();

    assertThat(reading.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  @EachTransport
  void ownShutOutputWakesABlockedWriter(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Void> writing = writeForEver(transport, threads, pair.client());

    pair.client().shutdownOutput();

    assertThat(writing.failure()).isInstanceOf(ClosedChannelException.class);
    assertThat(pair.client().isOpen()).isTrue();
  }

  @EachUnix
  @OracleOnPlatformThreads
  void peersShutInputWakesABlockedWriterWithABrokenPipe(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Void> writing = writeForEver(transport, threads, pair.client());

    pair.server().shutdownInput();

    assertThat(writing.failure()).isExactlyInstanceOf(IOException.class).hasMessage("Broken pipe");
    assertThat(pair.client().isOpen()).isTrue();
  }

  @EachUnixRule
  void peersCloseWakesABlockedWriter(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Void> writing = writeForEver(transport, threads, pair.client());

    pair.server().close();

    assertThat(writing.failure())
        .isInstanceOf(IOException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .isIn("Broken pipe", "Connection reset by peer", "Connection reset"));
  }

  @EachTransport
  void peersShutOutputDoesNotWakeABlockedWriter(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Void> writing = writeForEver(transport, threads, pair.client());

    pair.server().shutdownOutput();

    assertThat(ChannelIo.awaitRead(pair.client())).isEqualTo(-1);
    writing.awaitBlockedIn("write");
    pair.client().close();
    assertThat(writing.failure()).isInstanceOf(ClosedChannelException.class);
  }

  @EachUnix
  @OracleOnPlatformThreads
  void blockingWriteThatSentSomethingBeforeItFailedReturnsTheCount(
      TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    int size = 8 << 20;
    ByteBuffer bytes = ByteBuffer.allocateDirect(size); // which the platform does not copy first
    Background<Integer> writing = transport.background(threads, () -> pair.client().write(bytes));
    writing.awaitBlockedIn("write");

    pair.server().shutdownInput();

    assertThat(writing.result()).isBetween(1, size - 1);
    assertThatThrownBy(() -> pair.client().write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  /**
   * A reader that looks for bytes, finds none, and then looks whether the writer is done, must look
   * for bytes again: the writer may have written and left in between.
   */
  @EachTransport
  void endOfStreamNeverOvertakesTheLastBytes(TestTransport transport) throws Exception {
    AtomicReference<SocketChannel> next = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    Background<Void> sending =
        transport.background(
            () -> {
              ByteBuffer last = ChannelIo.ascii("last");
              while (!over.get()) {
                SocketChannel channel = next.getAndSet(null);
                if (channel != null) {
                  channel.write(last.rewind());
                  channel.shutdownOutput();
                }
              }
              return null;
            });

    Deadline enough = Deadline.after(Duration.ofMillis(500));
    try {
      for (int i = 0; i < 2_000 && !enough.passed(); i++) {
        TestTransport.Pair pair = transport.nonBlockingPair();
        next.set(pair.client());
        assertThat(countUntilEndOfStream(pair.server())).as("bytes of round %d", i).isEqualTo(4);
        pair.server().close();
        pair.client().close();
      }
    } finally {
      over.set(true);
    }
    assertThat(sending.result()).isNull();
  }

  /**
   * A write that is inside while another thread shuts the output has its bytes before the end of
   * the stream, or does not take them.
   */
  @EachTransport
  void endOfStreamNeverOvertakesAWriteThatIsInside(TestTransport transport) throws Exception {
    Deadline enough = Deadline.after(Duration.ofMillis(500));
    for (int i = 0; i < 500 && !enough.passed(); i++) {
      TestTransport.Pair pair = transport.nonBlockingPair();
      CountDownLatch begun = new CountDownLatch(1);
      Background<Integer> writing =
          transport.background(() -> writeUntilItFails(pair.client(), begun));

      begun.await();
      pair.client().shutdownOutput();
      int read = discardUntilEndOfStream(pair.server());
      assertThat(read).as("bytes of round %d", i).isEqualTo(writing.result());
      pair.server().close();
      pair.client().close();
    }
  }

  /** Writes a byte each time; returns how many were taken. */
  private static int writeUntilItFails(SocketChannel channel, CountDownLatch begun) {
    int count = 0;
    try {
      while (true) {
        count += channel.write(ByteBuffer.allocate(1));
        begun.countDown();
      }
    } catch (IOException e) {
      return count; // the output was shut
    }
  }

  private static int discardUntilEndOfStream(SocketChannel channel) throws IOException {
    Deadline deadline = Deadline.start();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    int total = 0;
    int count;
    while ((count = channel.read(buffer.clear())) >= 0) {
      total += count;
      assertThat(deadline.passed()).as("no end of stream").isFalse();
    }
    return total;
  }

  private static int countUntilEndOfStream(SocketChannel channel) throws IOException {
    Deadline deadline = Deadline.start();
    ByteBuffer buffer = ByteBuffer.allocate(16);
    while (channel.read(buffer) >= 0) {
      assertThat(deadline.passed()).as("no end of stream").isFalse();
    }
    return buffer.position();
  }

  @EachInet
  void lingerOfZeroMakesCloseAReset(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);

    pair.client().close();

    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    assertReset(pair.server());
    assertReset(pair.server());
  }

  @EachInet
  void lingerOfZeroOnABlockingChannelMakesCloseAReset(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);
    Background<Integer> reading = read(transport, threads, pair.server());

    pair.client().close();

    assertThat(reading.failure()).isInstanceOf(SocketException.class);
  }

  @EachInet
  void lingerOfZeroOnARegisteredChannelMakesCloseAReset(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Selector selector = transport.openSelector();
    pair.client().register(selector, SelectionKey.OP_READ);
    selector.selectNow();
    pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);

    pair.client().close();
    selector.selectNow();

    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    assertReset(pair.server());
  }

  @EachTransport
  void otherLingersGiveEndOfStream(TestTransport transport) throws IOException {
    for (int linger : new int[] {-1, 1}) {
      TestTransport.Pair pair = transport.nonBlockingPair();
      ChannelIo.send(pair.client(), "bye");
      pair.client().setOption(StandardSocketOptions.SO_LINGER, linger);

      pair.client().close();

      assertThat(ChannelIo.receiveAll(pair.server())).isEqualTo("bye");
    }
  }

  /** SO_LINGER means nothing to a Unix socket. */
  @EachUnix
  void lingerOfZeroOnAUnixChannelGivesEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);

    pair.client().close();

    assertThat(ChannelIo.awaitRead(pair.server())).isEqualTo(-1);
  }

  @EachTransport
  void shutdownsAfterAResetDoNotThrow(TestTransport transport) throws IOException {
    TestTransport.Pair pair = resetPair(transport);

    pair.server().shutdownInput();
    pair.server().shutdownOutput();

    assertThat(pair.server().isOpen()).isTrue();
  }

  @EachTransport
  void ownShutInputWinsOverAReset(TestTransport transport) throws IOException {
    TestTransport.Pair pair = resetPair(transport);
    assertReset(pair.server());

    pair.server().shutdownInput();

    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @EachTransport
  void afterAResetEveryReadFails(TestTransport transport) throws IOException {
    TestTransport.Pair pair = resetPair(transport);

    for (int i = 0; i < 3; i++) {
      assertReset(pair.server());
      assertThatThrownBy(() -> pair.server().read(new ByteBuffer[] {ByteBuffer.allocate(1)}))
          .isInstanceOf(SocketException.class);
    }
    assertThat(pair.server().isOpen()).isTrue();
    assertThat(pair.server().isConnected()).isTrue();
  }

  private static TestTransport.Pair resetPair(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), SelectionKey.OP_READ, SelectionKey.OP_READ);
    pair.client().close();
    ReadyOps.await(pair.server(), SelectionKey.OP_READ, SelectionKey.OP_READ);
    return pair;
  }

  private static void assertReset(SocketChannel channel) {
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  private static Background<Integer> read(
      TestTransport transport, ThreadKind threads, SocketChannel channel) throws Exception {
    return transport
        .background(threads, () -> channel.read(ByteBuffer.allocate(1)))
        .awaitBlockedIn("read");
  }

  private static Background<Void> writeForEver(
      TestTransport transport, ThreadKind threads, SocketChannel channel) throws Exception {
    Background<Void> writing =
        transport.background(
            threads,
            () -> {
              while (true) {
                channel.write(ByteBuffer.allocate(1 << 20));
              }
            });
    return writing.awaitBlockedIn("write");
  }
}
