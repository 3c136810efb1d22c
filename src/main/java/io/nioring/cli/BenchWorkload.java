package io.nioring.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** The workloads that {@link BenchCommand} measures. */
enum BenchWorkload {
  PING_PONG("64 B there and back", 2, "round trips/s") {
    @Override
    double perSecond(SelectorProvider provider, long millis)
        throws IOException, InterruptedException {
      try (Pair pair = new Pair(provider)) {
        Thread echo =
            start(
                () -> {
                  ByteBuffer bytes = ByteBuffer.allocateDirect(64);
                  while (readFully(pair.server, bytes)) {
                    pair.server.write(bytes.flip());
                  }
                });
        ByteBuffer bytes = ByteBuffer.allocateDirect(64);
        long count = 0;
        long start = System.nanoTime();
        long end = start + millis * NANOS_PER_MILLI;
        do {
          for (int i = 0; i < BATCH; i++) {
            pair.client.write(bytes.clear());
            readFully(pair.client, bytes);
          }
          count += BATCH;
        } while (System.nanoTime() - end < 0);
        double rate = rate(count, start);
        pair.client.close();
        echo.join();
        return rate;
      }
    }
  },

  SMALL_STREAM("stream of 1 KiB messages", 2, "messages/s") {
    @Override
    double perSecond(SelectorProvider provider, long millis)
        throws IOException, InterruptedException {
      return stream(provider, millis, 1024);
    }
  },

  LARGE_STREAM("stream of 64 KiB messages", 2, "messages/s") {
    @Override
    double perSecond(SelectorProvider provider, long millis)
        throws IOException, InterruptedException {
      return stream(provider, millis, 65_536);
    }
  },

  CONNECT("connect, accept, close", 1, "connections/s") {
    @Override
    double perSecond(SelectorProvider provider, long millis) throws IOException {
      try (ServerSocketChannel listener = listen(provider)) {
        SocketAddress address = listener.getLocalAddress();
        long count = 0;
        long start = System.nanoTime();
        long end = start + millis * NANOS_PER_MILLI;
        do {
          for (int i = 0; i < BATCH / 10; i++) {
            SocketChannel client = provider.openSocketChannel();
            client.setOption(StandardSocketOptions.SO_LINGER, 0); // no TIME_WAIT in the kernel
            client.connect(address);
            listener.accept().close();
            client.close();
          }
          count += BATCH / 10;
        } while (System.nanoTime() - end < 0);
        return rate(count, start);
      }
    }
  };

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int BATCH = 100;

  private final String title;
  private final String unit;

  BenchWorkload(String title, int threads, String unit) {
    this.title = title + (threads == 1 ? ", 1 thread" : ", " + threads + " threads");
    this.unit = unit;
  }

  String title() {
    return title;
  }

  String unit() {
    return unit;
  }

  /** Measures the operations a second for a time. */
  abstract double perSecond(SelectorProvider provider, long millis)
      throws IOException, InterruptedException;

  private static double stream(SelectorProvider provider, long millis, int size)
      throws IOException, InterruptedException {
    try (Pair pair = new Pair(provider)) {
      Thread writer =
          start(
              () -> {
                ByteBuffer bytes = ByteBuffer.allocateDirect(size);
                while (true) {
                  pair.client.write(bytes.clear());
                }
              });
      ByteBuffer bytes = ByteBuffer.allocateDirect(65_536);
      long count = 0;
      long start = System.nanoTime();
      long end = start + millis * NANOS_PER_MILLI;
      do {
        for (int i = 0; i < BATCH; i++) {
          count += pair.server.read(bytes.clear());
        }
      } while (System.nanoTime() - end < 0);
      double rate = rate(count / size, start);
      pair.client.close();
      pair.server.close();
      writer.join();
      return rate;
    }
  }

  private static double rate(long count, long start) {
    return count * 1e9 / (System.nanoTime() - start);
  }

  private static ServerSocketChannel listen(SelectorProvider provider) throws IOException {
    return provider
        .openServerSocketChannel()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static boolean readFully(SocketChannel channel, ByteBuffer bytes) throws IOException {
    bytes.clear();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        return false;
      }
    }
    return true;
  }

  /** A step that ends when its channel is closed. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static Thread start(Step step) {
    Thread thread =
        new Thread(
            () -> {
              try {
                step.run();
              } catch (IOException e) {
                // The measurement is over.
              }
            },
            "nioring-bench");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Two channels that are connected. */
  private static final class Pair implements AutoCloseable {
    final SocketChannel client;
    final SocketChannel server;

    Pair(SelectorProvider provider) throws IOException {
      try (ServerSocketChannel listener = listen(provider)) {
        client = provider.openSocketChannel();
        client.connect(listener.getLocalAddress());
        server = listener.accept();
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        server.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }
}
