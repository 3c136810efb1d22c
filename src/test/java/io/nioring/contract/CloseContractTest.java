package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

/** Close from another thread during each operation, and close against each operation as a race. */
class CloseContractTest {
  private static final int RACES = 100;

  @EachTransport
  void closeDuringRead(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();

    assertClosedDuring(
        transport, threads, client, "read", () -> client.read(ByteBuffer.allocate(1)));
  }

  @EachTransport
  void closeDuringScatteringRead(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};

    assertClosedDuring(transport, threads, client, "read", () -> client.read(buffers));
  }

  @EachTransport
  void closeDuringWrite(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();

    assertClosedDuringWrites(
        transport, threads, client, () -> client.write(ByteBuffer.allocate(1 << 20)));
  }

  @EachTransport
  void closeDuringGatheringWrite(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();

    assertClosedDuringWrites(
        transport,
        threads,
        client,
        () ->
            client.write(
                new ByteBuffer[] {ByteBuffer.allocate(1 << 16), ByteBuffer.allocate(1 << 20)}));
  }

  @EachTransport
  void closeDuringAccept(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();

    assertClosedDuring(transport, threads, server, "accept", server::accept);
  }

  @EachTransport
  void closeDuringTwoAccepts(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();
    Background<?> first = transport.background(threads, server::accept);
    first.awaitBlockedIn("accept");

    assertClosedDuring(transport, threads, server, "accept", server::accept);

    assertThat(first.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
  }

  @EachTransport
  @OracleOnPlatformThreads
  void closeDuringConnect(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel client = transport.openClient();

    assertClosedDuring(
        transport, threads, client, "connect", () -> client.connect(server.getLocalAddress()));
    assertThat(client.isConnected()).isFalse();
  }

  @EachInet
  void closeDuringFinishConnect(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());
    client.configureBlocking(true);

    assertClosedDuring(transport, threads, client, "finishConnect", client::finishConnect);
    assertThat(client.isConnected()).isFalse();
  }

  @EachTransport
  void closeOfTheSelectorDuringSelect(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    SelectionKey key = client.register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    selector.close();

    assertThat(selecting.result()).isZero();
    assertThatThrownBy(selector::select).isExactlyInstanceOf(ClosedSelectorException.class);
    assertThat(key.isValid()).isFalse();
    assertThat(client.isRegistered()).isFalse();
  }

  @EachTransport
  void closeOfARegisteredChannelDuringSelect(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    SelectionKey key = pair.client().register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    pair.client().close();

    assertThat(key.isValid()).isFalse();
    assertThat(ChannelIo.awaitRead(pair.server())).isEqualTo(-1);
    selector.wakeup();
    assertThat(selecting.result()).isZero();
    assertThat(selector.selectNow()).isZero();
    assertThat(selector.keys()).isEmpty();
  }

  @EachProvider
  void closeOfAPipesSourceDuringRead(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();

    assertClosedDuring(
        transport,
        threads,
        pipe.source(),
        "read",
        () -> pipe.source().read(ByteBuffer.allocate(1)));
  }

  @EachProvider
  void closeOfAPipesSinkDuringWrite(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();

    assertClosedDuringWrites(
        transport, threads, pipe.sink(), () -> pipe.sink().write(ByteBuffer.allocate(1 << 20)));
  }

  private static void assertClosedDuring(
      TestTransport transport,
      ThreadKind threads,
      Channel channel,
      String operation,
      Callable<?> call)
      throws Exception {
    Background<?> blocked = transport.background(threads, call);
    blocked.awaitBlockedIn(operation);

    channel.close();

    assertThat(blocked.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
    assertThat(channel.isOpen()).isFalse();
  }

  /** A write that was cut short may first give the count of what it had sent. */
  private static void assertClosedDuringWrites(
      TestTransport transport, ThreadKind threads, Channel channel, Callable<?> write)
      throws Exception {
    Background<?> blocked =
        transport.background(
            threads,
            () -> {
              while (true) {
                write.call();
              }
            });
    blocked.awaitBlockedIn("write");

    channel.close();

    assertThat(blocked.failure()).isInstanceOf(ClosedChannelException.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @EachTransport
  void closeIsIdempotent(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ServerSocketChannel server = transport.listen();
    Selector selector = transport.openSelector();

    for (int i = 0; i < 3; i++) {
      pair.client().close();
      server.close();
      selector.close();
    }

    assertThat(pair.client().isOpen()).isFalse();
    assertThat(server.isOpen()).isFalse();
    assertThat(selector.isOpen()).isFalse();
  }

  @EachTransport
  void closeOfARegisteredChannelCancelsItsKeysAtOnce(TestTransport transport) throws IOException {
    SocketChannel client = transport.nonBlockingPair().client();
    Selector first = transport.openSelector();
    Selector second = transport.openSelector();
    SelectionKey firstKey = client.register(first, SelectionKey.OP_READ);
    SelectionKey secondKey = client.register(second, SelectionKey.OP_WRITE);

    client.close();

    assertThat(firstKey.isValid()).isFalse();
    assertThat(secondKey.isValid()).isFalse();
    first.selectNow();
    second.selectNow();
    assertThat(first.keys()).isEmpty();
    assertThat(second.keys()).isEmpty();
    assertThat(client.isRegistered()).isFalse();
    assertThat(client.keyFor(first)).isNull();
  }

  @EachTransport
  void peerOfAClosedRegisteredChannelReadsEndOfStreamBeforeAnySelect(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Selector selector = transport.openSelector();
    pair.client().register(selector, SelectionKey.OP_READ);
    ChannelIo.send(pair.client(), "bye");

    pair.client().close();

    assertThat(ChannelIo.receiveAll(pair.server())).isEqualTo("bye");
  }

  @EachTransport
  void registerOnAClosedChannelIsRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.nonBlockingPair().client();
    Selector selector = transport.openSelector();
    client.close();

    assertThatThrownBy(() -> client.register(selector, SelectionKey.OP_READ))
        .isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachTransport
  void registerWithAClosedSelectorIsRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.nonBlockingPair().client();
    Selector selector = transport.openSelector();
    selector.close();

    assertThatThrownBy(() -> client.register(selector, SelectionKey.OP_READ))
        .isExactlyInstanceOf(ClosedSelectorException.class);
    assertThat(client.isOpen()).isTrue();
    assertThat(client.isRegistered()).isFalse();
  }

  @EachTransport
  void closeRacesWithRead(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      SocketChannel client = transport.nonBlockingPair().client();
      race(client::close, () -> client.read(ByteBuffer.allocate(1)), ClosedChannelException.class);
      assertThat(client.isOpen()).isFalse();
    }
  }

  @EachTransport
  void closeRacesWithWrite(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      TestTransport.Pair pair = transport.nonBlockingPair();
      race(
          pair.client()::close,
          () -> pair.client().write(ByteBuffer.allocate(1)),
          ClosedChannelException.class);
      assertThat(ChannelIo.receiveAll(pair.server()).length()).isBetween(0, 1);
      pair.server().close();
    }
  }

  @EachTransport
  void closeOfBothEndsRaces(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      TestTransport.Pair pair = transport.connectedPair();
      ChannelIo.send(pair.client(), "unread");
      race(pair.client()::close, callable(pair.server()::close), IOException.class);
    }
  }

  @EachTransport
  void closeRacesWithClose(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      SocketChannel client = transport.connectedPair().client();
      race(client::close, callable(client::close), IOException.class);
    }
  }

  @EachUnixRule
  void closeOfAListenerRacesWithConnect(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      ServerSocketChannel server = transport.listen();
      var address = server.getLocalAddress();
      SocketChannel client = transport.openClient();
      race(server::close, () -> client.connect(address), IOException.class);
      if (client.isConnected()) {
        assertEnded(client);
      }
      client.close();
    }
  }

  @EachTransport
  void closeRacesWithAccept(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      ServerSocketChannel server = transport.listen();
      SocketChannel client = transport.connectTo(server);
      race(server::close, () -> transport.accept(server), ClosedChannelException.class);
      client.close();
    }
  }

  @EachTransport
  void closeRacesWithRegister(TestTransport transport) throws Exception {
    Selector selector = transport.openSelector();
    for (int i = 0; i < RACES; i++) {
      SocketChannel client = transport.nonBlockingPair().client();
      race(
          client::close,
          () -> client.register(selector, SelectionKey.OP_READ),
          ClosedChannelException.class);
      selector.selectNow();
      assertThat(selector.keys()).isEmpty();
      assertThat(client.isRegistered()).isFalse();
    }
  }

  @EachTransport
  void closeRacesWithInterestOps(TestTransport transport) throws Exception {
    Selector selector = transport.openSelector();
    for (int i = 0; i < RACES; i++) {
      SocketChannel client = transport.nonBlockingPair().client();
      SelectionKey key = client.register(selector, SelectionKey.OP_READ);
      race(
          client::close, () -> key.interestOps(SelectionKey.OP_WRITE), CancelledKeyException.class);
      assertThat(key.isValid()).isFalse();
      selector.selectNow();
    }
  }

  @EachTransport
  void closeOfASelectorRacesWithRegister(TestTransport transport) throws Exception {
    SocketChannel client = transport.nonBlockingPair().client();
    for (int i = 0; i < RACES; i++) {
      Selector selector = transport.openSelector();
      race(
          transport.isRing() ? selector::close : () -> closeOfThePlatform(selector),
          () -> client.register(selector, SelectionKey.OP_READ),
          ClosedSelectorException.class);
      assertThat(client.isRegistered()).isFalse();
    }
  }

  /**
   * On JDK 17 it may find the key of a registration that fails for the close and was the channel's
   * first, and fails itself.
   */
  private static void closeOfThePlatform(Selector selector) throws IOException {
    try {
      selector.close();
    } catch (NullPointerException e) {
      assertThat(e.getStackTrace()[0].getMethodName()).isEqualTo("removeKey");
    }
  }

  @EachTransport
  void closeOfASelectorRacesWithCloseOfItsChannel(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      TestTransport.Pair pair = transport.nonBlockingPair();
      Selector selector = transport.openSelector();
      SelectionKey key = pair.client().register(selector, SelectionKey.OP_READ);
      race(selector::close, callable(pair.client()::close), IOException.class);
      assertThat(key.isValid()).isFalse();
      assertThat(ChannelIo.awaitRead(pair.server())).isEqualTo(-1);
    }
  }

  @EachTransport
  void closeRacesWithConfigureBlocking(TestTransport transport) throws Exception {
    for (int i = 0; i < RACES; i++) {
      TestTransport.Pair pair = transport.connectedPair();
      race(
          pair.client()::close,
          () -> pair.client().configureBlocking(false),
          ClosedChannelException.class);
      assertThat(ChannelIo.awaitRead(pair.server())).isEqualTo(-1);
      pair.server().close();
    }
  }

  private static void assertEnded(SocketChannel channel) {
    try {
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    } catch (IOException e) {
      assertThat(e).hasMessage("Connection reset");
    }
  }

  /** Runs both at the same time; the second may succeed or fail with {@code allowed}. */
  private static void race(IoAction first, Callable<?> second, Class<? extends Exception> allowed)
      throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    Background<Void> other =
        Background.run(
            ThreadKind.PLATFORM,
            () -> {
              start.await(10, TimeUnit.SECONDS);
              first.run();
              return null;
            });
    start.await(10, TimeUnit.SECONDS);
    try {
      second.call();
    } catch (Exception e) {
      assertThat(e).isInstanceOf(allowed);
    }
    other.result();
  }

  private static Callable<Void> callable(IoAction action) {
    return () -> {
      action.run();
      return null;
    };
  }

  /** Something that may fail with an {@link IOException}. */
  @FunctionalInterface
  private interface IoAction {
    void run() throws IOException;
  }
}
