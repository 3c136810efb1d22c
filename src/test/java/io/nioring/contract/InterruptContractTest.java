package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;

/** Interrupts before and during each blocking operation. */
class InterruptContractTest {
  @AfterEach
  void clearInterruptFlag() {
    Thread.interrupted();
  }

  @EachTransport
  void interruptDuringRead(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();

    assertInterrupted(
        transport,
        threads,
        pair.client(),
        "read",
        () -> pair.client().read(ByteBuffer.allocate(1)));
    assertThat(ChannelIo.awaitRead(pair.server())).isEqualTo(-1);
  }

  @EachTransport
  void interruptDuringScatteringRead(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};

    assertInterrupted(transport, threads, client, "read", () -> client.read(buffers));
  }

  @EachTransport
  void interruptDuringWrite(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();

    assertInterrupted(
        transport,
        threads,
        client,
        "write",
        () -> {
          while (true) {
            client.write(ByteBuffer.allocate(1 << 20));
          }
        });
  }

  @EachTransport
  void interruptDuringGatheringWrite(TestTransport transport, ThreadKind threads) throws Exception {
    SocketChannel client = transport.connectedPair().client();

    assertInterrupted(
        transport,
        threads,
        client,
        "write",
        () -> {
          while (true) {
            client.write(
                new ByteBuffer[] {ByteBuffer.allocate(1 << 20), ByteBuffer.allocate(1 << 20)});
          }
        });
  }

  @EachTransport
  void interruptDuringAccept(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.listen();

    assertInterrupted(transport, threads, server, "accept", server::accept);
  }

  /**
   * The interleaving that once was a deadlock: the accepting thread is about to wait in the
   * kernel's selector and holds it; the interrupting one closes the server on its behalf, with what
   * the first one needs next, and waits for the selector.
   */
  @EachTransport
  void interruptRacesWithAccept(TestTransport transport) throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      ServerSocketChannel server = transport.listen();
      AtomicBoolean accepting = new AtomicBoolean();
      Background<SocketChannel> accept =
          transport.background(
              () -> {
                accepting.set(true);
                return server.accept();
              });
      while (!accepting.get()) {
        Thread.onSpinWait();
      }
      long until = System.nanoTime() + random.nextInt(200_000);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      Background<Void> interrupting =
          transport.background(
              () -> {
                accept.thread().interrupt();
                return null;
              });
      assertThat(accept.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
      interrupting.awaitDone();
      assertThat(server.isOpen()).isFalse();
    }
  }

  @EachTransport
  @OracleOnPlatformThreads
  void interruptDuringConnect(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel client = transport.openClient();

    assertInterrupted(
        transport, threads, client, "connect", () -> client.connect(server.getLocalAddress()));
  }

  @EachInet
  void interruptDuringFinishConnect(TestTransport transport, ThreadKind threads) throws Exception {
    ServerSocketChannel server = transport.fullListener();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());
    client.configureBlocking(true);

    assertInterrupted(transport, threads, client, "finishConnect", client::finishConnect);
  }

  @EachProvider
  void interruptDuringReadOfAPipe(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();

    assertInterrupted(
        transport,
        threads,
        pipe.source(),
        "read",
        () -> pipe.source().read(ByteBuffer.allocate(1)));
  }

  @EachProvider
  void interruptDuringWriteToAPipe(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();

    assertInterrupted(
        transport,
        threads,
        pipe.sink(),
        "write",
        () -> {
          while (true) {
            pipe.sink().write(ByteBuffer.allocate(1 << 20));
          }
        });
  }

  private static void assertInterrupted(
      TestTransport transport,
      ThreadKind threads,
      Channel channel,
      String operation,
      Callable<?> call)
      throws Exception {
    boolean[] flagKept = new boolean[1];
    Background<?> blocked =
        transport.background(
            threads,
            () -> {
              try {
                return call.call();
              } finally {
                flagKept[0] = Thread.currentThread().isInterrupted();
              }
            });
    blocked.awaitBlockedIn(operation);

    blocked.thread().interrupt();

    assertThat(blocked.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(flagKept[0]).as("interrupt flag").isTrue();
    assertThat(channel.isOpen()).isFalse();
  }

  @EachTransport
  void interruptedThreadCannotRead(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();

    assertInterruptedBefore(client, () -> client.read(ByteBuffer.allocate(1)));
  }

  /** Whatever the operation would give at once: an interrupt is there to close the channel. */
  @EachTransport
  void interruptIsReportedBeforeAnEnd(TestTransport transport) throws IOException {
    SocketChannel atItsEnd = transport.connectedPair().client();
    atItsEnd.shutdownInput();
    assertInterruptedBefore(atItsEnd, () -> atItsEnd.read(ByteBuffer.allocate(1)));

    SocketChannel scattering = transport.connectedPair().client();
    scattering.shutdownInput();
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertInterruptedBefore(scattering, () -> scattering.read(buffers));

    SocketChannel shut = transport.connectedPair().client();
    shut.shutdownOutput();
    assertInterruptedBefore(shut, () -> shut.write(ByteBuffer.allocate(1)));

    SocketChannel gathering = transport.connectedPair().client();
    gathering.shutdownOutput();
    assertInterruptedBefore(gathering, () -> gathering.write(buffers));
  }

  @EachInet
  void interruptedThreadCannotSendUrgentData(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();

    assertInterruptedBefore(
        client,
        () -> {
          client.socket().sendUrgentData(1);
          return null;
        });
  }

  @EachTransport
  void interruptedThreadCannotReadEvenWithDataQueued(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.server(), "x");

    assertInterruptedBefore(pair.client(), () -> pair.client().read(ByteBuffer.allocate(1)));
  }

  @EachTransport
  void interruptedThreadCannotWrite(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();

    assertInterruptedBefore(client, () -> client.write(ByteBuffer.allocate(1)));
  }

  @EachTransport
  void interruptedThreadCannotGather(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();

    assertInterruptedBefore(client, () -> client.write(new ByteBuffer[] {ByteBuffer.allocate(1)}));
  }

  @EachTransport
  void interruptedThreadCannotAccept(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    transport.connectTo(server);

    assertInterruptedBefore(server, server::accept);
  }

  @EachTransport
  void interruptedThreadCannotConnect(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();

    assertInterruptedBefore(client, () -> client.connect(server.getLocalAddress()));
  }

  @EachTransport
  void interruptedThreadCannotReadOrWriteNothing(TestTransport transport) throws IOException {
    ByteBuffer none = ByteBuffer.allocate(0);
    ByteBuffer[] noneAtAll = {none, none};
    SocketChannel reading = transport.connectedPair().client();
    assertInterruptedBefore(reading, () -> reading.read(none));
    SocketChannel scattering = transport.connectedPair().client();
    assertInterruptedBefore(scattering, () -> scattering.read(noneAtAll));
    SocketChannel writing = transport.connectedPair().client();
    assertInterruptedBefore(writing, () -> writing.write(none));
    SocketChannel gathering = transport.connectedPair().client();
    assertInterruptedBefore(gathering, () -> gathering.write(noneAtAll));
  }

  private static void assertInterruptedBefore(Channel channel, Callable<?> call) {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(call::call).isExactlyInstanceOf(ClosedByInterruptException.class);
      assertThat(Thread.currentThread().isInterrupted()).as("interrupt flag").isTrue();
      assertThat(channel.isOpen()).isFalse();
    } finally {
      Thread.interrupted();
    }
  }

  @EachTransport
  void interruptedThreadMayUseNonBlockingChannels(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    Thread.currentThread().interrupt();
    try {
      assertThat(pair.client().write(ChannelIo.ascii("x"))).isEqualTo(1);
      assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThat(pair.client().isOpen()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @EachProvider
  void pipeOpensOnAnInterruptedThread(TestTransport transport) throws IOException {
    Thread.currentThread().interrupt();
    try {
      Pipe pipe = transport.openPipe();
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThat(pipe.source().isOpen()).isTrue();
      assertThat(pipe.sink().isOpen()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @EachTransport
  void interruptWakesASelectAndLeavesItOpen(TestTransport transport, ThreadKind threads)
      throws Exception {
    Selector selector = transport.openSelector();
    SocketChannel client = transport.nonBlockingPair().client();
    client.register(selector, SelectionKey.OP_READ);
    Background<Boolean> selecting =
        transport.background(
            threads,
            () -> {
              assertThat(selector.select()).isZero();
              return Thread.currentThread().isInterrupted();
            });
    selecting.awaitBlockedIn("select");

    selecting.thread().interrupt();

    assertThat(selecting.result()).as("interrupt flag").isTrue();
    assertThat(selector.isOpen()).isTrue();
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void selectOnAnInterruptedThreadReturnsAtOnce(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, SelectionKey.OP_READ);
    Thread.currentThread().interrupt();
    try {
      assertThat(selector.select()).isZero();
      assertThat(selector.select(100_000)).isZero();
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
    assertThat(selector.isOpen()).isTrue();
  }

  @EachTransport
  void selectOnAnInterruptedThreadStillFindsWhatIsReady(TestTransport transport)
      throws IOException {
    Selector selector = transport.openSelector();
    transport.nonBlockingPair().client().register(selector, SelectionKey.OP_WRITE);
    Thread.currentThread().interrupt();
    try {
      assertThat(selector.select()).isEqualTo(1);
      assertThat(selector.selectNow()).isZero();
    } finally {
      Thread.interrupted();
    }
  }

  @EachProvider
  void manyInterruptsOfASelectingThreadDoNoHarm(TestTransport transport) throws Exception {
    int interrupts = 20_000;
    Selector selector = transport.openSelector();
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting =
        transport.background(
            () -> {
              int found = selector.select();
              while (found == 0) {
                Thread.interrupted();
                found = selector.select();
              }
              return found;
            });

    for (int i = 0; i < interrupts; i++) {
      selecting.thread().interrupt();
    }
    ChannelIo.send(pair.server(), "x");

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(selector.isOpen()).isTrue();
  }
}
