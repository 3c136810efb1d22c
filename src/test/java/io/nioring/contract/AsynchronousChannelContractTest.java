package io.nioring.contract;

import static io.nioring.contract.AsynchronousWorld.failureOf;
import static io.nioring.contract.AsynchronousWorld.get;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nioring.contract.AsynchronousWorld.Kind;
import io.nioring.contract.AsynchronousWorld.Listening;
import io.nioring.contract.AsynchronousWorld.Pair;
import io.nioring.contract.AsynchronousWorld.Told;
import io.nioring.testkit.Background;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ReadPendingException;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.WritePendingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What programs rely on with asynchronous channels, on the platform and over rings. */
@Timeout(180)
@SuppressWarnings({"AddressSelection", "FutureReturnValueIgnored", "ByteBufferBackingArray"})
class AsynchronousChannelContractTest {
  private static final int ROUNDS = Rounds.of("test.pingPong.rounds", 3_000, 50_000);
  private static final int MOST_CALLS_ON_STACK = 16;

  private AsynchronousWorld world;

  @AfterEach
  void closeWorld() throws Exception {
    world.close();
  }

  private AsynchronousWorld open(Kind kind) {
    world = new AsynchronousWorld(kind);
    return world;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer read) {
    return new String(read.array(), 0, read.position(), US_ASCII);
  }

  /** On JDKs that have memory segments. */
  @ParameterizedTest
  @EnumSource
  void operationsOnAMemorySegmentThatWasClosedFailWithoutWaiting(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    for (ByteBuffer closed : SegmentBuffer.closed(16)) {
      ByteBuffer[] several = {ByteBuffer.allocate(1), closed.duplicate()};
      Listening<Long> reading = new Listening<>();
      pair.server().read(several, 0, 2, 0, SECONDS, null, reading);
      assertThat(reading.told().failure()).isInstanceOf(IllegalStateException.class);
      assertRefused(pair.client().write(closed.duplicate()));
      assertRefused(pair.server().read(closed.duplicate()));

      get(pair.client().write(bytes("x")));
      assertRefused(pair.server().read(closed.duplicate()));
      assertThat(get(pair.server().read(ByteBuffer.allocate(16)))).isOne();
    }
  }

