package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams of bytes through connections that are full most of the time, with every byte compared.
 * Only full rings show a lost wake-up of a writer, only empty ones that of a reader; small
 * capacities make both common.
 */
class TransferTest {
  private static final int DEFAULT_CAPACITY = 0;

  /** Writes of more bytes are published in parts of this size. */
  private static final int PART = 64 * 1024;

  private static final int BIGGEST_CHUNK = 3 << 19;
  private static final long SEED = Long.getLong("test.seed", 1L);

  /** Slow on a loaded machine, where each byte through a tiny ring is a change of threads. */
  private static final Duration LONGEST = Duration.ofSeconds(50);

  /** How an end of the connection waits. */
  enum End {
    BLOCKING,
    SELECTING
  }

  static Stream<Arguments> singleDirections() {
    List<Stream<Arguments>> all = new ArrayList<>();
    all.add(ends(TransportKind.PLATFORM_INET4, DEFAULT_CAPACITY));
    all.add(ends(TransportKind.PLATFORM_UNIX, DEFAULT_CAPACITY));
    for (int capacity : new int[] {1, 2, 3, 4_096, PART + 1, DEFAULT_CAPACITY}) {
      all.add(ends(TransportKind.RING_INET4, capacity));
      all.add(ends(TransportKind.RING_UNIX, capacity));
    }
    return all.stream().flatMap(each -> each);
  }

  private static Stream<Arguments> ends(TransportKind kind, int capacity) {
    return Stream.of(End.values())
        .flatMap(
            sender ->
                Stream.of(End.values())
                    .flatMap(
                        receiver ->
                            ThreadKind.available().stream()
                                .map(
                                    threads ->
                                        Arguments.of(kind, capacity, sender, receiver, threads))));
  }

  @ParameterizedTest(name = "{0}, capacity {1}, {2} to {3}, {4} threads")
  @MethodSource("singleDirections")
  @Timeout(180)
  void everyByteArrives(
      TransportKind kind, int capacityBytes, End sender, End receiver, ThreadKind threads)
      throws Exception {
    try (TestTransport transport = open(kind, capacityBytes)) {
      TestTransport.Pair pair = transport.connectedPair();
      long total = totalFor(capacityBytes);
      Background<Void> sending =
          transport.background(threads, () -> send(pair.client(), sender, total, SEED));
      Background<Long> receiving =
          transport.background(threads, () -> receive(pair.server(), receiver, SEED + 1));

      assertThat(receiving.result(LONGEST)).as("seed %d", SEED).isEqualTo(total);
      assertThat(sending.result()).isNull();
    }
  }

  static Stream<Arguments> bothDirections() {
    return Stream.of(1, 4_096, DEFAULT_CAPACITY)
        .flatMap(
            capacity ->
                Stream.of(TransportKind.RING_INET4, TransportKind.RING_UNIX)
                    .map(kind -> Arguments.of(kind, capacity)));
  }

  @ParameterizedTest(name = "{0}, capacity {1}")
  @MethodSource("bothDirections")
  @Timeout(180)
  void bothDirectionsAreIndependent(TransportKind kind, int capacityBytes) throws Exception {
    try (TestTransport transport = open(kind, capacityBytes)) {
      TestTransport.Pair pair = transport.connectedPair();
      long total = totalFor(capacityBytes) / 2;
      transport.background(() -> send(pair.client(), End.BLOCKING, total, SEED));
      transport.background(() -> send(pair.server(), End.BLOCKING, total, SEED + 1));
      Background<Long> there =
          transport.background(() -> receive(pair.server(), End.BLOCKING, SEED + 2));
      Background<Long> back =
          transport.background(() -> receive(pair.client(), End.BLOCKING, SEED + 3));

      assertThat(there.result(LONGEST)).as("seed %d", SEED).isEqualTo(total);
      assertThat(back.result(LONGEST)).as("seed %d", SEED).isEqualTo(total);
    }
  }

  private static TestTransport open(TransportKind kind, int capacityBytes) {
    return capacityBytes == DEFAULT_CAPACITY
        ? TestTransport.open(kind)
        : TestTransport.open(kind, capacityBytes);
  }

  private static long totalFor(int capacityBytes) {
    if (capacityBytes == DEFAULT_CAPACITY) {
      return 12 << 20;
    }
    return capacityBytes < 100 ? 1_200 : 2 << 20;
  }

  private static Void send(SocketChannel channel, End end, long total, long seed)
      throws IOException {
    Random random = new Random(seed);
    try (Selector selector = channel.provider().openSelector()) {
      SelectionKey key = end == End.SELECTING ? register(channel, selector) : null;
      long sent = 0;
      while (sent < total) {
        int size = (int) Math.min(total - sent, 1 + randomSize(random));
        ByteBuffer buffer =
            random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        for (int i = 0; i < size; i++) {
          buffer.put(i, pattern(sent + i));
        }
        sent += size;
        ByteBuffer[] parts = split(buffer, random);
        while (parts[1].hasRemaining()) {
          long count =
              random.nextBoolean() || !parts[0].hasRemaining()
                  ? channel.write(parts)
                  : channel.write(parts[0]);
          if (count == 0) {
            await(selector, key, SelectionKey.OP_WRITE);
          }
        }
      }
    }
    channel.shutdownOutput();
    return null;
  }

  /** Two halves, of which the first may be empty and the second is not. */
  private static ByteBuffer[] split(ByteBuffer buffer, Random random) {
    int at = random.nextInt(buffer.capacity());
    return new ByteBuffer[] {buffer.slice(0, at), buffer.slice(at, buffer.capacity() - at)};
  }

  private static long receive(SocketChannel channel, End end, long seed) throws IOException {
    Random random = new Random(seed);
    long received = 0;
    try (Selector selector = channel.provider().openSelector()) {
      SelectionKey key = end == End.SELECTING ? register(channel, selector) : null;
      while (true) {
        ByteBuffer buffer = ByteBuffer.allocate(1 + randomSize(random));
        long count =
            random.nextBoolean() ? channel.read(buffer) : channel.read(split(buffer, random));
        if (count < 0) {
          return received;
        }
        for (int i = 0; i < count; i++) {
          if (buffer.get(i) != pattern(received + i)) {
            throw new AssertionError("wrong byte at " + (received + i) + ", seed " + seed);
          }
        }
        received += count;
        if (count == 0) {
          await(selector, key, SelectionKey.OP_READ);
        }
      }
    }
  }

  private static SelectionKey register(SocketChannel channel, Selector selector)
      throws IOException {
    channel.configureBlocking(false);
    return channel.register(selector, 0);
  }

  private static void await(Selector selector, SelectionKey key, int op) throws IOException {
    if (key == null) {
      throw new AssertionError("a blocking call moved nothing");
    }
    key.interestOps(op);
    if (selector.select(Deadline.DEFAULT.toMillis()) == 0) {
      throw new AssertionError("never became ready for " + op + "\n" + Background.dump());
    }
    selector.selectedKeys().clear();
  }

  /** Mostly small, at times big. */
  private static int randomSize(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(BIGGEST_CHUNK);
      case 1 -> random.nextInt(70_000);
      default -> random.nextInt(300);
    };
  }

  /** The byte at a position of every stream; its period is no power of two. */
  private static byte pattern(long position) {
    long period = position % 65_521;
    return (byte) (period ^ (period >> 8));
  }
}
