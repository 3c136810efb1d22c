package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Selection: counting, wake-ups, timeouts, actions, and what may happen beside a select. */
class SelectorContractTest {
  private static final long LONG_MILLIS = Deadline.DEFAULT.toMillis();

  @EachTransport
  void selectNowWithNothingReadyIsZero(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    assertThat(selector.selectNow()).isZero();

    transport.nonBlockingPair().client().register(selector, OP_READ);

    assertThat(selector.selectNow()).isZero();
    assertThat(selector.selectedKeys()).isEmpty();
    assertThat(selector.provider()).isSameAs(transport.provider());
  }

  @EachTransport
  void keyIsSelectedUntilItsChannelIsDrained(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ);
    ChannelIo.send(pair.client(), "ab");

    for (int i = 0; i < 3; i++) {
      assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
      assertThat(selector.selectedKeys()).containsExactly(key);
      selector.selectedKeys().clear();
    }
    assertThat(ChannelIo.receive(pair.server(), 2)).isEqualTo("ab");
    assertThat(selector.selectNow()).isZero();
    assertThat(selector.selectedKeys()).isEmpty();
  }

  @EachTransport
  void keyThatStaysSelectedIsNotCountedTwice(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ);
    ChannelIo.send(pair.client(), "a");
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);

    assertThat(selector.selectNow()).isZero();
    assertThat(selector.selectedKeys()).containsExactly(key);
    assertThat(key.readyOps()).isEqualTo(OP_READ);
  }

  @EachTransport
  void readyOpsOfAKeyThatStaysSelectedAreOred(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
    ChannelIo.send(pair.client(), "a");
    ReadyOps.await(pair.server(), OP_READ, OP_READ);

    key.interestOps(OP_READ);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_READ | OP_WRITE);

    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("a");
    key.interestOps(OP_READ | OP_WRITE);
    assertThat(selector.selectNow()).isZero();
    assertThat(key.readyOps()).isEqualTo(OP_READ | OP_WRITE);
  }

  @EachTransport
  void readyOpsAreExactAfterTheKeyWasRemoved(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ | OP_WRITE);
    ChannelIo.send(pair.client(), "a");
    ReadyOps.await(pair.server(), OP_READ, OP_READ);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_READ | OP_WRITE);

    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("a");
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
  }

  @EachTransport
  void readyOpsFollowEachChangeOfInterest(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "a");
    ReadyOps.await(pair.server(), OP_READ, OP_READ);
    SelectionKey key = pair.server().register(selector, 0);

    for (int i = 0; i < 3; i++) {
      for (int ops : new int[] {0, OP_READ, OP_WRITE, OP_READ | OP_WRITE}) {
        key.interestOps(ops);
        assertThat(selector.selectNow()).isEqualTo(ops == 0 ? 0 : 1);
        if (ops != 0) {
          assertThat(key.readyOps()).isEqualTo(ops);
        }
        selector.selectedKeys().clear();
      }
    }
  }

  @EachTransport
  void hangUpReplacesTheReadySetByTheInterestSet(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), OP_READ, OP_READ);
    pair.client().close();
    Deadline.await(
        "a hang-up",
        () -> ReadyOps.now(pair.server(), SelectionKey.OP_CONNECT) == SelectionKey.OP_CONNECT);

    key.interestOps(OP_READ);
    assertThat(selector.selectNow()).isEqualTo(1);

    assertThat(key.readyOps()).isEqualTo(OP_READ);
  }

  @EachTransport
  void closedPeerIsSelectedAgainAndAgain(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ);
    pair.client().close();

    for (int i = 0; i < 3; i++) {
      assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
      assertThat(key.isReadable()).isTrue();
      assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      selector.selectedKeys().clear();
    }
  }

  @EachTransport
  void resetPeerDoesNotWakeAKeyWithoutInterest(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().register(selector, 0);
    ChannelIo.send(pair.server(), "unread");
    ReadyOps.await(pair.client(), OP_READ, OP_READ);

    pair.client().close();

    long start = System.nanoTime();
    assertThat(selector.select(100)).isZero();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(80));
  }

  @EachTransport
  void selectWakesForData(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    ChannelIo.send(pair.client(), "x");

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_READ);
  }

  @EachTransport
  void selectWakesForAConnection(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    ServerSocketChannel server = transport.listen();
    server.configureBlocking(false);
    SelectionKey key = server.register(selector, SelectionKey.OP_ACCEPT);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    transport.connectTo(server);

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.isAcceptable()).isTrue();
  }

  @EachTransport
  void selectWakesForRoomToWrite(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.client().register(selector, OP_WRITE);
    long written = ChannelIo.fill(pair.client());
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    ChannelIo.drain(pair.server(), written);

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.isWritable()).isTrue();
  }

  @EachTransport
  void selectWakesForTheEndOfStream(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.server().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    pair.client().close();

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.isReadable()).isTrue();
  }

  @EachTransport
  void selectWakesForAHalfClose(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    pair.client().shutdownOutput();

    assertThat(selecting.result()).isEqualTo(1);
  }

  @EachTransport
  void selectWakesForOwnShutInput(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.server().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    pair.server().shutdownInput();

    assertThat(selecting.result()).isEqualTo(1);
  }

  @EachTransport
  void eventThatTheKeyDidNotAskForDoesNotEndASelect(TestTransport transport) throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().register(selector, OP_READ);
    long written = ChannelIo.fill(pair.client());
    Background<Integer> selecting = transport.background(() -> selector.select());
    selecting.awaitBlockedIn("select");

    ChannelIo.drain(pair.server(), written);

    assertThatThrownBy(() -> selecting.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    selector.wakeup();
    assertThat(selecting.result()).isZero();
  }

  @EachTransport
  void changeOfInterestTakesEffectAtABlockedSelect(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    key.interestOps(OP_WRITE);
    selector.wakeup();

    int first = selecting.result();
    assertThat(first + selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
  }

  @EachTransport
  void registerDoesNotWaitForABlockedSelect(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_WRITE);
    assertThat(key.isValid()).isTrue();
    assertThat(selector.keys()).contains(key);

    selector.wakeup();
    assertThat(selecting.result() + selector.selectNow()).isEqualTo(1);
  }

  @EachTransport
  void wakeupEndsABlockedSelect(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    assertThat(selector.wakeup()).isSameAs(selector);

    assertThat(selecting.result()).isZero();
  }

  @EachTransport
  void wakeupByAnActionIsForTheNextSelect(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().register(selector, SelectionKey.OP_WRITE);

    assertThat(selector.select(key -> key.interestOps(0).selector().wakeup())).isEqualTo(1);

    assertThat(selector.select()).isZero();
    assertThat(selector.selectNow()).isZero();
  }

  @EachTransport
  void wakeupBeforeSelectIsRememberedOnce(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_READ);
    selector.wakeup();
    selector.wakeup();

    assertThat(selector.select()).isZero();

    long start = System.nanoTime();
    assertThat(selector.select(100)).isZero();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(80));
  }

  @EachTransport
  void selectNowConsumesAWakeup(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    selector.wakeup();
    assertThat(selector.selectNow()).isZero();

    long start = System.nanoTime();
    assertThat(selector.select(100)).isZero();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(80));
  }

  @EachTransport
  void selectWithATimeoutDoesNotReturnEarly(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_READ);

    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      assertThat(selector.select(3)).isZero();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(2_900_000);
    }
  }

  @EachTransport
  void hugeTimeoutsDoNotOverflow(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    for (long timeout : new long[] {Long.MAX_VALUE, 850_000_000_000_000L, 1L << 32}) {
      Background<Integer> selecting = transport.background(threads, () -> selector.select(timeout));
      selecting.awaitBlockedIn("select");
      selector.wakeup();
      assertThat(selecting.result()).isZero();
    }
  }

  @EachProvider
  void badArgumentsAreRefused(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();

    assertThatThrownBy(() -> selector.select(-1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> selector.select(key -> {}, -1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> selector.select(null)).isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> selector.select(null, 1))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> selector.selectNow(null))
        .isExactlyInstanceOf(NullPointerException.class);
  }

  @EachProvider
  void closedSelectorRefusesEverythingButWakeup(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    Set<SelectionKey> keys = selector.keys();
    assertThat(keys).isEmpty();
    selector.close();

    assertThat(selector.isOpen()).isFalse();
    assertThat(selector.wakeup()).isSameAs(selector);
    assertClosed(selector::select);
    assertClosed(selector::selectNow);
    assertClosed(() -> selector.select(1));
    assertClosed(() -> selector.select(key -> {}));
    assertClosed(() -> selector.select(key -> {}, 1));
    assertClosed(() -> selector.selectNow(key -> {}));
    assertClosed(selector::keys);
    assertClosed(selector::selectedKeys);
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call).isExactlyInstanceOf(ClosedSelectorException.class);
  }

  @EachTransport
  void actionIsCalledOnceForEachReadyKeyOnTheSelectingThread(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    List<SelectionKey> seen = new ArrayList<>();
    Set<SelectionKey> expected = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      expected.add(transport.nonBlockingPair().client().register(selector, OP_WRITE));
    }
    Thread caller = Thread.currentThread();

    int count =
        selector.select(
            key -> {
              assertThat(Thread.currentThread()).isSameAs(caller);
              assertThat(key.readyOps()).isEqualTo(OP_WRITE);
              seen.add(key);
            });

    assertThat(count).isEqualTo(3);
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(selector.selectedKeys()).isEmpty();
  }

  @EachProvider
  void actionRunsHoldingTheMonitorsOfTheSelectorAndItsSelectedKeys(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_WRITE);
    Set<SelectionKey> selectedKeys = selector.selectedKeys();

    int count =
        selector.selectNow(
            key -> {
              assertThat(Thread.holdsLock(selector)).isTrue();
              assertThat(Thread.holdsLock(selectedKeys)).isTrue();
            });

    assertThat(count).isEqualTo(1);
  }

  @EachProvider
  void selectHoldsTheMonitorsOfTheSelectorAndItsSelectedKeys(TestTransport transport)
      throws Exception {
    Selector selector = transport.openSelector();
    Set<SelectionKey> selectedKeys = selector.selectedKeys();
    Background<Integer> selecting = transport.background(() -> selector.select());
    selecting.awaitBlockedIn("select");
    Background<Boolean> entering =
        transport.background(
            () -> {
              synchronized (selectedKeys) {
                return true;
              }
            });
    Deadline.await("blocked", () -> entering.thread().getState() == Thread.State.BLOCKED);

    selector.wakeup();

    assertThat(entering.result()).isTrue();
    assertThat(selecting.result()).isZero();
  }

  @EachProvider
  void selectionInsideAnActionIsRefused(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_WRITE);

    assertThatThrownBy(() -> selector.select(key -> uncheckedSelect(selector)))
        .isExactlyInstanceOf(IllegalStateException.class);
    assertThat(selector.isOpen()).isTrue();
  }

  private static void uncheckedSelect(Selector selector) {
    try {
      selector.selectNow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @EachProvider
  void exceptionOfAnActionIsPassedOn(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_WRITE);
    IllegalArgumentException thrown = new IllegalArgumentException("thrown by the action");

    assertThatThrownBy(
            () ->
                selector.selectNow(
                    key -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);
    assertThat(selector.selectNow()).isEqualTo(1);
  }

  @EachProvider
  void actionThatClosesTheSelectorEndsTheSelection(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_WRITE);

    assertThatThrownBy(() -> selector.select(key -> closeQuietly(selector)))
        .isExactlyInstanceOf(ClosedSelectorException.class);
    assertThat(selector.isOpen()).isFalse();
  }

  private static void closeQuietly(Selector selector) {
    try {
      selector.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @EachProvider
  void selectWithAnActionReturnsZeroWhenTheSelectorIsClosed(
      TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    Background<Integer> selecting = transport.background(threads, () -> selector.select(key -> {}));
    selecting.awaitBlockedIn("select");

    selector.close();

    assertThat(selecting.result()).isZero();
  }

  @EachTransport
  void keyCancelledInAnActionLeavesBothSets(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    client.register(selector, OP_WRITE);

    assertThat(selector.selectNow(SelectionKey::cancel)).isEqualTo(1);
    assertThat(selector.selectNow(SelectionKey::cancel)).isZero();

    assertThat(selector.keys()).isEmpty();
    assertThat(selector.selectedKeys()).isEmpty();
    assertThat(client.isRegistered()).isFalse();
  }

  @EachTransport
  void selectWithAnActionDoesNotChangeSelectedKeys(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
    List<SelectionKey> seen = new ArrayList<>();

    assertThat(selector.selectNow(seen::add)).isEqualTo(1);

    assertThat(seen).containsExactly(key);
    assertThat(selector.selectedKeys()).containsExactly(key);
  }

  @EachTransport
  void channelOfAnotherProviderIsRefused(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    try (SelectableDouble channel = new SelectableDouble(transport.provider())) {
      channel.configureBlocking(false);

      assertThatThrownBy(() -> channel.register(selector, OP_READ))
          .isExactlyInstanceOf(IllegalSelectorException.class);
    }
  }

  @EachTransport
  void blockingChannelIsRefused(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.connectedPair().client();

    assertThatThrownBy(() -> client.register(selector, OP_READ))
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
  }

  @EachTransport
  void registeredChannelCannotBecomeBlocking(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    client.register(selector, OP_READ);

    assertThatThrownBy(() -> client.configureBlocking(true))
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
    assertThat(client.configureBlocking(false)).isSameAs(client);
  }

  @EachTransport
  void cancelledChannelBecomesBlockingAfterASelect(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    for (int i = 0; i < 3; i++) {
      SelectionKey key = pair.client().register(selector, OP_READ);
      key.cancel();
      selector.selectNow();
      pair.client().configureBlocking(true);
      ChannelIo.send(pair.server(), "x");
      assertThat(ChannelIo.receive(pair.client(), 1)).isEqualTo("x");
      pair.client().configureBlocking(false);
    }
  }

  /** An HTTP server of the JDK toggles the mode on every request, with no select between. */
  @EachTransport
  void cancelledChannelBecomesBlockingBeforeAnySelect(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.client().register(selector, OP_READ);
    key.cancel();

    pair.client().configureBlocking(true);

    ChannelIo.send(pair.server(), "x");
    assertThat(ChannelIo.receive(pair.client(), 1)).isEqualTo("x");
    pair.client().configureBlocking(false);
    selector.selectNow();
    assertThat(pair.client().register(selector, OP_READ).isValid()).isTrue();
  }

  @EachTransport
  void oneChannelMayBeRegisteredWithSeveralSelectors(TestTransport transport) throws IOException {
    Selector reads = transport.openSelector();
    Selector writes = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey readKey = pair.server().register(reads, OP_READ);
    SelectionKey writeKey = pair.server().register(writes, OP_WRITE);
    ChannelIo.send(pair.client(), "x");

    assertThat(reads.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(readKey.readyOps()).isEqualTo(OP_READ);
    assertThat(writes.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(writeKey.readyOps()).isEqualTo(OP_WRITE);
    assertThat(pair.server().keyFor(reads)).isSameAs(readKey);
    assertThat(pair.server().keyFor(writes)).isSameAs(writeKey);
  }

  @EachTransport
  void bothEndsMayShareASelector(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey clientKey = pair.client().register(selector, OP_READ);
    SelectionKey serverKey = pair.server().register(selector, OP_READ);

    ChannelIo.send(pair.client(), "x");
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(serverKey);
    ChannelIo.send(pair.server(), "y");
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactlyInAnyOrder(clientKey, serverKey);
  }

  @EachTransport
  void oneSelectFindsEverythingThatIsReady(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    int count = 40;
    Set<SelectionKey> expected = new HashSet<>();
    for (int i = 0; i < count; i++) {
      TestTransport.Pair pair = transport.nonBlockingPair();
      SelectionKey key = pair.server().register(selector, OP_READ);
      if (i % 2 == 0) {
        ChannelIo.send(pair.client(), "x");
        ReadyOps.await(pair.server(), OP_READ, OP_READ);
        expected.add(key);
      }
    }

    assertThat(selector.selectNow()).isEqualTo(expected.size());
    assertThat(selector.selectedKeys()).isEqualTo(expected);
  }

  @EachProvider
  void datagramChannelMayBeRegistered(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    DatagramChannel datagrams =
        transport.track(transport.provider().openDatagramChannel(StandardProtocolFamily.INET));
    datagrams.bind(new InetSocketAddress(Addresses.IPV4_LOOPBACK, 0));
    datagrams.configureBlocking(false);

    for (int round = 0; round < 3; round++) {
      SelectionKey key = datagrams.register(selector, OP_READ, "attachment");
      assertThat(key.channel()).isSameAs(datagrams);
      assertThat(key.selector()).isSameAs(selector);
      assertThat(key.attachment()).isEqualTo("attachment");
      assertThat(selector.selectNow()).isZero();
      datagrams.send(ChannelIo.ascii("x"), datagrams.getLocalAddress());
      assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
      assertThat(selector.selectedKeys()).containsExactly(key);
      assertThat(key.isReadable()).isTrue();
      datagrams.receive(ByteBuffer.allocate(1));
      selector.selectedKeys().clear();
      assertThat(selector.selectNow()).isZero();
      key.interestOps(OP_WRITE);
      assertThat(selector.selectNow()).isEqualTo(1);
      assertThat(key.readyOps()).isEqualTo(OP_WRITE);
      key.cancel();
      selector.selectNow();
      assertThat(datagrams.isRegistered()).isFalse();
      assertThat(selector.keys()).isEmpty();
    }
  }

  @EachProvider
  void datagramChannelAndSocketChannelWakeOneSelect(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    DatagramChannel datagrams =
        transport.track(transport.provider().openDatagramChannel(StandardProtocolFamily.INET));
    datagrams.bind(new InetSocketAddress(Addresses.IPV4_LOOPBACK, 0));
    datagrams.configureBlocking(false);
    SelectionKey datagramKey = datagrams.register(selector, OP_READ);
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey streamKey = pair.server().register(selector, OP_READ);

    Background<Integer> first = transport.background(threads, () -> selector.select());
    first.awaitBlockedIn("select");
    ChannelIo.send(pair.client(), "x");
    assertThat(first.result()).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(streamKey);
    selector.selectedKeys().clear();
    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("x");

    Background<Integer> second = transport.background(threads, () -> selector.select());
    second.awaitBlockedIn("select");
    datagrams.send(ChannelIo.ascii("y"), datagrams.getLocalAddress());
    assertThat(second.result()).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(datagramKey);
    selector.selectedKeys().clear();
    datagrams.receive(ByteBuffer.allocate(1));

    Background<Integer> third = transport.background(threads, () -> selector.select());
    third.awaitBlockedIn("select");
    selector.wakeup();
    assertThat(third.result()).isZero();
    datagrams.close();
    assertThat(datagramKey.isValid()).isFalse();
    selector.selectNow();
    assertThat(selector.keys()).containsExactly(streamKey);
  }

  @EachProvider
  void bothEndsOfAPipeMayBeRegistered(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    Pipe pipe = transport.openPipe();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
    SelectionKey source = pipe.source().register(selector, OP_READ);
    SelectionKey sink = pipe.sink().register(selector, OP_WRITE);

    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(sink);
    ChannelIo.send(pipe.sink(), "x");
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactlyInAnyOrder(source, sink);
  }

  @EachProvider
  void fiftyThousandChangesOfInterestAreNoProblem(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, 0);

    for (int i = 0; i < 50_000; i++) {
      key.interestOps((i & 1) == 0 ? OP_READ : OP_WRITE);
    }

    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
  }

  @EachProvider
  void massCancelIsFlushedByOneSelect(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    int count = 400;
    for (int i = 0; i < count; i++) {
      transport.nonBlockingPair().client().register(selector, OP_WRITE);
    }
    assertThat(selector.selectNow()).isEqualTo(count);

    selector.keys().forEach(SelectionKey::cancel);

    assertThat(selector.selectNow()).isZero();
    assertThat(selector.keys()).isEmpty();
    assertThat(selector.selectedKeys()).isEmpty();
  }

  @EachProvider
  void wakeupsNeverGetLost(TestTransport transport, ThreadKind threads) throws Exception {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, OP_READ);
    AtomicInteger round = new AtomicInteger();
    int rounds = 1_000;
    Background<Void> selecting =
        transport.background(
            threads,
            () -> {
              for (int i = 1; i <= rounds; i++) {
                selector.select();
                round.set(i);
              }
              return null;
            });

    Deadline deadline = Deadline.after(Duration.ofSeconds(25));
    for (int i = 1; i <= rounds; i++) {
      selector.wakeup();
      while (round.get() < i) {
        assertThat(deadline.passed()).as("wakeup %d was lost", i).isFalse();
        Thread.onSpinWait();
      }
    }
    selecting.awaitDone();
  }

  /** A channel that no provider's selector knows. */
  private static final class SelectableDouble extends AbstractSelectableChannel {
    SelectableDouble(SelectorProvider provider) {
      super(provider);
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public int validOps() {
      return OP_READ;
    }
  }
}
