package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same random operations on the platform's plain sockets and asynchronous channels and on ours,
 * step by step, with readers and writers on threads of their own: reads that wait, writes that find
 * no room, timeouts, and what ends them from another thread: bytes, a shutdown or close of either
 * end, a reset, an interrupt, a cancel. Every outcome must be the same.
 *
 * <p>The test counts the bytes on their way, so it knows which of the pending operations must have
 * ended after a step. It waits for these alone, and before a step that ends operations from outside
 * until the others sleep.
 *
 * <p>A run is a row of episodes, each with a connection of its own. A failure tells the seed of its
 * episode: run again with {@code -Dtest.seed} set to it, the first episode repeats the failure. The
 * property {@code test.comparison.episodes} sets the number of episodes, and {@code
 * test.comparison.itself} compares the platform with itself.
 */
@SuppressWarnings("try") // an interrupt of a close fails the test, as it should
class ThreadedComparisonTest {
  private static final long SEED = Long.getLong("test.seed", 1L);
  private static final int EPISODES = Integer.getInteger("test.comparison.episodes", 6);
  private static final boolean ITSELF = Boolean.getBoolean("test.comparison.itself");

  /** What is compared with the platform's. */
  enum Kind {
    PLAIN_RING,
    PLAIN_HYBRID,
    PLAIN_RING_VIRTUAL,
    FUTURES_RING,
    FUTURES_HYBRID,
    HANDLERS_RING,
    HANDLERS_HYBRID;

    boolean isPlain() {
      return this == PLAIN_RING || this == PLAIN_HYBRID || this == PLAIN_RING_VIRTUAL;
    }

    boolean isHybrid() {
      return this == PLAIN_HYBRID || this == FUTURES_HYBRID || this == HANDLERS_HYBRID;
    }

    boolean isByHandlers() {
      return this == HANDLERS_RING || this == HANDLERS_HYBRID;
    }

    boolean isVirtual() {
      return this == PLAIN_RING_VIRTUAL;
    }

    /** Whether what disturbs a pending operation closes its end. */
    boolean disturbanceCloses() {
      return isVirtual() || isByHandlers();
    }
  }

  static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
    if (!ThreadKind.available().contains(ThreadKind.VIRTUAL)) {
      kinds.remove(Kind.PLAIN_RING_VIRTUAL);
    }
    return kinds;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  @Timeout(600)
  void oursDoWhatThePlatformsDo(Kind kind) throws Exception {
    for (int i = 0; i < EPISODES; i++) {
      try (Ends platform = open(kind, true);
          Ends ours = open(kind, ITSELF)) {
        new Episode(kind, platform, ours, SEED + i).run();
      }
    }
  }

  private static Ends open(Kind kind, boolean platform) throws Exception {
    ByteStream there = new ByteStream();
    ByteStream back = new ByteStream();
    if (kind.isPlain()) {
      SocketWorld world =
          new SocketWorld(
              platform
                  ? SocketWorld.Kind.PLATFORM
                  : kind.isHybrid() ? SocketWorld.Kind.HYBRID : SocketWorld.Kind.RING);
      SocketWorld.Pair pair = world.pair();
      ThreadKind threads = kind.isVirtual() ? ThreadKind.VIRTUAL : ThreadKind.PLATFORM;
      return new Ends(
          List.of(
              new PlainEnd(atOnce(pair.client()), threads, there, back),
              new PlainEnd(atOnce(pair.server()), threads, back, there)),
          world);
    }
    AsynchronousWorld world =
        new AsynchronousWorld(
            platform
                ? AsynchronousWorld.Kind.PLATFORM
                : kind.isHybrid() ? AsynchronousWorld.Kind.HYBRID : AsynchronousWorld.Kind.RING);
    AsynchronousWorld.Pair pair = world.pair();
    return new Ends(
        List.of(
            new AsynchronousEnd(atOnce(pair.client()), kind.isByHandlers(), there, back),
            new AsynchronousEnd(atOnce(pair.server()), kind.isByHandlers(), back, there)),
        world);
  }

