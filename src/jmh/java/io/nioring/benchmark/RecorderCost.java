package io.nioring.benchmark;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.text.ParseException;
import java.util.Locale;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/**
 * Measures what Flight Recorder costs reads and writes that stay below its thresholds: {@code
 * RecorderCost <batches>}, before a recording, during one with {@code default.jfc}, and after it.
 *
 * <p>One thread writes 64 bytes and reads them at the other end. A figure is the best of the
 * batches, of one operation, in processor time of the thread; 60 batches tell something.
 */
public final class RecorderCost {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final int BATCH = 200_000;
  private static final int MESSAGE_BYTES = 64;
  private static final long SWITCH_MILLIS = 3000;

  private final int batches;
  private final SocketChannel near;
  private final SocketChannel far;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(MESSAGE_BYTES);

  private RecorderCost(int batches, SocketChannel near, SocketChannel far) {
    this.batches = batches;
    this.near = near;
    this.far = far;
  }

  /**
   * Runs the measurement.
   *
   * @param args the number of batches
   * @throws IOException if a connection fails
   * @throws ParseException if the JDK's own settings cannot be read
   * @throws InterruptedException if the measurement is interrupted
   */
  public static void main(String[] args) throws IOException, ParseException, InterruptedException {
    try (RingNetwork network = RingNetwork.open();
        ServerSocketChannel listener = network.provider().openServerSocketChannel();
        SocketChannel near = network.provider().openSocketChannel()) {
      listener.bind(new InetSocketAddress("10.0.0.1", 1));
      near.connect(listener.getLocalAddress());
      try (SocketChannel far = listener.accept()) {
        near.configureBlocking(false);
        far.configureBlocking(false);
        new RecorderCost(Integer.parseInt(args[0]), near, far).measure();
      }
    }
  }

  private void measure() throws IOException, ParseException, InterruptedException {
    best();
    double before = best();
    double during;
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.start();
      Thread.sleep(SWITCH_MILLIS); // until connections that are there are recorded
      best();
      during = best();
    }
    Thread.sleep(SWITCH_MILLIS);
    best();
    double after = best();
    System.out.printf(
        Locale.ROOT,
        "ns an operation: before %.1f, recording %.1f (%+.1f), after %.1f (%.3f of before's"
            + " speed)%n",
        before,
        during,
        during - before,
        after,
        before / after);
  }

  private double best() throws IOException {
    long best = Long.MAX_VALUE;
    for (int batch = 0; batch < batches; batch++) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < BATCH; i++) {
        near.write(bytes.clear());
        far.read(bytes.clear());
      }
      best = Math.min(best, THREADS.getCurrentThreadCpuTime() - start);
    }
    return best / 2.0 / BATCH;
  }
}
