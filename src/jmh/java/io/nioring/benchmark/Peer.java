package io.nioring.benchmark;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The thread at the other end of a two-thread workload: it repeats one step until {@link #close}.
 *
 * <p>When the step fails of itself, the peer closes what it waits for, so that the measured thread
 * fails too instead of waiting for ever, and {@code close} throws what went wrong.
 */
final class Peer implements AutoCloseable {
  /** What a peer does over and over. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private static final long JOIN_MILLIS = TimeUnit.SECONDS.toMillis(30);

  private final Step step;
  private final Closeable[] waitedFor;
  private final Thread thread = new Thread(this::repeatStep, "benchmark-peer");
  private volatile boolean stopping;
  private volatile Exception failure;

  private Peer(Step step, Closeable[] waitedFor) {
    this.step = step;
    this.waitedFor = waitedFor;
  }

  /**
   * Starts a peer.
   *
   * @param step what it repeats
   * @param waitedFor the channels and selectors that the step may be waiting for; closing the peer
   *     closes them
   */
  static Peer start(Step step, Closeable... waitedFor) {
    Peer peer = new Peer(step, waitedFor);
    peer.thread.setDaemon(true);
    peer.thread.start();
    return peer;
  }

  private void repeatStep() {
    try {
      while (!stopping) {
        step.run();
      }
    } catch (IOException | RuntimeException e) {
      if (!stopping) {
        failure = e;
        closeWaitedFor();
      }
    }
  }

  private void closeWaitedFor() {
    for (Closeable each : waitedFor) {
      try {
        each.close();
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    stopping = true;
    closeWaitedFor();
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new IOException("the peer still runs " + JOIN_MILLIS + " ms after its channels closed");
    }
    if (failure != null) {
      throw new IOException("the peer failed", failure);
    }
  }
}