  private static void assertRefused(Future<Integer> transfer) throws Exception {
    assertThat(failureOf(transfer))
        .isExactlyInstanceOf(IOException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  // -- connecting and accepting

  @ParameterizedTest
  @EnumSource
  void connectsAndTellsNames(Kind kind) throws Exception {
    AsynchronousServerSocketChannel server = open(kind).listen(null);
    Future<AsynchronousSocketChannel> accept = server.accept();
    AsynchronousSocketChannel client = world.openClient(null);
    assertThat(client.getLocalAddress()).isNull();
    assertThat(client.getRemoteAddress()).isNull();
    assertThat(get(client.connect(server.getLocalAddress()))).isNull();
    AsynchronousSocketChannel accepted = world.track(get(accept));
    assertThat(client.getRemoteAddress()).isEqualTo(server.getLocalAddress());
    assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
    assertThat(accepted.getLocalAddress()).isEqualTo(server.getLocalAddress());
    assertThatExceptionOfType(AlreadyConnectedException.class)
        .isThrownBy(() -> client.connect(server.getLocalAddress()));
    assertThatExceptionOfType(AlreadyBoundException.class).isThrownBy(() -> client.bind(null));
  }

  @ParameterizedTest
  @EnumSource
  void acceptTakesAConnectionThatWaits(Kind kind) throws Exception {
    AsynchronousServerSocketChannel server = open(kind).listen(null);
    AsynchronousSocketChannel client = world.openClient(null);
    Listening<Void> connected = new Listening<>();
    client.connect(server.getLocalAddress(), null, connected);
    assertThat(connected.told().failure()).isNull();
    Listening<AsynchronousSocketChannel> accepted = new Listening<>();
    server.accept(null, accepted);
    Told told = accepted.told();
    world.track((AsynchronousSocketChannel) told.result());
    assertThat(told.thread()).isNotSameAs(Thread.currentThread());
  }

  /** The platform leaves it to the kernel, for which it is {@code ::1} if there is IPv6. */
  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  void wildcardOverRingsMeansTheLoopbackAddressOfItsFamily(Kind kind) throws Exception {
    AsynchronousServerSocketChannel server = open(kind).listen(null);
    Future<AsynchronousSocketChannel> accept = server.accept();
    AsynchronousSocketChannel client = world.openClient(null);
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    get(client.connect(new InetSocketAddress("0.0.0.0", port)));
    world.track(get(accept));
    assertThat(client.getRemoteAddress()).isEqualTo(server.getLocalAddress());
  }

  @ParameterizedTest
  @EnumSource
  void refusedConnectClosesTheChannel(Kind kind) throws Exception {
    AsynchronousSocketChannel client = open(kind).openClient(null);
    Throwable failure = failureOf(client.connect(world.refusing()));
    assertThat(failure).isInstanceOf(ConnectException.class).hasMessage("Connection refused");
    assertThat(client.isOpen()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void addressesAreChecked(Kind kind) throws Exception {
    AsynchronousSocketChannel client = open(kind).openClient(null);
    assertThatExceptionOfType(UnresolvedAddressException.class)
        .isThrownBy(() -> client.connect(InetSocketAddress.createUnresolved("nowhere", 1)));
    assertThatExceptionOfType(UnsupportedAddressTypeException.class)
        .isThrownBy(() -> client.connect(UnixDomainSocketAddress.of("/tmp/none")));
    client.bind(null);
    assertThat(client.getLocalAddress()).isNotNull();
    UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("/tmp/none");
    assertThatExceptionOfType(AlreadyBoundException.class).isThrownBy(() -> client.bind(unix));
    AsynchronousServerSocketChannel server = world.listen(null);
    assertThatExceptionOfType(UnsupportedAddressTypeException.class)
        .isThrownBy(() -> server.bind(unix));
  }

  @ParameterizedTest
  @EnumSource
  void oneAcceptMayBePending(Kind kind) throws Exception {
    open(kind);
    AsynchronousServerSocketChannel server = world.openServer(null);
    assertThatExceptionOfType(NotYetBoundException.class).isThrownBy(server::accept);
    server.bind(new InetSocketAddress("127.0.0.1", 0));
    Future<AsynchronousSocketChannel> accept = server.accept();
    assertThatExceptionOfType(AcceptPendingException.class).isThrownBy(server::accept);
    server.close();
    assertThat(failureOf(accept)).isInstanceOf(AsynchronousCloseException.class);
    assertThat(failureOf(server.accept())).isExactlyInstanceOf(ClosedChannelException.class);
  }

  @ParameterizedTest
  @EnumSource
  void cancelledAcceptEndsAccepting(Kind kind) throws Exception {
    AsynchronousServerSocketChannel server = open(kind).listen(null);
    Future<AsynchronousSocketChannel> accept = server.accept();
    assertThat(accept.cancel(false)).isTrue();
    assertThat(server.isOpen()).isTrue();
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(server::accept)
        .withMessageStartingWith("Accept not allowed due");
  }

  // -- reading and writing

  @ParameterizedTest
  @EnumSource
  void bytesGoBothWays(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.server().read(ByteBuffer.allocate(8));
    assertThat(read.isDone()).isFalse();
    assertThat(get(pair.client().write(bytes("ping")))).isEqualTo(4);
    assertThat(get(read)).isEqualTo(4);
    ByteBuffer answer = ByteBuffer.allocate(8);
    assertThat(get(pair.server().write(bytes("pong")))).isEqualTo(4);
    assertThat(get(pair.client().read(answer))).isEqualTo(4);
    assertThat(text(answer)).isEqualTo("pong");
  }

  @ParameterizedTest
  @EnumSource
  void unconnectedChannelsRefuse(Kind kind) throws Exception {
    AsynchronousSocketChannel client = open(kind).openClient(null);
    assertThatExceptionOfType(NotYetConnectedException.class)
        .isThrownBy(() -> client.read(ByteBuffer.allocate(1)));
    assertThatExceptionOfType(NotYetConnectedException.class)
        .isThrownBy(() -> client.write(bytes("x")));
    assertThatExceptionOfType(NotYetConnectedException.class).isThrownBy(client::shutdownInput);
    assertThatExceptionOfType(NotYetConnectedException.class).isThrownBy(client::shutdownOutput);
  }

  @ParameterizedTest
  @EnumSource
  void oneReadAndOneWriteMayBePending(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    assertThatExceptionOfType(ReadPendingException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)));
    assertThatExceptionOfType(ReadPendingException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(0)));
    Future<Integer> write = fill(pair.client());
    assertThatExceptionOfType(WritePendingException.class)
        .isThrownBy(() -> pair.client().write(bytes("x")));
    pair.client().close();
    assertThat(failureOf(read)).isInstanceOf(AsynchronousCloseException.class);
    assertThat(failureOf(write)).isInstanceOf(AsynchronousCloseException.class);
  }

  /** Writes until one write stays pending. */
  private static Future<Integer> fill(AsynchronousSocketChannel channel) throws Exception {
    while (true) {
      Future<Integer> write = channel.write(ByteBuffer.allocate(1 << 20));
      try {
        write.get(200, MILLISECONDS);
      } catch (TimeoutException e) {
        return write;
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void pendingWriteGoesOnWhenThereIsRoom(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> write = fill(pair.client());
    ByteBuffer room = ByteBuffer.allocate(1 << 20);
    while (!write.isDone()) {
      Future<Integer> read = pair.server().read(room.clear());
      while (!read.isDone() && !write.isDone()) { // the last bytes are there before it is done
        Thread.onSpinWait();
      }
    }
    assertThat(get(write)).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void emptyBuffersGiveZeroAtOnce(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    assertThat(get(pair.client().read(ByteBuffer.allocate(0)))).isZero();
    assertThat(get(pair.client().write(ByteBuffer.allocate(0)))).isZero();
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
        .withMessage("Read-only buffer");
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(1), null, null));
  }

  @ParameterizedTest
  @EnumSource
  void scattersAndGathers(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Listening<Long> written = new Listening<>();
    ByteBuffer[] sources = {bytes("xx"), bytes("abc"), bytes("defg")};
    pair.client().write(sources, 1, 2, 0, SECONDS, null, written);
    assertThat(written.told().result()).isEqualTo(7L);
    ByteBuffer first = ByteBuffer.allocate(2);
    ByteBuffer second = ByteBuffer.allocate(9);
    Listening<Long> read = new Listening<>();
    pair.server().read(new ByteBuffer[] {first, second}, 0, 2, 5, SECONDS, null, read);
    assertThat(read.told().result()).isEqualTo(7L);
    assertThat(text(first) + text(second)).isEqualTo("abcdefg");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> pair.client().write(sources, 2, 2, 0, SECONDS, null, new Listening<>()));
  }

  @ParameterizedTest
  @EnumSource
  void nullIsRefusedAlsoByAClosedChannel(Kind kind) throws Exception {
    open(kind);
    AsynchronousSocketChannel client = world.pair().client();
    client.close();
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> client.write((ByteBuffer) null));
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> client.read((ByteBuffer) null));
  }

