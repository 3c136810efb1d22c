package io.nioring.benchmark;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A thread that does one thing over and over, and notes the longest time between two ends of it:
 * how long it was held up, and how long if the time does not count that it was ready to run and the
 * kernel gave the processor to others.
 */
final class BusyConnection extends Thread implements AutoCloseable {
  /** What it does. */
  enum Kind {
    /** 64 bytes there and back on one connection. */
    PING_PONG,
    /** Connect, accept, 64 bytes, close. */
    CYCLES
  }

  private static final int LISTS = 16;
  private static final int MESSAGE_BYTES = 64;

  /** The kernel's figures of the thread that reads them; the second is how long it was ready. */
  private static final Path SCHEDULED = Path.of("/proc/thread-self/schedstat");

  /** Such a time is looked at. */
  private static final long LONG_NANOS = 30_000;

  private final RingNetwork network;
  private final Kind kind;
  private final InetSocketAddress address;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final AtomicLong longestNanos = new AtomicLong();
  private final AtomicLong longestAsleepNanos = new AtomicLong();
  private volatile long rounds;
  private volatile boolean ended;
  private volatile IOException failure;

  private BusyConnection(RingNetwork network, Kind kind) {
    super(kind.toString());
    this.network = network;
    this.kind = kind;
    this.address = new InetSocketAddress("10.0.0.1", kind == Kind.CYCLES ? 2 : 3);
  }

  /**
   * Starts a thread whose channels are in one list of the network with those of the present thread:
   * which list that is depends on the thread's number.
   */
  static BusyConnection start(RingNetwork network, Kind kind) {
    BusyConnection busy = new BusyConnection(network, kind);
    while (busy.getId() % LISTS != Thread.currentThread().getId() % LISTS) {
      busy = new BusyConnection(network, kind);
    }
    busy.start();
    return busy;
  }

  /** Forgets what was noted, once what has begun before has ended. */
  void reset() throws IOException {
    awaitRound();
    longestNanos.set(0);
    longestAsleepNanos.set(0);
  }

  /** The longest time since the reset, once what has begun before this call has ended. */
  long longestNanos() throws IOException {
    awaitRound();
    return longestNanos.get();
  }

  /** The same without the time that it was ready to run; the same time if that is not known. */
  long longestAsleepNanos() throws IOException {
    awaitRound();
    return longestAsleepNanos.get();
  }

  @SuppressWarnings("ThreadPriorityCheck") // it only shortens the wait, nothing relies on it
  private void awaitRound() throws IOException {
    long seen = rounds;
    while (rounds < seen + 2) {
      if (failure != null) {
        throw failure;
      }
      Thread.yield();
    }
  }

  @Override
  public void run() {
    try (ServerSocketChannel listener = network.provider().openServerSocketChannel()) {
      listener.bind(address);
      if (kind == Kind.CYCLES) {
        repeat(() -> cycle(listener));
        return;
      }
      try (SocketChannel near = network.provider().openSocketChannel()) {
        near.connect(address);
        try (SocketChannel far = listener.accept()) {
          repeat(() -> roundTrip(near, far));
        }
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Something that takes less than a microsecond, unless it is held up. */
  private interface Task {
    void run() throws IOException;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
  private void repeat(Task task) throws IOException {
    long readyNanos = readyNanos();
    long last = System.nanoTime();
    while (!ended) {
      task.run();
      long now = System.nanoTime();
      if (now - last > LONG_NANOS) {
        long ready = readyNanos();
        note(longestNanos, now - last);
        note(longestAsleepNanos, now - last - Math.min(now - last, ready - readyNanos));
        readyNanos = ready;
        now = System.nanoTime();
      }
      last = now;
      rounds++;
    }
  }

  private static void note(AtomicLong longest, long nanos) {
    if (nanos > longest.get()) {
      longest.set(nanos);
    }
  }

  /** How long this thread has been ready to run so far; 0 where that cannot be asked for. */
  private static long readyNanos() {
    try {
      return Long.parseLong(Files.readString(SCHEDULED).split(" ", 3)[1]);
    } catch (IOException e) {
      return 0;
    }
  }

  private void cycle(ServerSocketChannel listener) throws IOException {
    try (SocketChannel near = network.provider().openSocketChannel()) {
      near.connect(address);
      try (SocketChannel far = listener.accept()) {
        near.write(bytes.clear());
        far.read(bytes.clear());
      }
    }
  }

  private void roundTrip(SocketChannel near, SocketChannel far) throws IOException {
    near.write(bytes.clear());
    far.read(bytes.clear());
    far.write(bytes.clear());
    near.read(bytes.clear());
  }

  @Override
  public void close() {
    ended = true;
    try {
      join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (failure != null) {
      throw new UncheckedIOException(failure);
    }
  }
}
