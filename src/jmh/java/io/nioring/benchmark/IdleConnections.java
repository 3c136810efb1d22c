package io.nioring.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.Locale;

/**
 * Measures what connections cost that do nothing: {@code IdleConnections <transport> <count>}.
 *
 * <p>It connects that many, registers both ends of each with one selector, and prints the memory of
 * one connection (two channels and two keys), how long making one took, and what a round trip of
 * ten active ones beside them and an empty {@code selectNow} take. A million ring connections want
 * a heap of about 2 GiB.
 */
public final class IdleConnections {
  private static final int ACTIVE = 10;
  private static final int MESSAGE_BYTES = 64;
  private static final int WARM_UP_ROUNDS = 20_000;
  private static final int ROUNDS = 50_000;
  private static final int COLLECTIONS = 4;

  private IdleConnections() {}

  /**
   * Runs the measurement.
   *
   * @param args the transport and the number of connections
   * @throws IOException if a connection fails
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: IdleConnections <transport> <count>");
    }
    measure(args[0], Integer.parseInt(args[1]), System.out);
  }

  private static void measure(String name, int count, PrintStream out) throws IOException {
    try (Transport transport = Transport.open(name);
        Selector selector = transport.openSelector();
        ConnectionField field = new ConnectionField(transport, count)) {
      EchoLoop loop = new EchoLoop(selector);
      transport.connectPair().close(); // loads the classes, so that they are not counted below

      long heapBefore = usedHeapBytes();
      long directBefore = directBytes(transport);
      long start = System.nanoTime();
      field.connectAll(loop);
      selector.selectNow();
      long connectNanos = System.nanoTime() - start;
      long heap = usedHeapBytes() - heapBefore;
      long direct = directBytes(transport) - directBefore;

      int size = field.size();
      out.printf(
          Locale.ROOT,
          "%-10s %,9d connections: %,5d B heap and %,d B direct memory each, made in %.2f us"
              + " each%n",
          name,
          size,
          heap / size,
          direct / size,
          connectNanos / 1e3 / size);
      out.printf(
          Locale.ROOT,
          "%-10s %,9d connections: round trip of %d active ones %.0f ns each, selectNow %.0f ns%n",
          name,
          size,
          ACTIVE,
          roundTripNanos(field, loop),
          selectNowNanos(selector));
    }
  }

  private static double roundTripNanos(ConnectionField field, EchoLoop loop) throws IOException {
    int active = Math.min(ACTIVE, field.size());
    ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    long start = 0;
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      if (round == 0) {
        start = System.nanoTime();
      }
      for (int i = 0; i < active; i++) {
        request.rewind();
        field.client(i).write(request);
      }
      loop.serveUntilAnswered(active * MESSAGE_BYTES);
    }
    return (System.nanoTime() - start) / (double) (ROUNDS * active);
  }

  private static double selectNowNanos(Selector selector) throws IOException {
    long start = 0;
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      if (round == 0) {
        start = System.nanoTime();
      }
      selector.selectNow();
    }
    return (System.nanoTime() - start) / (double) ROUNDS;
  }

  private static long usedHeapBytes() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Direct memory of the JDK's buffers and, since the pool has its own accounts, of the rings. */
  private static long directBytes(Transport transport) {
    return transport.ringMemoryBytes()
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }
}
