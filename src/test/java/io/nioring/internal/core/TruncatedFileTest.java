package io.nioring.internal.core;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.internal.platform.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file is cut short behind its mapping while it is written to a channel. The JVM tells that by an
 * error which may come late, so this runs in a JVM of its own.
 */
class TruncatedFileTest {
  @TempDir private Path directory;

  @Test
  void theReaderIsWokenAndTheWriterContinues() throws Exception {
    List<String> lines = ChildJvm.run(directory, Program.class);
    assertThat(lines).contains("woken", "written 5").hasSizeBetween(2, 5);
  }

  /** Writes some bytes and the mapping, beside a reader that waits. */
  static final class Program {
    private static final int BYTES = 16 * 1024;

    private Program() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      Path file = Files.createTempFile("truncated", null);
      Files.write(file, new byte[BYTES]);
      try (RingNetwork network = RingNetwork.open();
          FileChannel channel = FileChannel.open(file, READ, WRITE)) {
        SocketPair pair = network.socketPair();
        FutureTask<Integer> reading =
            new FutureTask<>(() -> pair.second().read(ByteBuffer.allocate(10)));
        Thread reader = new Thread(reading);
        reader.start();
        while (reader.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
        ByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, BYTES);
        channel.truncate(0);
        write(pair, mapped);
        reading.get(10, TimeUnit.SECONDS);
        System.out.println("woken");
        System.out.println("written " + pair.first().write(ByteBuffer.allocate(5)));
      } finally {
        Files.delete(file);
      }
    }

    private static void write(SocketPair pair, ByteBuffer mapped) throws Exception {
      try {
        pair.first().write(new ByteBuffer[] {ByteBuffer.allocate(10), mapped});
        TimeUnit.MILLISECONDS.sleep(1); // where the error comes at the latest
      } catch (InternalError e) {
        return; // that is it
      }
    }
  }

  /** The error may come when the bytes that were not copied are on their way already. */
  @Test
  void readersAreWokenAndSeeNoBytesOfOthers() throws Exception {
    assertThat(ChildJvm.run(directory, ManyMappings.class)).contains("right").hasSizeBetween(1, 4);
  }

  /** Writes mappings of truncated files, one connection each, beside a reader that selects. */
  static final class ManyMappings {
    private static final int BYTES = 256 * 1024;
    private static final byte OWN = 7;
    private static final byte OTHERS = 9;
    private static final int ROUNDS = 20;
    private static final int WARM_UP = 20_000;
    private static final long WAIT_SECONDS = 10;

    private ManyMappings() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        warmUp(network);
        for (int i = 0; i < ROUNDS; i++) {
          leaveBytes(network);
          round(network, i % 2 == 0 ? 0 : BYTES / 2);
        }
      }
      System.out.println("right");
    }

    private static void warmUp(RingNetwork network) throws IOException {
      try (SocketPair pair = network.socketPair()) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(100);
        for (int i = 0; i < WARM_UP; i++) {
          pair.first().write(bytes.clear());
          pair.second().read(bytes.clear());
        }
      }
    }

    /** What another connection sent stands in the memory that the next one gets. */
    private static void leaveBytes(RingNetwork network) throws IOException {
      byte[] bytes = new byte[BYTES];
      Arrays.fill(bytes, OTHERS);
      try (SocketPair pair = network.socketPair()) {
        pair.first().write(ByteBuffer.wrap(bytes));
      }
    }

    private static void round(RingNetwork network, int left) throws Exception {
      try (SocketPair pair = network.socketPair();
          Selector selector = network.provider().openSelector()) {
        pair.second().configureBlocking(false);
        pair.second().register(selector, SelectionKey.OP_READ);
        FutureTask<Integer> selecting = new FutureTask<>(selector::select);
        Thread thread = new Thread(selecting);
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
        try {
          pair.first().write(mapping(left));
        } catch (InternalError e) {
          pair.first().write(ByteBuffer.wrap(new byte[] {OWN}));
        }
        selecting.get(WAIT_SECONDS, TimeUnit.SECONDS);
        check(pair.second());
      }
    }

    private static ByteBuffer mapping(int left) throws IOException {
      byte[] bytes = new byte[BYTES];
      Arrays.fill(bytes, OWN);
      Path file = Files.createTempFile("truncated", null);
      Files.write(file, bytes);
      try (FileChannel channel = FileChannel.open(file, READ, WRITE, DELETE_ON_CLOSE)) {
        ByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, BYTES);
        channel.truncate(left);
        return mapped;
      }
    }

    private static void check(SocketChannel channel) throws IOException {
      ByteBuffer read = ByteBuffer.allocate(BYTES + 1);
      assertThat(channel.read(read)).isPositive();
      for (int i = 0; i < read.position(); i++) {
        assertThat(read.get(i)).as("byte %d", i).isEqualTo(OWN);
      }
    }
  }
}
