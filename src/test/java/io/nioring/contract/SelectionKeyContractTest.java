package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The life of a selection key. */
class SelectionKeyContractTest {
  @EachTransport
  void freshKeyKnowsItsPartsAndIsNotReady(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();

    SelectionKey key = client.register(selector, OP_READ, "attachment");

    assertThat(key.channel()).isSameAs(client);
    assertThat(key.selector()).isSameAs(selector);
    assertThat(key.isValid()).isTrue();
    assertThat(key.interestOps()).isEqualTo(OP_READ);
    assertThat(key.readyOps()).isZero();
    assertThat(key.attachment()).isEqualTo("attachment");
    assertThat(client.isRegistered()).isTrue();
    assertThat(client.keyFor(selector)).isSameAs(key);
    assertThat(selector.keys()).containsExactly(key);
  }

  @EachTransport
  void textShowsChannelSelectorAndOps(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, OP_READ | OP_WRITE);
    selector.selectNow();
    String parts = "channel=" + client + ", selector=" + selector;

    assertThat(key).hasToString(parts + ", interestOps=5, readyOps=4");
    key.cancel();
    assertThat(key).hasToString(parts + ", invalid");
  }

  @EachTransport
  void keyMayBeRegisteredWithoutInterest(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, 0);

    assertThat(selector.selectNow()).isZero();
    key.interestOps(OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
  }

  @EachTransport
  void registeringAgainGivesTheSameKeyWithTheNewInterestAndAttachment(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, OP_READ, "first");

    assertThat(client.register(selector, OP_WRITE, "second")).isSameAs(key);

    assertThat(key.interestOps()).isEqualTo(OP_WRITE);
    assertThat(key.attachment()).isEqualTo("second");
    assertThat(client.register(selector, OP_WRITE)).isSameAs(key);
    assertThat(key.attachment()).isNull();
  }

  @EachTransport
  void registerRefusesOperationsThatTheChannelDoesNotHave(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    ServerSocketChannel server = transport.listen();
    server.configureBlocking(false);

    assertThatThrownBy(() -> client.register(selector, OP_ACCEPT))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.register(selector, 1 << 20))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    for (int ops : new int[] {OP_READ, OP_WRITE, OP_CONNECT}) {
      assertThatThrownBy(() -> server.register(selector, ops))
          .isExactlyInstanceOf(IllegalArgumentException.class);
    }
    assertThat(selector.keys()).isEmpty();
  }

  @EachTransport
  void interestOpsRefusesOperationsThatTheChannelDoesNotHave(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_READ);

    assertThatThrownBy(() -> key.interestOps(OP_ACCEPT))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> key.interestOpsOr(OP_ACCEPT))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThat(key.interestOps()).isEqualTo(OP_READ);
    assertThat(key.interestOps(OP_CONNECT | OP_WRITE)).isSameAs(key);
    assertThat(key.interestOps()).isEqualTo(OP_CONNECT | OP_WRITE);
  }

  @EachTransport
  void interestOpsOrAndAndReturnThePreviousValue(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_READ);

    assertThat(key.interestOpsOr(OP_WRITE)).isEqualTo(OP_READ);
    assertThat(key.interestOps()).isEqualTo(OP_READ | OP_WRITE);
    assertThat(key.interestOpsAnd(~OP_READ)).isEqualTo(OP_READ | OP_WRITE);
    assertThat(key.interestOps()).isEqualTo(OP_WRITE);
    assertThat(key.interestOpsAnd(0)).isEqualTo(OP_WRITE);
    assertThat(key.interestOpsOr(0)).isZero();
    assertThat(selector.selectNow()).isZero();
    key.interestOpsOr(OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
  }

  @EachTransport
  void interestOpsOrAndAndAreAtomic(TestTransport transport) throws Exception {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, 0);
    CountDownLatch start = new CountDownLatch(1);
    int rounds = 2_000;
    Background<Integer> reads = toggle(transport, start, key, OP_READ, rounds);
    Background<Integer> writes = toggle(transport, start, key, OP_WRITE, rounds);

    start.countDown();

    assertThat(reads.result()).isEqualTo(rounds);
    assertThat(writes.result()).isEqualTo(rounds);
    assertThat(key.interestOps()).isZero();
  }

  private static Background<Integer> toggle(
      TestTransport transport, CountDownLatch start, SelectionKey key, int op, int rounds) {
    return transport.background(
        () -> {
          assertThat(start.await(10, TimeUnit.SECONDS)).isTrue();
          int good = 0;
          for (int i = 0; i < rounds; i++) {
            boolean wasOff = (key.interestOpsOr(op) & op) == 0;
            boolean wasOn = (key.interestOpsAnd(~op) & op) != 0;
            good += wasOff && wasOn ? 1 : 0;
          }
          return good;
        });
  }

  @EachTransport
  void attachReturnsThePreviousAttachment(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_READ);

    assertThat(key.attach("first")).isNull();
    assertThat(key.attach("second")).isEqualTo("first");
    assertThat(key.attach(null)).isEqualTo("second");
    assertThat(key.attachment()).isNull();
  }

  @EachTransport
  void cancelledKeyIsInvalidAtOnceAndLeavesAtTheNextSelect(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, OP_WRITE, "attachment");
    assertThat(selector.selectNow()).isEqualTo(1);

    key.cancel();
    key.cancel();

    assertThat(key.isValid()).isFalse();
    assertThat(selector.keys()).containsExactly(key);
    assertThat(selector.selectedKeys()).containsExactly(key);
    assertThat(key.channel()).isSameAs(client);
    assertThat(key.selector()).isSameAs(selector);
    assertThat(key.attachment()).isEqualTo("attachment");
    assertThat(selector.selectNow()).isZero();
    assertThat(selector.keys()).isEmpty();
    assertThat(selector.selectedKeys()).isEmpty();
    assertThat(client.isRegistered()).isFalse();
    assertThat(client.keyFor(selector)).isNull();
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void cancelledKeyRefusesItsOperations(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, OP_WRITE);
    key.cancel();

    assertCancelled(key::interestOps);
    assertCancelled(() -> key.interestOps(OP_READ));
    assertCancelled(() -> key.interestOpsOr(OP_READ));
    assertCancelled(() -> key.interestOpsAnd(OP_READ));
    assertCancelled(key::readyOps);
    assertCancelled(key::isReadable);
    assertCancelled(key::isWritable);
    assertCancelled(key::isConnectable);
    assertCancelled(key::isAcceptable);
    assertThatThrownBy(() -> client.register(selector, OP_READ))
        .isExactlyInstanceOf(CancelledKeyException.class);
  }

  private static void assertCancelled(ThrowingCallable call) {
    assertThatThrownBy(call).isExactlyInstanceOf(CancelledKeyException.class);
  }

  @EachTransport
  void channelMayBeRegisteredAgainAfterACancelledKeyLeft(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey first = client.register(selector, OP_WRITE);
    first.cancel();
    selector.selectNow();

    SelectionKey second = client.register(selector, OP_WRITE);

    assertThat(second).isNotSameAs(first);
    assertThat(second.isValid()).isTrue();
    assertThat(first.isValid()).isFalse();
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(second);
  }

  @EachTransport
  void keyCancelledBeforeSelectIsNotSelected(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_WRITE);
    key.cancel();

    assertThat(selector.selectNow()).isZero();
    assertThat(selector.selectedKeys()).isEmpty();
  }

  @EachTransport
  void closedSelectorInvalidatesItsKeysAndFreesItsChannels(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    Selector other = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, OP_WRITE);

    selector.close();

    assertThat(key.isValid()).isFalse();
    assertThat(client.isOpen()).isTrue();
    assertThat(client.isRegistered()).isFalse();
    assertThat(client.register(other, OP_WRITE).isValid()).isTrue();
    assertThat(other.selectNow()).isEqualTo(1);
  }

  @EachTransport
  void readyPredicatesFollowTheReadySet(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "x");
    ReadyOps.await(pair.server(), OP_READ, OP_READ);
    SelectionKey key = pair.server().register(selector, OP_READ | OP_WRITE | OP_CONNECT);
    assertThat(key.isReadable()).isFalse();
    assertThat(key.isWritable()).isFalse();

    assertThat(selector.selectNow()).isEqualTo(1);

    assertThat(key.isReadable()).isTrue();
    assertThat(key.isWritable()).isTrue();
    assertThat(key.isConnectable()).isFalse();
    assertThat(key.isAcceptable()).isFalse();
  }
}
