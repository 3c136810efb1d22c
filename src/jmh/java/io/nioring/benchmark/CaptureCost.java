package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.observe.Capture;
import io.nioring.observe.CaptureOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a packet capture costs, and how much it keeps up with: {@code CaptureCost <folder>
 * <seconds>}, where the folder is one of a tmpfs, such as {@code /dev/shm}, and each rate is kept
 * up for as long.
 *
 * <p>One thread writes and reads at the other end, without blocking. First the processor time of
 * its calls with 64 bytes, without and with a capture, in bursts that the queue has room for. Then
 * how many packets, and how many bytes, a second come into the file: at a given rate, where none
 * may be dropped, and with a program that waits for the capture ({@code block}).
 */
public final class CaptureCost {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final int MOST_BURSTS = 60;
  private static final int BURSTS_A_SECOND = 15;
  private static final int BURST = 20_000;
  private static final int ROUNDS = 3;
  private static final long PAUSE_MILLIS = 30;
  private static final int SMALL = 64;
  private static final int LARGE = 65_536;
  private static final long SLICE_NANOS = 1_000_000;
  private static final int MOST_OF_A_SLICE = 20_000;
  private static final List<Double> PACKET_RATES = List.of(250e3, 500e3, 750e3);
  private static final List<Double> BYTE_RATES = List.of(200e6, 400e6, 600e6, 800e6);

  private final Path file;
  private final long rateNanos;
  private final int bursts;

  private CaptureCost(Path file, double seconds) {
    this.file = file;
    this.rateNanos = (long) (seconds * 1e9);
    this.bursts = Math.max(1, Math.min(MOST_BURSTS, (int) (BURSTS_A_SECOND * seconds)));
  }

  /**
   * Runs the measurement.
   *
   * @param args the folder and the seconds
   * @throws IOException if a connection or the capture fails
   * @throws InterruptedException if the measurement is interrupted
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(Path.of(args[0]), "capture");
    CaptureCost cost = new CaptureCost(folder.resolve("c.pcapng"), Double.parseDouble(args[1]));
    try {
      cost.measureAll();
    } finally {
      cost.deleteFiles();
      Files.delete(folder);
    }
  }

  private void measureAll() throws IOException, InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      measureOperations();
    }
    for (double rate : PACKET_RATES) {
      measureRate(SMALL, rate, false);
    }
    measureRate(SMALL, Double.POSITIVE_INFINITY, true);
    for (double rate : BYTE_RATES) {
      measureRate(LARGE, rate / LARGE, false);
    }
    measureRate(LARGE, Double.POSITIVE_INFINITY, true);
  }

  private void deleteFiles() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(file.getParent())) {
      for (Path each : files) {
        Files.delete(each);
      }
    }
  }

  private Capture capture(RingNetwork network, boolean blocking) throws IOException {
    return Capture.start(network, file, CaptureOptions.builder().blocking(blocking).build());
  }

  private void measureOperations() throws IOException, InterruptedException {
    try (RingNetwork network = RingNetwork.open();
        ConnectedPair ends = connect(network)) {
      double off = nanosOfAnOperation(ends);
      Capture capture = capture(network, false);
      try (capture) {
        nanosOfAnOperation(ends);
        double on = nanosOfAnOperation(ends);
        System.out.printf(
            Locale.ROOT,
            "64 B, ns an operation: without %.1f, captured %.1f (%+.1f), %,d packets dropped%n",
            off,
            on,
            on - off,
            capture.droppedPackets());
      }
    }
    deleteFiles();
  }

  private void measureRate(int bytes, double exchangesPerSecond, boolean blocking)
      throws IOException {
    try (RingNetwork network = RingNetwork.open();
        ConnectedPair ends = connect(network)) {
      Capture capture = capture(network, blocking);
      long start = System.nanoTime();
      long count;
      try (capture) {
        count = exchangeAtRate(ends, bytes, exchangesPerSecond);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%,d B, %s: %,.0f exchanges a second; %,.0f packets and %,.1f MB a second written, %,d"
              + " packets dropped%n",
          bytes,
          blocking ? "block" : String.format(Locale.ROOT, "%,.0f a second", exchangesPerSecond),
          count / seconds,
          capture.packets() / seconds,
          capture.bytes() / seconds / 1e6,
          capture.droppedPackets());
    }
    deleteFiles();
  }

  private static ConnectedPair connect(RingNetwork network) throws IOException {
    try (ServerSocketChannel listener = network.provider().openServerSocketChannel()) {
      listener.bind(new InetSocketAddress("10.0.0.1", 1));
      SocketChannel client = network.provider().openSocketChannel();
      client.connect(listener.getLocalAddress());
      return new ConnectedPair(client, listener.accept()).nonBlocking();
    }
  }

  private double nanosOfAnOperation(ConnectedPair ends) throws IOException, InterruptedException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(SMALL);
    long[] nanos = new long[bursts];
    for (int burst = 0; burst < bursts; burst++) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < BURST; i++) {
        exchange(ends, bytes);
      }
      nanos[burst] = THREADS.getCurrentThreadCpuTime() - start;
      Thread.sleep(PAUSE_MILLIS); // in which the queue is emptied
    }
    Arrays.sort(nanos);
    return nanos[bursts / 2] / 2.0 / BURST;
  }

  /** Returns how many exchanges there were. */
  private long exchangeAtRate(ConnectedPair ends, int size, double perSecond) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(size);
    long start = System.nanoTime();
    long end = start + rateNanos;
    long count = 0;
    for (long now = start; now < end; now = System.nanoTime()) {
      double due = Math.min((now - start) * perSecond / 1e9, (double) (count + MOST_OF_A_SLICE));
      for (; count < due; count++) {
        exchange(ends, bytes);
      }
      if (!Double.isInfinite(perSecond)) {
        LockSupport.parkNanos(SLICE_NANOS);
      }
    }
    return count;
  }

  private static void exchange(ConnectedPair ends, ByteBuffer bytes) throws IOException {
    ends.client().write(bytes.clear());
    if (bytes.hasRemaining()) {
      throw new IOException("the connection is full");
    }
    bytes.clear();
    while (bytes.hasRemaining()) {
      ends.server().read(bytes);
    }
  }
}
