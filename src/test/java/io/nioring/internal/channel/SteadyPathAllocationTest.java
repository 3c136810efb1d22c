package io.nioring.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.internal.platform.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done for each message allocates nothing, also before it is compiled. */
class SteadyPathAllocationTest {
  @TempDir private Path directory;

  /** In a JVM of its own: a mock of one of our classes makes every call of it allocate. */
  @Test
  void allocatesNothingForEachMessage() throws Exception {
    assertThat(ChildJvm.run(directory, Program.class))
        .contains("write and read 0", "gather and scatter 0", "write, select and read 0");
  }

  /** Prints how many words each kind of round allocates. */
  static final class Program {
    private static final int ROUNDS = 2_000;
    private static final int WORD_BYTES = 8;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SocketPair pair;
    private final ByteBuffer one = ByteBuffer.allocateDirect(64);
    private final ByteBuffer[] several = {
      ByteBuffer.allocateDirect(16), ByteBuffer.allocate(0), ByteBuffer.allocate(48)
    };

    private Program(SocketPair pair) {
      this.pair = pair;
    }

    private interface Round {
      void run() throws IOException;
    }

    public static void main(String[] args) throws IOException {
      try (RingNetwork network = RingNetwork.open();
          SocketPair pair = network.socketPair();
          Selector selector = network.provider().openSelector()) {
        Program program = new Program(pair);
        print("write and read", program::writeAndRead);
        print("gather and scatter", program::gatherAndScatter);
        pair.second().configureBlocking(false).register(selector, SelectionKey.OP_READ);
        print("write, select and read", () -> program.select(selector));
      }
    }

    /** What is loaded or made once is less than a word a round. */
    @SuppressWarnings("SystemOut")
    private static void print(String name, Round round) throws IOException {
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }
      long thread = Thread.currentThread().getId();
      long before = THREADS.getThreadAllocatedBytes(thread);
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }
      long bytes = THREADS.getThreadAllocatedBytes(thread) - before;
      System.out.println(name + " " + bytes / WORD_BYTES / ROUNDS);
    }

    private void writeAndRead() throws IOException {
      pair.first().write(one.clear());
      pair.second().read(one.clear());
    }

    private void gatherAndScatter() throws IOException {
      clear();
      pair.first().write(several);
      clear();
      pair.second().read(several, 0, several.length);
    }

    private void clear() {
      for (ByteBuffer each : several) {
        each.clear();
      }
    }

    private void select(Selector selector) throws IOException {
      pair.first().write(one.clear());
      selector.select();
      selector.selectedKeys().clear();
      pair.second().read(one.clear());
    }
  }
}
