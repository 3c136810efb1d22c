package io.nioring.programs;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that send a message over a blocking channel each, and as many that send it back. */
final class BlockingEcho implements Program.Session {
  private static final int MESSAGE_BYTES = 64;

  private final ExecutorService threads;
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Callable<Void>> callers = new ArrayList<>();

  private BlockingEcho(int connections, ExecutorService threads) throws IOException {
    this.threads = threads;
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < connections; i++) {
        SocketChannel client = connected(SocketChannel.open(server.getLocalAddress()));
        SocketChannel accepted = connected(server.accept());
        Future<Void> echoes = threads.submit(() -> echo(accepted));
        ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
        callers.add(
            () -> {
              if (echoes.isDone()) {
                echoes.get();
              }
              message.clear();
              write(client, message);
              readMessage(client, message);
              return null;
            });
      }
    }
  }

  /** With so many connections, and two threads for each. */
  static Program.Session open(int connections, ExecutorService threads) throws IOException {
    return new BlockingEcho(connections, threads);
  }

  static ExecutorService platformThreads() {
    return Executors.newCachedThreadPool();
  }

  /** Named at run time, since they came after the JDK that this is compiled for. */
  static ExecutorService virtualThreads() throws ReflectiveOperationException {
    return (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  private SocketChannel connected(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channels.add(channel);
    return channel;
  }

  private static Void echo(SocketChannel channel) throws IOException {
    ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    while (channel.read(message.clear()) >= 0) {
      write(channel, message.flip());
    }
    return null;
  }

  private static void write(SocketChannel channel, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      channel.write(message);
    }
  }

  private static void readMessage(SocketChannel channel, ByteBuffer message) throws IOException {
    message.clear();
    while (message.hasRemaining()) {
      if (channel.read(message) < 0) {
        throw new EOFException();
      }
    }
  }

  @Override
  public void run(Budget budget) throws Exception {
    Blocking.run(budget, threads, callers);
  }

  @Override
  public void close() throws IOException {
    for (int i = 0; i < channels.size(); i += 2) {
      channels.get(i).shutdownOutput();
    }
    threads.shutdown();
  }
}
