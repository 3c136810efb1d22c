package io.nioring.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.nioring.RingNetwork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is done for each message allocates nothing, also before it is compiled. */
class SteadyPathAllocationTest {
  private static final int ROUNDS = 2_000;

  /** In bytes: the smallest object has two. What is loaded or made once disappears below it. */
  private static final double ONE_WORD = 8;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final RingNetwork network = RingNetwork.open();
  private final SocketChannel writer;
  private final SocketChannel reader;
  private final ByteBuffer one = ByteBuffer.allocateDirect(64);
  private final ByteBuffer[] several = {
    ByteBuffer.allocateDirect(16), ByteBuffer.allocate(0), ByteBuffer.allocate(48)
  };

  SteadyPathAllocationTest() {
    var ends = network.socketPair();
    writer = ends.first();
    reader = ends.second();
  }

  @AfterEach
  void close() throws IOException {
    writer.close();
    reader.close();
    network.close();
  }

  private interface Step {
    void run() throws IOException;
  }

  /** The bytes that a round allocates, on average. */
  private static double bytesOf(Step round) throws IOException {
    for (int i = 0; i < ROUNDS; i++) {
      round.run();
    }
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    for (int i = 0; i < ROUNDS; i++) {
      round.run();
    }
    return (double) (THREADS.getThreadAllocatedBytes(thread) - before) / ROUNDS;
  }

  @Test
  void readAndWrite() throws IOException {
    assertThat(
            bytesOf(
                () -> {
                  writer.write(one.clear());
                  reader.read(one.clear());
                }))
        .isLessThan(ONE_WORD);
  }

  @Test
  void gatherAndScatter() throws IOException {
    assertThat(
            bytesOf(
                () -> {
                  clearAll();
                  assertThat64(writer.write(several));
                  clearAll();
                  assertThat64(reader.read(several, 0, 3));
                }))
        .isLessThan(ONE_WORD);
  }

  private void clearAll() {
    for (ByteBuffer each : several) {
      each.clear();
    }
  }

  private static void assertThat64(long count) {
    if (count != 64) {
      throw new AssertionError(count);
    }
  }

  /** But for the iterator, which is the caller's. */
  @Test
  void select() throws IOException {
    reader.configureBlocking(false);
    try (Selector selector = network.provider().openSelector()) {
      reader.register(selector, SelectionKey.OP_READ);
      assertThat(
              bytesOf(
                  () -> {
                    writer.write(one.clear());
                    selector.select();
                    selector.selectedKeys().clear();
                    reader.read(one.clear());
                  }))
          .isLessThan(ONE_WORD);
    }
  }
}