  @ParameterizedTest
  @EnumSource
  void aReadWithoutATimeUnitLeavesNothingPending(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Listening<Integer> read = new Listening<>();
    Throwable refusal =
        catchThrowable(() -> pair.client().read(ByteBuffer.allocate(1), 1, null, null, read));
    assertThat(refusal == null ? read.told().failure() : refusal)
        .isInstanceOf(NullPointerException.class);
    get(pair.server().write(bytes("a")));
    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(1);
  }

  // -- ends

  @ParameterizedTest
  @EnumSource
  void optionsCannotBeSetAfterTheOutputIsShut(Kind kind) throws Exception {
    open(kind);
    AsynchronousSocketChannel client = world.pair().client();
    client.shutdownOutput();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> client.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .withMessage("Connection has been shutdown for writing");
    assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isNotNull();
  }

  @ParameterizedTest
  @EnumSource
  void halfCloseEndsOneDirection(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.server().read(ByteBuffer.allocate(1));
    pair.client().shutdownOutput();
    assertThat(get(read)).isEqualTo(-1);
    assertThat(failureOf(pair.client().write(bytes("x"))))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThat(get(pair.server().write(bytes("y")))).isEqualTo(1);
    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void ownShutdownEndsPendingOperations(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    pair.client().shutdownInput();
    assertThat(get(read)).isEqualTo(-1);
    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    Future<Integer> write = fill(pair.server());
    pair.server().shutdownOutput();
    assertThat(failureOf(write))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ClosedChannelException.class)
        .hasMessage("Broken pipe");
  }

  @ParameterizedTest
  @EnumSource
  void resetFailsAPendingRead(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    get(pair.client().write(bytes("unread")));
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    pair.server().close(); // with bytes unread: a reset
    assertThat(failureOf(read))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageStartingWith("Connection reset");
  }

