package io.nioring.internal.core;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.internal.platform.ChildJvm;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
