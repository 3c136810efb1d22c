package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What connections do in a JVM that has little direct memory. */
class ScarceDirectMemoryTest {
  private static final String LIMIT = "-XX:MaxDirectMemorySize=8m";
  private static final int MIB = 1 << 20;
  private static final int FIRST_BLOCK_BYTES = 512;

  /** What the JDK keeps for a thread that read a file, and Netty for itself. */
  private static final int LITTLE_BYTES = 32 * 1024;

  @TempDir private Path directory;

  /** What the class prints, without what a logger says about itself. */
  private List<String> run(Class<?> main) throws IOException, InterruptedException {
    return ChildJvm.run(directory, main, LIMIT).stream()
        .filter(line -> !line.startsWith("SLF4J"))
        .toList();
  }

  @Test
  void allWritersFinishWhenTheirReadersRead() throws Exception {
    List<String> lines = run(ManyWriters.class);
    assertThat(lines).containsExactly("finished 100", "little is left");
  }

  /** A hundred blocking writers of 4 MiB each, and as many readers. */
  static final class ManyWriters {
    private ManyWriters() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        List<FutureTask<Long>> writing = new ArrayList<>();
        List<FutureTask<Long>> reading = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          SocketPair pair = network.socketPair();
          writing.add(start(() -> (long) pair.first().write(ByteBuffer.allocate(4 * MIB))));
          reading.add(start(() -> readAll(pair.second(), 4L * MIB)));
        }
        int finished = 0;
        for (int i = 0; i < 100; i++) {
          long written = writing.get(i).get(40, TimeUnit.SECONDS);
          long read = reading.get(i).get(40, TimeUnit.SECONDS);
          finished += written == 4L * MIB && read == 4L * MIB ? 1 : 0;
        }
        System.out.println("finished " + finished);
        // A writer and a reader that end at the same moment leave a ring to the housekeeping.
        Deadline.await(
            "little is left", () -> network.statistics().memoryInUseBytes() <= 100 * 8192);
        System.out.println("little is left");
      }
    }
  }

  /**
   * All direct memory is held by connections that nobody reads until another one has been: that one
   * must not wait for them.
   */
  @Test
  void aConnectionNeedsNoneOfTheMemoryOfUnreadOnes() throws Exception {
    assertThat(run(ReadLastFirst.class)).containsExactly("read 1048576", "in use 0");
  }

  /** Fills all memory with unread bytes, and then reads what was written last. */
  static final class ReadLastFirst {
    private ReadLastFirst() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        List<SocketPair> full = fill(network);
        SocketPair last = network.socketPair();
        FutureTask<Long> writing = start(() -> (long) last.first().write(ByteBuffer.allocate(MIB)));
        FutureTask<Long> reading = start(() -> readAll(last.second(), MIB));
        System.out.println("read " + reading.get(40, TimeUnit.SECONDS));
        writing.get(40, TimeUnit.SECONDS);
        for (SocketPair pair : full) {
          pair.close();
        }
        last.close();
        System.out.println("in use " + network.statistics().memoryInUseBytes());
      }
    }
  }

  /** A selecting writer is not told to write while there is no memory, and is when there is. */
  @Test
  void aSelectorDoesNotSpinAndWakesWhenMemoryIsBack() throws Exception {
    List<String> lines = run(SelectingWriter.class);
    assertThat(lines).containsExactly("ready without memory: 0", "ready again: 1", "taken: true");
  }

  /** Fills all memory with unread bytes, then reads one connection. */
  static final class SelectingWriter {
    private SelectingWriter() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open();
          Selector selector = network.provider().openSelector()) {
        List<SocketPair> full = fill(network);
        SocketChannel writer = full.get(full.size() - 1).first();
        writer.register(selector, SelectionKey.OP_WRITE);
        System.out.println("ready without memory: " + selector.select(300));
        readAll(full.get(0).second(), MIB);
        System.out.println("ready again: " + selector.select(20_000));
        System.out.println("taken: " + (writer.write(ByteBuffer.allocate(1_000)) > 0));
      }
    }
  }

  @Test
  void anErrorNamesTheLimitIfOthersHaveAllMemory() throws Exception {
    List<String> lines = run(OthersHaveAll.class);
    assertThat(lines.get(0)).contains("8388608").contains("-XX:MaxDirectMemorySize");
    assertThat(lines).hasSize(2).contains("later: 5");
  }

  /** Takes all direct memory, writes, and writes again when there is some. */
  static final class OthersHaveAll {
    private OthersHaveAll() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      Deque<ByteBuffer> others = takeAll();
      try (RingNetwork network = RingNetwork.open()) {
        SocketPair pair = network.socketPair();
        try {
          pair.first().write(ByteBuffer.allocate(5));
        } catch (IOException e) {
          System.out.println(e.getMessage());
        }
        while (others.poll() != null) {}
        pair.first().configureBlocking(false);
        try (Selector selector = network.provider().openSelector()) {
          pair.first().register(selector, SelectionKey.OP_WRITE);
          int taken = 0;
          while (taken == 0) {
            selector.select(20_000);
            taken = writeOrNot(pair.first());
          }
          System.out.println("later: " + taken);
        }
      }
    }

    private static int writeOrNot(SocketChannel channel) {
      try {
        return channel.write(ByteBuffer.allocate(5));
      } catch (IOException e) {
        return 0; // the collector has not been there yet
      }
    }
  }

  /** Nobody but the collector could free it, and nobody else asks for a collection. */
  @Test
  void memoryThatOthersDroppedIsCollected() throws Exception {
    assertThat(run(OthersDroppedMost.class)).containsExactly("finished 10");
  }

  /** Others drop nearly all memory; then ten streams follow one another. */
  static final class OthersDroppedMost {
    private OthersDroppedMost() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = unused()) {
        takeMost(); // and drop it
        System.out.println("finished " + stream(network, 10));
      }
    }
  }

  @Test
  void connectionsGoOnWithTheLittleThatOthersLeave() throws Exception {
    assertThat(run(OthersHaveMost.class)).containsExactly("finished 10", "others' 7536640");
  }

  /** Others hold nearly all memory while ten streams follow one another. */
  static final class OthersHaveMost {
    private OthersHaveMost() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = unused()) {
        Deque<ByteBuffer> others = takeMost();
        System.out.println("finished " + stream(network, 10));
        System.out.println(
            "others' " + others.stream().mapToLong(ByteBuffer::capacity).sum()); // are held so long
      }
    }
  }

  /** After an error the program drops what it holds: the next connection does not fail for it. */
  @Test
  void anErrorIsNotToldAgainBeforeTheSystemWasSearchedAgain() throws Exception {
    List<String> lines = run(DropsAfterAnError.class);
    assertThat(lines.get(0)).contains("-XX:MaxDirectMemorySize");
    assertThat(lines).hasSize(2).contains("finished 10");
  }

  /** Holds all memory until a connection fails. */
  static final class DropsAfterAnError {
    private DropsAfterAnError() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = unused()) {
        Deque<ByteBuffer> others = takeAll();
        try (SocketPair pair = network.socketPair()) {
          pair.first().write(ByteBuffer.allocate(5));
        } catch (IOException e) {
          System.out.println(e.getMessage());
        }
        while (others.poll() != null) {}
        System.out.println("finished " + stream(network, 10));
      }
    }
  }

  /** A network that knows the limit, since it met it, and holds nothing. */
  private static RingNetwork unused() throws IOException, InterruptedException {
    RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().idleMillis(10).build());
    for (SocketPair pair : fill(network)) {
      pair.close();
    }
    while (directBytes() > LITTLE_BYTES) {
      System.gc(); // frees the chunks of the time before Netty was there
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return network;
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Takes so much that less than the reserve is left, but more than a search asks for. */
  private static Deque<ByteBuffer> takeMost() {
    Deque<ByteBuffer> taken = new ArrayDeque<>();
    for (int i = 0; i < 115; i++) {
      taken.add(ByteBuffer.allocateDirect(MIB / 16));
    }
    return taken;
  }

  private static Deque<ByteBuffer> takeAll() {
    Deque<ByteBuffer> taken = takeMost();
    try {
      while (true) {
        taken.add(ByteBuffer.allocateDirect(4 * 1024));
      }
    } catch (OutOfMemoryError e) {
      return taken; // that was all
    }
  }

  /** Sends a megabyte through each of so many connections; returns how many arrived. */
  private static int stream(RingNetwork network, int connections) throws Exception {
    int finished = 0;
    for (int i = 0; i < connections; i++) {
      try (SocketPair pair = network.socketPair()) {
        FutureTask<Long> reading = start(() -> readAll(pair.second(), MIB));
        pair.first().write(ByteBuffer.allocate(MIB));
        finished += reading.get(40, TimeUnit.SECONDS) == MIB ? 1 : 0;
      }
    }
    return finished;
  }

  /** What dropped connections held comes back before memory runs out. */
  @Test
  void manyDroppedConnectionsDoNotUseUpAllMemory() throws Exception {
    assertThat(run(ManyDropped.class)).containsExactly("written 16300");
  }

  /** Writes a little into one connection after the other and drops them. */
  static final class ManyDropped {
    private static final int BYTES = 2_000;

    private ManyDropped() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      int written = 0;
      try (RingNetwork network = RingNetwork.open()) {
        for (int i = 0; i < 16_300; i++) {
          written += network.socketPair().first().write(ByteBuffer.allocate(BYTES)) / BYTES;
        }
      }
      System.out.println("written " + written);
    }
  }

  /**
   * Pairs whose writers do not block, with unread bytes; of the last, no more than a first block.
   */
  private static List<SocketPair> fill(RingNetwork network) throws IOException {
    List<SocketPair> full = new ArrayList<>();
    int taken;
    do {
      SocketPair pair = network.socketPair();
      pair.first().configureBlocking(false);
      taken = pair.first().write(ByteBuffer.allocate(MIB));
      full.add(pair);
    } while (taken > FIRST_BLOCK_BYTES);
    return full;
  }

  private static long readAll(SocketChannel channel, long count) throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(50_000);
    long total = 0;
    while (total < count) {
      total += channel.read(dst.clear());
    }
    return total;
  }

  private static <T> FutureTask<T> start(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  // -- sizes that are asked for

  @Test
  void sizesThatAreTooLargeAreCutDown() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().maxBufferBytes(2 * MIB).build();
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocketChannel server = network.provider().openServerSocketChannel();
        SocketChannel client = network.provider().openSocketChannel()) {
      server.setOption(StandardSocketOptions.SO_RCVBUF, Integer.MAX_VALUE);
      assertThat(server.getOption(StandardSocketOptions.SO_RCVBUF)).isEqualTo(2 * MIB);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      client.setOption(StandardSocketOptions.SO_SNDBUF, Integer.MAX_VALUE);
      assertThat(client.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(2 * MIB);
      client.connect(server.getLocalAddress());
      assertThat(client.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(2 * MIB);
      client.configureBlocking(false);
      ByteBuffer src = ByteBuffer.allocate(3 * MIB);
      assertThat(client.write(src)).isEqualTo(2 * MIB);
      assertThat(client.write(src)).isZero();
    }
  }
}
