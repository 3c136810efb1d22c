package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Reads and writes of single buffers. */
class ReadWriteContractTest {
  private static final int BIG_BYTES = 8 << 20;

  @EachTransport
  void bytesArriveAsTheyWereSent(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    ChannelIo.send(pair.client(), "ping");
    assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("ping");
    ChannelIo.send(pair.server(), "pong");
    assertThat(ChannelIo.receive(pair.client(), 4)).isEqualTo("pong");
  }

  @EachTransport
  void writesMerge(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.client(), "a");
    ChannelIo.send(pair.client(), "bc");
    ChannelIo.send(pair.client(), "def");

    assertThat(ChannelIo.receive(pair.server(), 6)).isEqualTo("abcdef");
  }

  @EachUnixRule
  void oneReadTakesWhatSeveralWritesLeft(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.client(), "abc");
    ChannelIo.send(pair.client(), "def");
    ByteBuffer buffer = ByteBuffer.allocate(16);

    assertThat(pair.server().read(buffer)).isEqualTo(6);
  }

  @EachTransport
  void shortReadLeavesTheRest(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ChannelIo.send(pair.client(), "abcdef");

    assertThat(ChannelIo.receive(pair.server(), 2)).isEqualTo("ab");
    assertThat(ChannelIo.receive(pair.server(), 4)).isEqualTo("cdef");
  }

  @EachTransport
  void positionAndLimitBoundWhatIsMoved(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    ByteBuffer out = ChannelIo.ascii("0123456789");
    out.position(3).limit(7);
    assertThat(pair.client().write(out)).isEqualTo(4);
    assertThat(out.position()).isEqualTo(7);
    assertThat(out.limit()).isEqualTo(7);

    ByteBuffer in = ByteBuffer.wrap("----------".getBytes(UTF_8));
    in.position(2).limit(6);
    while (in.hasRemaining()) {
      assertThat(pair.server().read(in)).isPositive();
    }
    assertThat(in.position()).isEqualTo(6);
    assertThat(new String(in.array(), UTF_8)).isEqualTo("--3456----");
  }

  @EachTransport
  void everyKindOfBufferIsTaken(TestTransport transport, @TempDir Path folder) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    Path file = Files.write(folder.resolve("mapped"), new byte[16]);
    try (FileChannel mapped =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer map = mapped.map(FileChannel.MapMode.READ_WRITE, 0, 16);
      ByteBuffer[] kinds = {
        ByteBuffer.allocate(16),
        ByteBuffer.allocateDirect(16),
        ByteBuffer.allocate(32).position(7).slice().limit(16),
        ByteBuffer.allocateDirect(32).position(9).slice().limit(16),
        map
      };
      for (int i = 0; i < kinds.length; i++) {
        ByteBuffer source = kinds[i];
        ByteBuffer target = kinds[(i + 1) % kinds.length];
        byte[] bytes = ChannelIo.randomBytes(16, i);
        source.clear().limit(16).put(bytes).flip();
        assertThat(pair.client().write(source)).isEqualTo(16);
        target.clear().limit(16);
        while (target.hasRemaining()) {
          pair.server().read(target);
        }
        byte[] read = new byte[16];
        target.flip().get(read);
        assertThat(read).isEqualTo(bytes);
      }
    }
  }

  /** On JDKs that have memory segments; an arena closes once no operation uses its memory. */
  @EachTransport
  void buffersOfMemorySegmentsAreTaken(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    for (SegmentBuffer segment : SegmentBuffer.ofEachArena(16)) {
      byte[] bytes = ChannelIo.randomBytes(16, 1);
      ByteBuffer out = segment.buffer().duplicate().put(bytes).flip();
      assertThat(pair.client().write(out)).isEqualTo(16);
      ByteBuffer in = segment.buffer().duplicate().put(new byte[16]).flip();
      while (in.hasRemaining()) {
        assertThat(pair.server().read(in)).isPositive();
      }
      byte[] read = new byte[16];
      in.flip().get(read);
      assertThat(read).isEqualTo(bytes);
      segment.close();
    }
  }

  /** On JDKs that have memory segments. */
  @EachTransport
  void readIntoAMemorySegmentThatWasClosedFailsWithoutWaiting(TestTransport transport)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    for (ByteBuffer closed : SegmentBuffer.closed(16)) {
      assertThatThrownBy(() -> pair.server().read(closed.duplicate()))
          .isInstanceOf(IllegalStateException.class);
      pair.client().write(ByteBuffer.wrap(new byte[] {1}));
      assertThatThrownBy(() -> pair.server().read(closed.duplicate()))
          .isInstanceOf(IllegalStateException.class);
      assertThat(pair.server().read(ByteBuffer.allocate(16))).isOne();
    }
  }

  @EachTransport
  void fileIsTransferredToAndFromAChannel(TestTransport transport, @TempDir Path folder)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    byte[] bytes = ChannelIo.randomBytes(300_000, 6);
    Path source = Files.write(folder.resolve("source"), bytes);
    Path target = folder.resolve("target");
    Background<Long> sending =
        transport.background(
            () -> {
              try (FileChannel file = FileChannel.open(source)) {
                long sent = 0;
                while (sent < bytes.length) {
                  sent += file.transferTo(sent, bytes.length - sent, pair.client());
                }
                pair.client().shutdownOutput();
                return sent;
              }
            });

    try (FileChannel file =
        FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long received = 0;
      while (received < bytes.length) {
        received += file.transferFrom(pair.server(), received, bytes.length - received);
      }
    }

    assertThat(sending.result()).isEqualTo(bytes.length);
    assertThat(Files.readAllBytes(target)).isEqualTo(bytes);
  }

  @EachTransport
  void streamsOfChannelsWork(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    Channels.newOutputStream(pair.client()).write("hello".getBytes(UTF_8));

    assertThat(Channels.newInputStream(pair.server()).readNBytes(5))
        .isEqualTo("hello".getBytes(UTF_8));
  }

  @EachTransport
  void readOnlyBufferCanBeWrittenButNotReadInto(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    assertThat(pair.client().write(ChannelIo.ascii("x").asReadOnlyBuffer())).isEqualTo(1);

    assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("x");
  }

  @EachTransport
  void nullBufferIsRefused(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    assertThatThrownBy(() -> pair.client().read((ByteBuffer) null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pair.client().write((ByteBuffer) null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThat(pair.client().isOpen()).isTrue();
  }

  @EachTransport
  void emptyBufferMovesNothing(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    assertThat(pair.client().write(ByteBuffer.allocate(0))).isZero();
    assertThat(pair.server().read(ByteBuffer.allocate(0))).isZero();
    ChannelIo.send(pair.client(), "x");
    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    assertThat(pair.server().read(ByteBuffer.allocate(0))).isZero();
    assertThat(ChannelIo.receive(pair.server(), 1)).isEqualTo("x");
  }

  @EachTransport
  void nonBlockingReadWithoutDataIsZero(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    assertThat(pair.server().read(ByteBuffer.allocate(1))).isZero();
  }

  @EachTransport
  void oneByteProbeFindsTheEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();

    pair.server().close();

    assertThat(ChannelIo.awaitRead(pair.client())).isEqualTo(-1);
  }

  @EachTransport
  void nonBlockingWriteTakesWhatFitsAndNeverWaits(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer big = ByteBuffer.wrap(ChannelIo.randomBytes(BIG_BYTES, 1));

    int taken = pair.client().write(big);

    assertThat(taken).isBetween(1, BIG_BYTES - 1);
    assertThat(big.position()).isEqualTo(taken);
    ByteBuffer read = ByteBuffer.allocate(taken);
    Deadline.await(
        "all that was taken",
        () -> {
          assertThat(pair.server().read(read)).isNotNegative();
          return !read.hasRemaining();
        });
    assertThat(read.flip()).isEqualTo(big.duplicate().position(0).limit(taken));
  }

  @EachTransport
  void blockingReadWaitsForData(TestTransport transport, ThreadKind threads) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> reading =
        transport.background(threads, () -> pair.server().read(ByteBuffer.allocate(16)));
    reading.awaitBlockedIn("read");

    ChannelIo.send(pair.client(), "data");

    assertThat(reading.result()).isEqualTo(4);
  }

  @EachTransport
  @OracleOnPlatformThreads
  void oneBlockingWriteTakesEverything(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    byte[] bytes = ChannelIo.randomBytes(BIG_BYTES, 2);
    ByteBuffer out = ByteBuffer.wrap(bytes);

    Background<Integer> writing = transport.background(threads, () -> pair.client().write(out));
    ByteBuffer in = ByteBuffer.allocate(BIG_BYTES);

    while (in.hasRemaining()) {
      assertThat(pair.server().read(in)).isPositive();
    }

    assertThat(writing.result()).isEqualTo(BIG_BYTES);
    assertThat(in.array()).isEqualTo(bytes);
  }

  @EachTransport
  @OracleOnPlatformThreads
  void blockedWriterContinuesWhenTheReaderMakesRoom(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> writing =
        transport.background(
            threads,
            () -> {
              int written = pair.client().write(ByteBuffer.allocate(4 * BIG_BYTES));
              pair.client().shutdownOutput();
              return written;
            });
    writing.awaitBlockedIn("write");

    ByteBuffer in = ByteBuffer.allocate(1 << 16);
    long read = 0;
    for (int count = 0; count >= 0; count = pair.server().read(in.clear())) {
      read += count;
    }

    assertThat(writing.result().longValue()).isEqualTo(read).isGreaterThan(BIG_BYTES);
  }

  @EachInet
  void blockingWriteOfHalfAMegabyteNeedsNoReader(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    byte[] bytes = ChannelIo.randomBytes(512 << 10, 3);

    assertThat(pair.client().write(ByteBuffer.wrap(bytes))).isEqualTo(bytes.length);

    ByteBuffer in = ByteBuffer.allocate(bytes.length);
    while (in.hasRemaining()) {
      assertThat(pair.server().read(in)).isPositive();
    }
    assertThat(in.array()).isEqualTo(bytes);
  }

  @EachTransport
  void readAndWriteOfOneChannelProceedAtTheSameTime(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    SocketChannel client = pair.client();
    Background<Integer> reading =
        transport.background(threads, () -> client.read(ByteBuffer.allocate(16)));
    reading.awaitBlockedIn("read");

    ChannelIo.send(client, "request");
    assertThat(ChannelIo.receive(pair.server(), 7)).isEqualTo("request");
    ChannelIo.send(pair.server(), "reply");

    assertThat(reading.result()).isEqualTo(5);
  }

  @EachTransport
  void readContinuesWhileAnotherThreadIsBlockedInWrite(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    SocketChannel client = pair.client();
    Background<Void> writing = transport.background(threads, () -> writeForEver(client));
    writing.awaitBlockedIn("write");
    ChannelIo.send(pair.server(), "reply");

    assertThat(ChannelIo.receive(client, 5)).isEqualTo("reply");

    client.close();
    assertThat(writing.failure()).isInstanceOf(IOException.class);
  }

  private static Void writeForEver(SocketChannel channel) throws IOException {
    while (true) {
      channel.write(ByteBuffer.allocate(1 << 20));
    }
  }

  @EachTransport
  void severalWritersDoNotInterleaveTheirBuffers(TestTransport transport, ThreadKind threads)
      throws Exception {
    int writers = 4;
    int messages = 200;
    int size = 64;
    TestTransport.Pair pair = transport.connectedPair();
    CountDownLatch start = new CountDownLatch(1);
    for (int w = 0; w < writers; w++) {
      byte[] message = new byte[size];
      Arrays.fill(message, (byte) w);
      transport.background(
          threads,
          () -> {
            assertThat(start.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < messages; i++) {
              assertThat(pair.client().write(ByteBuffer.wrap(message))).isEqualTo(size);
            }
            return null;
          });
    }
    start.countDown();

    int[] counts = new int[writers];
    ByteBuffer in = ByteBuffer.allocate(size);
    for (int i = 0; i < writers * messages; i++) {
      in.clear();
      while (in.hasRemaining()) {
        assertThat(pair.server().read(in)).isPositive();
      }
      for (int k = 1; k < size; k++) {
        assertThat(in.get(k)).isEqualTo(in.get(0));
      }
      counts[in.get(0)]++;
    }
    assertThat(counts).containsOnly(messages);
  }

  @EachTransport
  void connectionsOfOneListenerAreIndependent(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel first = transport.connectTo(server);
    SocketChannel second = transport.connectTo(server);
    SocketChannel firstAccepted = transport.accept(server);
    SocketChannel secondAccepted = transport.accept(server);

    ChannelIo.send(first, "one");
    ChannelIo.send(second, "two");

    assertThat(ChannelIo.receive(secondAccepted, 3)).isEqualTo("two");
    assertThat(ChannelIo.receive(firstAccepted, 3)).isEqualTo("one");
  }
}
