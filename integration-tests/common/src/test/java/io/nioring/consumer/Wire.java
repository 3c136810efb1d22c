package io.nioring.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Proves over which wire this JVM's connections travel: the rings' and not the kernel's.
 *
 * <p>The proof is what the JVM-wide network counts, and what the kernel lists as this process'
 * sockets: in mode {@code ring} none at all, in mode {@code hybrid} none that is connected. The
 * kernel is asked now and then by a thread of its own, and each time that a test says so. Where the
 * tests run on the platform's provider, to see what it makes of them, there is nothing to prove.
 */
public final class Wire implements AutoCloseable {
  private static final String RUN = System.getProperty("consumer.wire", "");
  private static final long DEADLINE_SECONDS = 10;
  private static final long LOOK_EVERY_MILLIS = 25;
  private static final int LOOKS_FOR_DATAGRAMS = 4;

  private final RingNetworkStatistics before;
  private final List<String> seen = new ArrayList<>();
  private final Thread watcher;

  private Wire() {
    before = isPlatform() ? null : network();
    watcher = new Thread(this::watchKernel, "kernel-watcher");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Begins to watch; what happened before does not count. */
  public static Wire watch() {
    return new Wire();
  }

  /** Whether the tests run on the platform's provider. */
  public static boolean isPlatform() {
    return RUN.equals("platform");
  }

  /** Whether the tests run in mode ring, where nothing is known to the kernel. */
  public static boolean isRing() {
    return RUN.equals("ring");
  }

  private static RingNetworkStatistics network() {
    return assertInstanceOf(RingSelectorProvider.class, SelectorProvider.provider())
        .network()
        .statistics();
  }

  /** How many connections were made over rings since. */
  public long connections() {
    return isPlatform() ? 0 : network().ringConnections() - before.ringConnections();
  }

  /** How many bytes were read from rings since. */
  public long bytes() {
    return isPlatform() ? 0 : network().ringBytes() - before.ringBytes();
  }

  /**
   * Asserts that rings carried at least so much, and the kernel nothing. What an end that is just
   * closing has read may be counted a moment later.
   */
  public void ringsCarried(long leastConnections, long leastBytes) throws InterruptedException {
    noKernelConnections();
    if (isRing()) {
      noKernelDatagrams(); // nothing of the program's is in the kernel
    }
    if (!isPlatform()) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (connections() < leastConnections || bytes() < leastBytes) {
        assertTrue(
            System.nanoTime() < deadline,
            () -> connections() + " connections and " + bytes() + " bytes over rings");
        Thread.sleep(1);
      }
    }
  }

  /**
   * Asserts that this process has no UDP socket in the kernel. One that is gone a moment later does
   * not count: the system's resolver opens some to learn which addresses can be reached.
   */
  public void noKernelDatagrams() throws InterruptedException {
    if (!isPlatform()) {
      List<String> stay = KernelSockets.datagrams();
      for (int i = 0; i < LOOKS_FOR_DATAGRAMS && !stay.isEmpty(); i++) {
        Thread.sleep(LOOK_EVERY_MILLIS);
        stay.retainAll(KernelSockets.datagrams());
      }
      assertEquals(List.of(), stay, "UDP sockets of this process in the kernel");
    }
  }

  /** Asserts that the kernel has carried nothing so far. */
  public void noKernelConnections() {
    lookAtKernel();
    synchronized (seen) {
      assertEquals(List.of(), seen, "sockets of this process in the kernel");
    }
    if (!isPlatform()) {
      RingNetworkStatistics now = network();
      assertEquals(before.kernelConnections(), now.kernelConnections(), "kernel connects");
      assertEquals(before.kernelAccepted(), now.kernelAccepted(), "accepted from the kernel");
    }
  }

  private void watchKernel() {
    try {
      while (true) {
        lookAtKernel();
        Thread.sleep(LOOK_EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      return;
    }
  }

  private void lookAtKernel() {
    if (isPlatform()) {
      return;
    }
    List<String> found = new ArrayList<>(KernelSockets.connected());
    if (isRing()) {
      found.addAll(KernelSockets.listening());
    }
    synchronized (seen) {
      for (String socket : found) {
        if (!seen.contains(socket)) {
          seen.add(socket);
        }
      }
    }
  }

  /** Ends watching. */
  @Override
  public void close() throws InterruptedException {
    watcher.interrupt();
    watcher.join(60_000);
    assertFalse(watcher.isAlive());
  }
}