  /** Without this a small write may wait for the answer to the one before it. */
  private static Socket atOnce(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static AsynchronousSocketChannel atOnce(AsynchronousSocketChannel channel)
      throws IOException {
    return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** The two ends of a connection of one side of the comparison. */
  private record Ends(List<? extends ThreadedEnd> ends, AutoCloseable world)
      implements AutoCloseable {
    @Override
    public void close() throws Exception {
      for (ThreadedEnd end : ends) {
        end.close();
      }
      world.close();
    }
  }

  /** An operation that is under way on both sides. */
  private record Operation(
      String what,
      boolean reads,
      int bytes,
      ThreadedEnd.Pending platforms,
      ThreadedEnd.Pending ours) {}

  /** What is known of an end. */
  private static final class End {
    private final int number;

    /** What was sent to this end and that no read that has ended has taken. */
    private int inFlight;

    private boolean closed;
    private boolean inputShut;
    private boolean outputShut;
    private boolean readsAreOver;
    private Operation reading;
    private Operation writing;

    End(int number) {
      this.number = number;
    }
  }

  /** One run on a fresh connection. */
  private static final class Episode {
    private static final int STEPS = 40;
    private static final int MOST_IN_FLIGHT = 30_000;
    private static final int SMALL = 3_000;

    /** More than buffers hold on the way. */
    private static final int LARGE = 24 << 20;

    private static final int TIMEOUT_MILLIS = 20;

    private final Kind kind;
    private final Ends platform;
    private final Ends ours;
    private final long seed;
    private final Random random;
    private final List<End> ends = List.of(new End(0), new End(1));
    private final List<String> log = new ArrayList<>();

    /** Nobody knows how much of a write that failed has come through. */
    private boolean over;

    Episode(Kind kind, Ends platform, Ends ours, long seed) {
      this.kind = kind;
      this.platform = platform;
      this.ours = ours;
      this.seed = seed;
      this.random = new Random(seed);
    }

    void run() throws Exception {
      try {
        for (int i = 0; i < STEPS && !over && !(ends.get(0).closed && ends.get(1).closed); i++) {
          step(ends.get(random.nextInt(2)));
          resolve();
        }
      } catch (AssertionError e) {
        throw new AssertionError(
            "%s; -Dtest.seed=%d repeats it%n%s"
                .formatted(e.getMessage(), seed, String.join("\n", log)),
            e);
      }
    }

    private End peerOf(End end) {
      return ends.get(1 - end.number);
    }

    private void step(End end) throws Exception {
      int choice = random.nextInt(100);
      if (choice < 34) {
        write(end, 1 + random.nextInt(SMALL));
      } else if (choice < 68) {
        read(end, 1 + random.nextInt(SMALL));
      } else if (choice < 74) {
        readWithTimeout(end);
      } else if (choice < 79) {
        writeTooMuch(end);
      } else if (choice < 84) {
        drain(end);
      } else if (choice < 90) {
        disturb(end);
      } else if (choice < 96) {
        shutdown(end);
      } else {
        close(end);
      }
    }

    private void write(End end, int bytes) {
      if (end.writing == null && peerOf(end).inFlight + bytes <= MOST_IN_FLIGHT) {
        beginWrite(end, bytes);
      }
    }

    private void beginWrite(End end, int bytes) {
      End peer = peerOf(end);
      end.writing = begin(end, "write " + bytes, false, bytes, each -> each.write(bytes));
      if (!end.outputShut && !end.closed && !peer.closed) {
        peer.inFlight += bytes;
      }
    }

    /**
     * To a peer that might read: what the others take is the kernel's buffers, and known to differ.
     */
    private void writeTooMuch(End end) {
      End peer = peerOf(end);
      if (end.writing == null && peer.inFlight < LARGE && !peer.closed && !peer.inputShut) {
        beginWrite(end, LARGE);
      }
    }

    private void read(End end, int bytes) {
      if (end.reading == null) {
        end.reading = begin(end, "read " + bytes, true, bytes, each -> each.read(bytes, 0));
      }
    }

    private void readWithTimeout(End end) {
      int bytes = end.inFlight + 1;
      if (end.reading == null && peerOf(end).writing == null) { // else it would go on to write
        end.reading =
            begin(
                end,
                "read with timeout " + bytes,
                true,
                bytes,
                each -> each.read(bytes, TIMEOUT_MILLIS));
        endOf(end, end.reading);
        end.reading = null;
        end.readsAreOver |= !kind.isPlain();
      }
    }

    /** Reads all there is. */
    private void drain(End end) {
      if (end.inFlight > 0) {
        read(end, end.inFlight);
      }
    }

    private Operation begin(
        End end,
        String what,
        boolean reads,
        int bytes,
        Function<ThreadedEnd, ThreadedEnd.Pending> how) {
      String full = end.number + ": " + what;
      log.add(full);
      return new Operation(
          full,
          reads,
          bytes,
          how.apply(platform.ends().get(end.number)),
          how.apply(ours.ends().get(end.number)));
    }

    /**
     * Whether an end of one of the sides would meet a reset in a read and a write at once: the
     * kernel tells one of them, whichever comes first.
     */
    private boolean resetsTwo(End closing) {
      End peer = peerOf(closing);
      return peer.reading != null && peer.writing != null;
    }

    private void disturb(End end) throws Exception {
      Operation pending =
          end.writing == null || (end.reading != null && random.nextBoolean())
              ? end.reading
              : end.writing;
      if (pending == null || (kind.disturbanceCloses() && resetsTwo(end))) {
        return;
      }
      settle();
      log.add("disturb " + pending.what);
      platform.ends().get(end.number).disturb(pending.platforms);
      ours.ends().get(end.number).disturb(pending.ours);
      if (kind.disturbanceCloses()) {
        end.closed = true;
      } else if (!kind.isPlain()) {
        endOf(end, pending);
        if (pending.reads) {
          end.reading = null;
          end.readsAreOver = true;
        } else {
          over = true;
        }
      }
    }

    private void shutdown(End end) throws Exception {
      if (random.nextBoolean() && peerOf(end).writing == null) {
        both(end, "shut input", ThreadedEnd::shutdownInput);
        end.inputShut = true;
      } else {
        both(end, "shut output", ThreadedEnd::shutdownOutput);
        end.outputShut = true;
      }
    }

    private void close(End end) throws Exception {
      if (resetsTwo(end)) {
        return;
      }
      if (random.nextInt(3) == 0) {
        both(end, "reset", ThreadedEnd::reset);
      } else {
        both(end, "close", ThreadedEnd::closed);
      }
      end.closed = true;
    }

    private void both(End end, String what, Function<ThreadedEnd, String> operation)
        throws Exception {
      settle();
      String full = end.number + ": " + what;
      String expected = operation.apply(platform.ends().get(end.number));
      log.add(full + " -> " + expected);
      assertThat(operation.apply(ours.ends().get(end.number))).as(full).isEqualTo(expected);
    }

    /** Waits until what is pending has taken what there is, and sleeps. */
    private void settle() throws Exception {
      for (End end : ends) {
        for (Operation each : pending(end)) {
          for (ThreadedEnd.Pending side : List.of(each.platforms, each.ours)) {
            if (each.reads) {
              Deadline.await(each.what, () -> side.received() == end.inFlight);
            }
            side.task().awaitBlockedIn(platform.ends().get(0).sleepsIn(each.reads));
          }
        }
      }
    }

    private static List<Operation> pending(End end) {
      List<Operation> pending = new ArrayList<>();
      if (end.reading != null) {
        pending.add(end.reading);
      }
      if (end.writing != null) {
        pending.add(end.writing);
      }
      return pending;
    }

    /** Waits for what must have ended. */
    private void resolve() {
      for (End end : ends) {
        if (end.reading != null && mustReadEnd(end)) {
          String outcome = endOf(end, end.reading);
          over |= !kind.isPlain() && outcome.contains("Connection reset"); // told once or for ever
          end.reading = null;
        }
      }
      for (End end : ends) {
        if (end.writing != null && mustWriteEnd(end)) {
          String outcome = endOf(end, end.writing);
          over |= end.writing.bytes == LARGE && !outcome.matches("all.*|\\d{2,} bytes.*");
          end.writing = null;
        }
      }
    }

    private boolean mustReadEnd(End end) {
      End peer = peerOf(end);
      return end.inFlight >= end.reading.bytes
          || end.closed
          || end.inputShut
          || end.readsAreOver
          || peer.closed
          || (peer.outputShut && peer.writing == null);
    }

    private boolean mustWriteEnd(End end) {
      End peer = peerOf(end);
      return end.writing.bytes < LARGE
          || end.closed
          || end.outputShut
          || peer.closed
          || peer.inFlight == 0;
    }

    /** Waits for the end of an operation on both sides, which must be the same. */
    private String endOf(End end, Operation operation) {
      String expected = operation.platforms.task().result();
      log.add(operation.what + " -> " + expected);
      assertThat(operation.ours.task().result()).as(operation.what).isEqualTo(expected);
      if (operation.reads) {
        end.inFlight -= operation.platforms.received();
      }
      return expected;
    }
  }
}
