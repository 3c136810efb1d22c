package io.nioring.benchmark;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Measures what reading the table of sockets takes, and what it does to others: {@code SocketTable
 * <rows>}.
 *
 * <p>It makes that many rows, two a connection. Then the same thread, whose channels are in one
 * list with all these, connects, sends 64 bytes, closes, over and over, and takes note of how long
 * each such cycle took: first alone, then while another one makes as many objects that nothing else
 * uses, which tells what the scheduler and the collector hold up, and then while that one reads the
 * table.
 */
public final class SocketTable {
  private static final int READS = 40;
  private static final int ROW_LONGS = 16;

  /** So that it takes about as long as the table does. */
  private static final int PASSES = 4;

  private static final int MESSAGE_BYTES = 64;
  private static final int WARM_UP_CYCLES = 100_000;
  private static final int MOST_CYCLES = 20_000_000;

  private final RingNetwork network;
  private final int[] cycleNanos = new int[MOST_CYCLES];
  private volatile boolean reading = true;

  private SocketTable(RingNetwork network) {
    this.network = network;
  }

  /**
   * Runs the measurement.
   *
   * @param args the number of rows
   * @throws IOException if a connection fails
   * @throws InterruptedException if the measurement is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 1) {
      throw new IllegalArgumentException("usage: SocketTable <rows>");
    }
    try (RingNetwork network = RingNetwork.open()) {
      new SocketTable(network).measure(Integer.parseInt(args[0]));
    }
  }

  private void measure(int rows) throws IOException, InterruptedException {
    List<SocketChannel> held = new ArrayList<>();
    try (ServerSocketChannel listener = listen(1)) {
      for (int i = 0; i < rows / 2; i++) {
        SocketChannel client = network.provider().openSocketChannel();
        held.add(client);
        client.connect(listener.getLocalAddress());
        held.add(listener.accept());
      }
      cycles(WARM_UP_CYCLES, null);
      readTable();
      tell("cycles alone", cycles(2_000_000, null));
      long[] objects = cyclesBeside("cycles beside objects", () -> makeObjects(held.size()));
      long[] table = cyclesBeside("cycles beside the table", this::readTable);
      System.out.printf(
          Locale.ROOT,
          "objects: median %.1f ms, longest %.1f ms%n",
          objects[READS / 2] / 1e6,
          objects[READS - 1] / 1e6);
      System.out.printf(
          Locale.ROOT,
          "table of %,d rows: median %.1f ms, longest %.1f ms of %d reads%n",
          held.size(),
          table[READS / 2] / 1e6,
          table[READS - 1] / 1e6,
          READS);
    }
    for (SocketChannel each : held) {
      each.close();
    }
  }

  /** Returns the times of what is done beside the cycles. */
  private long[] cyclesBeside(String what, Supplier<long[]> other)
      throws IOException, InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    long[][] nanos = new long[1][];
    reading = true;
    Thread others = new Thread(() -> nanos[0] = timesOnceBegun(begun, other), "others");
    others.start();
    int count = cycles(MOST_CYCLES, begun);
    others.join();
    tell(what, count);
    return nanos[0];
  }

  private long[] timesOnceBegun(CountDownLatch begun, Supplier<long[]> other) {
    try {
      begun.await();
      return other.get();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      reading = false;
    }
  }

  private static long[] makeObjects(int rows) {
    return times(
        () -> {
          List<long[]> made = new ArrayList<>();
          for (int pass = 0; pass < PASSES; pass++) {
            made.clear();
            for (int i = 0; i < rows; i++) {
              made.add(new long[ROW_LONGS]);
            }
          }
          return made.isEmpty();
        });
  }

  private static long[] times(BooleanSupplier isEmpty) {
    long[] nanos = new long[READS];
    for (int i = 0; i < READS; i++) {
      long start = System.nanoTime();
      if (isEmpty.getAsBoolean()) {
        throw new IllegalStateException("the table is empty");
      }
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  private ServerSocketChannel listen(int port) throws IOException {
    return network
        .provider()
        .openServerSocketChannel()
        .bind(new InetSocketAddress("10.0.0.1", port));
  }

  /** The times of the reads, sorted. */
  private long[] readTable() {
    return times(() -> network.sockets().isEmpty());
  }

  /** Runs cycles, until the table was read if there is somebody to be told of the begin. */
  private int cycles(int most, CountDownLatch begun) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    int count = 0;
    try (ServerSocketChannel listener = listen(2)) {
      while (count < most && (begun == null || reading)) {
        long start = System.nanoTime();
        try (SocketChannel near = network.provider().openSocketChannel()) {
          near.connect(listener.getLocalAddress());
          try (SocketChannel far = listener.accept()) {
            near.write(bytes.clear());
            far.read(bytes.clear());
          }
        }
        cycleNanos[count++] = (int) Math.min(Integer.MAX_VALUE, System.nanoTime() - start);
        if (begun != null) {
          begun.countDown();
        }
      }
    }
    return count;
  }

  private void tell(String what, int count) {
    Arrays.sort(cycleNanos, 0, count);
    System.out.printf(
        Locale.ROOT,
        "%s: %,d; median %,d ns, 99.9 %% %,d ns, 99.999 %% %,d ns, longest %,d us%n",
        what,
        count,
        cycleNanos[count / 2],
        cycleNanos[(int) (count * 0.999)],
        cycleNanos[(int) (count * 0.99999)],
        TimeUnit.NANOSECONDS.toMicros(cycleNanos[count - 1]));
  }
}