  @ParameterizedTest
  @EnumSource
  void resetIsReportedByOneRead(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    get(pair.client().write(bytes("unread")));
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    pair.server().close();
    assertThat(failureOf(read)).hasMessageStartingWith("Connection reset");

    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    assertThat(failureOf(pair.client().write(bytes("more"))))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void resetIsReportedByAPendingWrite(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> write = fill(pair.client());
    pair.server().close(); // with bytes unread: a reset
    assertThat(failureOf(write))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Connection reset by peer");

    assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    assertThat(failureOf(pair.client().write(bytes("more"))))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  @ParameterizedTest
  @EnumSource
  void closeFailsPendingOperations(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Listening<Integer> read = new Listening<>();
    pair.client().read(ByteBuffer.allocate(1), null, read);
    pair.client().close();
    Told told = read.told();
    assertThat(told.failure()).isInstanceOf(AsynchronousCloseException.class);
    assertThat(told.thread()).isNotSameAs(Thread.currentThread());
    assertThat(failureOf(pair.client().read(ByteBuffer.allocate(1))))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatExceptionOfType(ClosedChannelException.class)
        .isThrownBy(() -> pair.client().getLocalAddress());
    assertThatExceptionOfType(ClosedChannelException.class)
        .isThrownBy(() -> pair.client().getOption(StandardSocketOptions.TCP_NODELAY));
    assertThat(get(pair.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
  }

  // -- timeouts and cancelling

  @ParameterizedTest
  @EnumSource
  void timeOutEndsTheDirection(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Listening<Integer> read = new Listening<>();
    pair.client().read(ByteBuffer.allocate(1), 30, MILLISECONDS, null, read);
    assertThat(read.told().failure()).isInstanceOf(InterruptedByTimeoutException.class);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .withMessage("Reading not allowed due to timeout or cancellation");
    fill(pair.server());
    assertThat(get(pair.client().write(bytes("x")))).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void writeTimesOut(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    while (true) {
      Listening<Integer> write = new Listening<>();
      pair.client().write(ByteBuffer.allocate(1 << 20), 200, MILLISECONDS, null, write);
      if (write.told().failure() != null) {
        assertThat(write.told().failure()).isInstanceOf(InterruptedByTimeoutException.class);
        break;
      }
    }
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> pair.client().write(bytes("x")))
        .withMessage("Writing not allowed due to timeout or cancellation");
  }

  @ParameterizedTest
  @EnumSource
  void timeLimitThatIsNotReachedDoesNothing(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Listening<Integer> read = new Listening<>();
    pair.client().read(ByteBuffer.allocate(1), 1, TimeUnit.DAYS, null, read);
    Listening<Integer> longest = new Listening<>();
    pair.server().read(ByteBuffer.allocate(1), 365_000, TimeUnit.DAYS, null, longest);
    get(pair.server().write(bytes("x")));
    assertThat(read.told().result()).isEqualTo(1);
    get(pair.client().write(bytes("x")));
    assertThat(longest.told().result()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void cancelEndsTheDirection(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    assertThat(read.cancel(false)).isTrue();
    assertThat(read.cancel(false)).isFalse();
    assertThat(read.isCancelled()).isTrue();
    assertThat(read.isDone()).isTrue();
    assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> get(read));
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)));
    assertThat(pair.client().isOpen()).isTrue();
    assertThat(get(pair.client().write(bytes("x")))).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void cancelWithInterruptClosesTheChannel(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    assertThat(read.cancel(true)).isTrue();
    assertThat(pair.client().isOpen()).isFalse();
    assertThat(get(pair.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
  }

  // -- waiting for futures

  @ParameterizedTest
  @EnumSource
  void futureThatIsNotWaitedForLongEnoughGoesOn(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    ByteBuffer buffer = ByteBuffer.allocate(10);
    Future<Integer> read = pair.client().read(buffer);
    assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> read.get(5, MILLISECONDS));
    Background<Integer> interrupted = Background.run(() -> read.get());
    interrupted.awaitAsleep().thread().interrupt();
    assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);

    assertThat(read.isDone()).isFalse();
    List<Background<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(Background.run(() -> read.get()).awaitAsleep());
    }
    get(pair.server().write(bytes("hello")));
    for (Background<Integer> each : waiting) {
      assertThat(each.result()).isEqualTo(5);
    }
    assertThat(text(buffer)).isEqualTo("hello");
  }

  @ParameterizedTest
  @EnumSource
  void cancelAndCloseWakeWhoWaitsForAFuture(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
    Background<Integer> waiting = Background.run(() -> read.get()).awaitAsleep();
    read.cancel(false);
    assertThat(waiting.failure()).isInstanceOf(CancellationException.class);

    Future<Integer> other = pair.server().read(ByteBuffer.allocate(1));
    Background<Integer> waitingToo = Background.run(() -> other.get()).awaitAsleep();
    pair.server().close();
    assertThat(waitingToo.failure())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AsynchronousCloseException.class);
  }

  /** On the platform a thread of the group has to bring the bytes. */
  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  void whoWaitsForAFutureNeedsNoThreadOfTheGroup(Kind kind) throws Exception {
    open(kind);
    AsynchronousChannelGroup group = world.fixedGroup(1, "busy");
    Pair pair = world.pair(group);
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    pair.server()
        .write(
            bytes("x"),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer result, Object attachment) {
                begun.countDown();
                awaitQuietly(end);
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                throw new AssertionError(failure);
              }
            });
    assertThat(begun.await(10, SECONDS)).isTrue();
    try {
      assertThat(get(pair.client().read(ByteBuffer.allocate(1)))).isEqualTo(1);
      Future<Integer> read = pair.client().read(ByteBuffer.allocate(1));
      Background<Integer> waiting = Background.run(() -> read.get()).awaitAsleep();
      assertThat(get(pair.server().write(bytes("y")))).isEqualTo(1);
      assertThat(waiting.result()).isEqualTo(1);
    } finally {
      end.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // -- groups and threads

  @ParameterizedTest
  @EnumSource
  void handlersRunOnTheGroupsThreads(Kind kind) throws Exception {
    open(kind);
    AsynchronousChannelGroup group = world.fixedGroup(2, "group's own");
    Pair pair = world.pair(group);
    Listening<Integer> pending = new Listening<>();
    pair.server().read(ByteBuffer.allocate(1), null, pending);
    Listening<Integer> written = new Listening<>();
    pair.client().write(bytes("xy"), null, written);
    Listening<Integer> immediate = new Listening<>();
    assertThat(pending.told().thread().getName()).isEqualTo("group's own");
    pair.server().read(ByteBuffer.allocate(1), null, immediate);
    assertThat(written.told().thread().getName()).isEqualTo("group's own");
    assertThat(immediate.told().thread().getName()).isEqualTo("group's own");
    Listening<Integer> timed = new Listening<>();
    pair.server().read(ByteBuffer.allocate(1), 20, MILLISECONDS, null, timed);
    assertThat(timed.told().thread().getName()).isEqualTo("group's own");
  }

  /** Also if the first is called by a task of its own, as it is begun outside of the group. */
  @ParameterizedTest
  @EnumSource
  void handlersAreCalledDirectlyButNotWithoutBound(Kind kind) throws Exception {
    open(kind);
    for (boolean isFixed : new boolean[] {true, false}) {
      Pair pair = world.pair(isFixed ? world.fixedGroup(1, "single") : world.cachedGroup());
      get(pair.client().write(ByteBuffer.allocate(1000)));
      DeepReads reads = new DeepReads(pair.server(), 1000);
      reads.begin();
      assertThat(get(reads.deepest)).isBetween(2, mostOnStack(kind));
    }
  }

  @ParameterizedTest
  @EnumSource
  void handlersAfterAWaitAreCalledDirectlyButNotWithoutBound(Kind kind) throws Exception {
    open(kind);
    for (boolean isFixed : new boolean[] {true, false}) {
      Pair pair = world.pair(isFixed ? world.fixedGroup(1, "single") : world.cachedGroup());
      DeepReads reads = new DeepReads(pair.server(), 1000);
      reads.begin();
      get(pair.client().write(ByteBuffer.allocate(1000)));
      assertThat(get(reads.deepest)).isBetween(2, mostOnStack(kind));
    }
  }

  /** The platform's threads that wait in the kernel do not count the first handler they call. */
  private static int mostOnStack(Kind kind) {
    return kind == Kind.RING || kind == Kind.HYBRID ? MOST_CALLS_ON_STACK : MOST_CALLS_ON_STACK + 1;
  }

  /** Reads byte by byte, each begun by the handler of the one before; measures the stack. */
  private static final class DeepReads implements CompletionHandler<Integer, Object> {
    final CompletableFuture<Integer> deepest = new CompletableFuture<>();
    private final AsynchronousSocketChannel channel;
    private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger left;

    DeepReads(AsynchronousSocketChannel channel, int reads) {
      this.channel = channel;
      this.left = new AtomicInteger(reads);
    }

    void begin() {
      channel.read(ByteBuffer.allocate(1), null, this);
    }

    @Override
    public void completed(Integer result, Object attachment) {
      depth.set(depth.get() + 1);
      most.accumulateAndGet(depth.get(), Math::max);
      if (left.decrementAndGet() == 0) {
        deepest.complete(most.get());
      } else {
        begin();
      }
      depth.set(depth.get() - 1);
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      deepest.completeExceptionally(failure);
    }
  }

  /** On the platform in that of their descriptors, which others may have given back before. */
  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  void shutdownNowClosesInTheOrderOfOpening(Kind kind) throws Exception {
    open(kind);
    for (int i = 0; i < 20; i++) {
      AsynchronousChannelGroup group = world.cachedGroup();
      Pair pair = world.pair(group);
      Listening<Integer> pending = new Listening<>();
      pair.client().read(ByteBuffer.allocate(1), null, pending);

      group.shutdownNow();

      assertThat(pending.told().failure()) // and not the end of the stream
          .isExactlyInstanceOf(AsynchronousCloseException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void acceptDoesNotCallItsHandlerInTheHandlerBefore(Kind kind) throws Exception {
    open(kind);
    AsynchronousServerSocketChannel server = world.listen(world.fixedGroup(1, "single"));
    for (int i = 0; i < 2; i++) {
      get(world.openClient(null).connect(server.getLocalAddress()));
    }
    CompletableFuture<Boolean> nested = new CompletableFuture<>();
    AtomicInteger inside = new AtomicInteger();
    CompletionHandler<AsynchronousSocketChannel, Object> handler =
        new CompletionHandler<>() {
          @Override
          public void completed(AsynchronousSocketChannel accepted, Object isSecond) {
            world.track(accepted);
            if (isSecond != null) {
              nested.complete(inside.get() > 0);
              return;
            }
            inside.incrementAndGet();
            server.accept(true, this);
            inside.decrementAndGet();
          }

          @Override
          public void failed(Throwable failure, Object attachment) {
            nested.completeExceptionally(failure);
          }
        };
    server.accept(null, handler);
    assertThat(get(nested)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void interruptOfAHandlerEndsWithIt(Kind kind) throws Exception {
    open(kind);
    Pair pair = world.pair(world.fixedGroup(1, "single"));
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    pair.client()
        .write(
            bytes("x"),
            null,
            handler(
                result -> {
                  Thread.currentThread().interrupt();
                  return null;
                }));
    pair.client()
        .read(
            ByteBuffer.allocate(1),
            null,
            handler(
                result -> {
                  interrupted.complete(Thread.currentThread().isInterrupted());
                  return null;
                }));
    get(pair.server().write(bytes("x")));
    assertThat(get(interrupted)).isFalse();
  }

  private static <V> CompletionHandler<V, Object> handler(Function<V, Void> body) {
    return new CompletionHandler<>() {
      @Override
      public void completed(V result, Object attachment) {
        body.apply(result);
      }

      @Override
      public void failed(Throwable failure, Object attachment) {
        throw new AssertionError(failure);
      }
    };
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HYBRID_TO_KERNEL") // the server's group
  void handlerThatThrowsEndsItsThreadAlone(Kind kind) throws Exception {
    open(kind);
    CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
    AsynchronousChannelGroup group =
        world.track(
            world
                .provider()
                .openAsynchronousChannelGroup(
                    1,
                    body -> {
                      Thread thread = new Thread(body, "replaced");
                      thread.setDaemon(true);
                      thread.setUncaughtExceptionHandler((t, e) -> uncaught.complete(e));
                      return thread;
                    }));
    Pair pair = world.pair(group);
    pair.server()
        .read(
            ByteBuffer.allocate(1),
            null,
            handler(
                result -> {
                  throw new IllegalStateException("of the user");
                }));
    get(pair.client().write(bytes("x")));
    assertThat(get(uncaught)).hasMessage("of the user");
    Listening<Integer> next = new Listening<>();
    pair.server().read(ByteBuffer.allocate(1), null, next);
    get(pair.client().write(bytes("y")));
    assertThat(next.told().result()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM", "RING", "HYBRID"}) // one group for both ends
  void shutdownWaitsForTheLastChannel(Kind kind) throws Exception {
    open(kind);
    AsynchronousChannelGroup group = world.fixedGroup(1, "ending");
    Pair pair = world.pair(group);
    group.shutdown();
    assertThat(group.isShutdown()).isTrue();
    assertThat(group.isTerminated()).isFalse();
    assertThatExceptionOfType(ShutdownChannelGroupException.class)
        .isThrownBy(() -> world.openClient(group));
    get(pair.client().write(bytes("x")));
    assertThat(get(pair.server().read(ByteBuffer.allocate(1)))).isEqualTo(1);
    pair.client().close();
    assertThat(group.awaitTermination(50, MILLISECONDS)).isFalse();
    pair.server().close();
    assertThat(group.awaitTermination(10, SECONDS)).isTrue();
    assertThat(group.isTerminated()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HYBRID_TO_KERNEL") // the server's group
  void acceptIntoAGroupThatIsShutDownFails(Kind kind) throws Exception {
    open(kind);
    AsynchronousChannelGroup group = world.fixedGroup(1, "ending");
    AsynchronousServerSocketChannel server = world.listen(group);
    Future<AsynchronousSocketChannel> accept = server.accept();
    group.shutdown();
    AsynchronousSocketChannel client = world.openClient(null);
    get(client.connect(server.getLocalAddress()));
    assertThat(failureOf(accept))
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(ShutdownChannelGroupException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM", "RING", "HYBRID"}) // one group for both ends
  void shutdownNowClosesAll(Kind kind) throws Exception {
    open(kind);
    ExecutorService executor = Executors.newCachedThreadPool();
    AsynchronousChannelGroup group =
        world.track(world.provider().openAsynchronousChannelGroup(executor, 1));
    Pair pair = world.pair(group);
    Listening<AsynchronousSocketChannel> accept = new Listening<>();
    world.listen(group).accept(null, accept);
    group.shutdownNow();
    assertThat(accept.told().failure()).isInstanceOf(AsynchronousCloseException.class);
    assertThat(pair.client().isOpen()).isFalse();
    assertThat(group.awaitTermination(10, SECONDS)).isTrue();
    assertThat(executor.isShutdown()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void fixedGroupHasItsThreadsFromTheBeginning(Kind kind) throws Exception {
    open(kind);
    List<Thread> made = new ArrayList<>();
    world.track(
        world
            .provider()
            .openAsynchronousChannelGroup(
                3,
                body -> {
                  Thread thread = new Thread(body);
                  thread.setDaemon(true);
                  made.add(thread);
                  return thread;
                }));
    assertThat(made).hasSize(3).allMatch(Thread::isAlive);
  }

  // -- all together

  @ParameterizedTest
  @EnumSource
  void streamsOverChannels(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    OutputStream out = Channels.newOutputStream(pair.client());
    InputStream in = Channels.newInputStream(pair.server());
    byte[] sent = new byte[300_000];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i * 31);
    }
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                out.write(sent);
                pair.client().shutdownOutput();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(in.readAllBytes()).isEqualTo(sent);
    get(writer);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("stress")
  void pingPongByFutures(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    Thread echo =
        new Thread(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(4);
              try {
                while (get(pair.server().read(buffer)) >= 0) {
                  buffer.flip();
                  get(pair.server().write(buffer));
                  buffer.clear();
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    echo.start();
    ByteBuffer buffer = ByteBuffer.allocate(4);
    for (int i = 0; i < ROUNDS; i++) {
      buffer.clear();
      buffer.putInt(i).flip();
      get(pair.client().write(buffer));
      buffer.clear();
      assertThat(get(pair.client().read(buffer))).isEqualTo(4);
      assertThat(buffer.getInt(0)).isEqualTo(i);
    }
    pair.client().close();
    echo.join(10_000);
    assertThat(echo.isAlive()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  @Tag("stress")
  void pingPongByHandlers(Kind kind) throws Exception {
    open(kind);
    Pair pair = world.pair(world.fixedGroup(2, "pool"));
    CompletableFuture<Void> done = new CompletableFuture<>();
    new Player(pair.server(), null, done).read();
    new Player(pair.client(), new AtomicInteger(ROUNDS), done).write();
    get(done);
  }

  /** One end of a ping-pong by handlers: it answers, or begins and counts. */
  private static final class Player implements CompletionHandler<Integer, Object> {
    private final AsynchronousSocketChannel channel;
    private final AtomicInteger left;
    private final CompletableFuture<Void> done;
    private final ByteBuffer buffer = ByteBuffer.allocate(16);
    private boolean reads;

    Player(AsynchronousSocketChannel channel, AtomicInteger left, CompletableFuture<Void> done) {
      this.channel = channel;
      this.left = left;
      this.done = done;
    }

    void read() {
      reads = true;
      buffer.clear();
      channel.read(buffer, 5, SECONDS, null, this);
    }

    void write() {
      reads = false;
      buffer.clear();
      channel.write(buffer, 5, SECONDS, null, this);
    }

    @Override
    public void completed(Integer result, Object attachment) {
      if (result != 16) {
        done.completeExceptionally(new AssertionError(result));
      } else if (!reads) {
        read();
      } else if (left != null && left.decrementAndGet() == 0) {
        done.complete(null);
      } else {
        write();
      }
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      done.completeExceptionally(failure);
    }
  }

  // -- executors of other kinds, over rings

  /** An executor that runs all in its caller. */
  private static final class InCaller extends AbstractExecutorService {
    private volatile boolean shutdown;

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {
      shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutdown;
    }

    @Override
    public boolean isTerminated() {
      return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return shutdown;
    }
  }

  @ParameterizedTest
  @EnumSource(names = "RING")
  void executorThatRunsTasksInItsCallerDoesNotRunHandlersInThePeer(Kind kind) throws Exception {
    open(kind);
    AsynchronousChannelGroup group =
        world.track(world.provider().openAsynchronousChannelGroup(new InCaller(), 0));
    Pair pair = world.pair(group);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Set<Thread> callers = Collections.synchronizedSet(new HashSet<>());
    CountDownLatch mayEnd = new CountDownLatch(1);
    pair.server()
        .read(
            ByteBuffer.allocate(1),
            null,
            handler(
                result -> {
                  callers.add(Thread.currentThread());
                  try {
                    mayEnd.await(10, SECONDS);
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  done.complete(null);
                  return null;
                }));
    get(pair.client().write(bytes("x"))); // would wait for the handler
    mayEnd.countDown();
    get(done);
    assertThat(callers).doesNotContain(Thread.currentThread());
    CompletableFuture<Void> played = new CompletableFuture<>();
    new Player(pair.server(), null, played).read();
    new Player(pair.client(), new AtomicInteger(500), played).write();
    get(played);
  }

  @ParameterizedTest
  @EnumSource(names = "RING")
  void executorThatWasShutDownByOthers(Kind kind) throws Exception {
    open(kind);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AsynchronousChannelGroup group =
        world.track(world.provider().openAsynchronousChannelGroup(executor, 0));
    Pair pair = world.pair(group);
    Listening<Integer> pending = new Listening<>();
    pair.server().read(ByteBuffer.allocate(1), null, pending);
    executor.shutdown();
    assertThatThrownBy(() -> pair.client().write(bytes("x"), null, new Listening<>()))
        .isInstanceOf(ShutdownChannelGroupException.class);
    assertThat(pending.told().result()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"}) // the platform leaves the channel open
  void connectionWhoseAcceptTheExecutorRefusesIsClosed(Kind kind) throws Exception {
    open(kind);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AsynchronousChannelGroup group =
        world.track(world.provider().openAsynchronousChannelGroup(executor, 0));
    AsynchronousServerSocketChannel server = world.listen(group);
    AsynchronousSocketChannel client = world.openClient(null);
    get(client.connect(server.getLocalAddress()));
    executor.shutdown();
    assertThatThrownBy(() -> server.accept(null, new Listening<>()))
        .isInstanceOf(ShutdownChannelGroupException.class);
    assertThat(get(client.read(ByteBuffer.allocate(1)))).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void writeToAClosedPeerFails(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    pair.server().close();
    Throwable failure = null;
    for (int i = 0; i < 100 && failure == null; i++) {
      Future<Integer> write = pair.client().write(ByteBuffer.allocate(1000));
      try {
        get(write);
      } catch (ExecutionException e) {
        failure = e.getCause();
      }
    }
    assertThat(failure).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource
  void optionsAreThoseOfThePlatform(Kind kind) throws Exception {
    AsynchronousSocketChannel client = open(kind).openClient(null);
    assertThat(client.supportedOptions())
        .contains(
            StandardSocketOptions.SO_SNDBUF,
            StandardSocketOptions.SO_RCVBUF,
            StandardSocketOptions.SO_KEEPALIVE,
            StandardSocketOptions.SO_REUSEADDR,
            StandardSocketOptions.TCP_NODELAY)
        .doesNotContain(StandardSocketOptions.SO_LINGER, StandardSocketOptions.IP_TOS);
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
    assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> client.getOption(StandardSocketOptions.SO_LINGER));
    AsynchronousServerSocketChannel server = world.listen(null);
    assertThat(server.supportedOptions())
        .contains(StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_REUSEADDR);
  }

  @ParameterizedTest
  @EnumSource
  void acceptedChannelInheritsTheOptionsOfItsServer(Kind kind) throws Exception {
    Pair pair = open(kind).pair();
    assertThat(pair.client().getOption(StandardSocketOptions.SO_REUSEADDR)).isFalse();
    assertThat(pair.server().getOption(StandardSocketOptions.SO_REUSEADDR)).isTrue();
    AsynchronousServerSocketChannel server = world.openServer(null);
    server.setOption(StandardSocketOptions.SO_REUSEADDR, false);
    server.bind(new InetSocketAddress("127.0.0.1", 0));
    Future<AsynchronousSocketChannel> accepting = server.accept();
    get(world.openClient(null).connect(server.getLocalAddress()));
    try (AsynchronousSocketChannel accepted = get(accepting)) {
      assertThat(accepted.getOption(StandardSocketOptions.SO_REUSEADDR)).isFalse();
    }
  }
}
