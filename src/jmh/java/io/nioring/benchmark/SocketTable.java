package io.nioring.benchmark;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Measures what reading the table of sockets takes, and how long it holds others up: {@code
 * SocketTable inet|unix <connections> <windows>}.
 *
 * <p>Beside that many idle connections one thread is busy, first with 64 bytes there and back, then
 * with connecting and closing. In each window the present thread does one thing, and the longest
 * time that the busy one was held up is noted: it looks at the table, or does something that
 * touches nothing of the network, which tells what others do, such as the scheduler, the compiler
 * and the collector. The windows take turns, so that a machine that becomes slower slows them all.
 * Told are the median, the quartiles, the least and the greatest of the windows.
 */
public final class SocketTable {
  /** What is done in a window. */
  enum Act {
    SLEEP("nothing"),
    SPIN("a busy processor"),
    TABLE("sockets()"),
    LISTING("ss -a by the MBean"),
    STATISTICS("statistics()");

    private final String text;

    Act(String text) {
      this.text = text;
    }
  }

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

  private static final int BACKLOG = 128;

  /**
   * About what a listing of 100,000 connections takes, so that as many collections fall into it.
   */
  private static final long ACT_MILLIS = 100;

  private static final long WARM_UP_MILLIS = 3000;
  private static final int WARM_UP_WINDOWS = 15;

  private final RingNetwork network;
  private final int windows;
  private final ObjectName bean;

  private SocketTable(RingNetwork network, int windows) throws JMException {
    this.network = network;
    this.windows = windows;
    network.registerMXBean();
    this.bean = BEANS.queryNames(new ObjectName("io.nioring:*"), null).iterator().next();
  }

  /**
   * Runs the measurement.
   *
   * @param args the family, the number of connections, the number of windows of each kind
   * @throws Exception if a connection or the MBean fails
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      throw new IllegalArgumentException("usage: SocketTable inet|unix <connections> <windows>");
    }
    boolean isUnix = args[0].equals("unix");
    try (RingNetwork network = RingNetwork.open();
        ServerSocketChannel listener = listen(network, isUnix)) {
      List<SocketChannel> held = connect(network, listener, isUnix, Integer.parseInt(args[1]));
      SocketTable table = new SocketTable(network, Integer.parseInt(args[2]));
      for (BusyConnection.Kind kind : BusyConnection.Kind.values()) {
        table.measure(kind, Math.min(WARM_UP_WINDOWS, table.windows), false);
        table.measure(kind, table.windows, true);
      }
      for (SocketChannel each : held) {
        each.close();
      }
    }
  }

  private static ServerSocketChannel listen(RingNetwork network, boolean isUnix)
      throws IOException {
    SocketAddress address =
        isUnix
            ? UnixDomainSocketAddress.of("/run/socket-table")
            : new InetSocketAddress("10.0.0.1", 1);
    ServerSocketChannel listener =
        isUnix
            ? network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openServerSocketChannel();
    return listener.bind(address, BACKLOG);
  }

  /** Returns both ends of each. */
  private static List<SocketChannel> connect(
      RingNetwork network, ServerSocketChannel listener, boolean isUnix, int connections)
      throws IOException {
    List<SocketChannel> held = new ArrayList<>();
    SocketAddress address = listener.getLocalAddress();
    for (int i = 0; i < connections; i++) {
      SocketChannel client =
          isUnix
              ? network.provider().openSocketChannel(StandardProtocolFamily.UNIX)
              : network.provider().openSocketChannel();
      held.add(client);
      client.connect(address);
      held.add(listener.accept());
    }
    return held;
  }

  private void measure(BusyConnection.Kind kind, int count, boolean isTold) throws Exception {
    Map<Act, Windows> found = new EnumMap<>(Act.class);
    for (Act act : Act.values()) {
      found.put(act, new Windows(count));
    }
    try (BusyConnection busy = BusyConnection.start(network, kind)) {
      Thread.sleep(Math.min(WARM_UP_MILLIS, ACT_MILLIS * windows)); // few only show that it works
      for (int window = 0; window < count; window++) {
        for (Act act : Act.values()) {
          busy.reset();
          long start = THREADS.getCurrentThreadCpuTime();
          perform(act);
          long taken = THREADS.getCurrentThreadCpuTime() - start;
          found.get(act).note(window, busy, taken);
        }
      }
    }
    if (isTold) {
      System.out.println(kind);
      found.forEach((act, windows) -> windows.tell(act));
    }
  }

  /** What was found in the windows of one kind. */
  private static final class Windows {
    private final long[] stalls;
    private final long[] asleep;
    private final long[] taken;

    Windows(int count) {
      stalls = new long[count];
      asleep = new long[count];
      taken = new long[count];
    }

    void note(int window, BusyConnection busy, long nanosTaken) throws IOException {
      stalls[window] = busy.longestNanos();
      asleep[window] = busy.longestAsleepNanos();
      taken[window] = nanosTaken;
    }

    void tell(Act act) {
      System.out.printf(
          "  beside %-19s held up %s ms; not counting when ready to run %s; processor time %s%n",
          act.text, quartiles(stalls), quartiles(asleep), quartiles(taken));
    }

    private static String quartiles(long[] nanos) {
      Arrays.sort(nanos);
      int last = nanos.length - 1;
      return String.format(
          Locale.ROOT,
          "%.2f (%.2f-%.2f, %.2f-%.2f)",
          nanos[last / 2] / 1e6,
          nanos[last / 4] / 1e6,
          nanos[last * 3 / 4] / 1e6,
          nanos[0] / 1e6,
          nanos[last] / 1e6);
    }
  }

  private void perform(Act act) throws Exception {
    switch (act) {
      case SLEEP -> Thread.sleep(ACT_MILLIS);
      case SPIN -> {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ACT_MILLIS);
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
      }
      case TABLE -> check(!network.sockets().isEmpty());
      case LISTING ->
          check(
              BEANS.invoke(bean, "ss", new Object[] {"-a"}, new String[] {String.class.getName()})
                  != null);
      case STATISTICS -> check(network.statistics().openChannels() > 0);
    }
  }

  private static void check(boolean isFilled) {
    if (!isFilled) {
      throw new IllegalStateException("nothing was told");
    }
  }
}
