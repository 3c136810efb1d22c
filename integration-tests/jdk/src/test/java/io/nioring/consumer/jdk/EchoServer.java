package io.nioring.consumer.jdk;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;

/** Blocking channels, a thread for each connection: what comes goes back, up to the end. */
final class EchoServer implements AutoCloseable {
  private final ServerSocketChannel listener;
  private final ExecutorService threads;

  private EchoServer(ServerSocketChannel listener, ExecutorService threads) {
    this.listener = listener;
    this.threads = threads;
  }

  static EchoServer start(ProtocolFamily family, SocketAddress address, ExecutorService threads)
      throws IOException {
    EchoServer server = new EchoServer(ServerSocketChannel.open(family), threads);
    server.listener.bind(address);
    threads.submit(server::acceptAll);
    return server;
  }

  SocketAddress address() throws IOException {
    return listener.getLocalAddress();
  }

  private Void acceptAll() throws IOException {
    try {
      while (true) {
        SocketChannel accepted = listener.accept();
        threads.submit(() -> echo(accepted));
      }
    } catch (AsynchronousCloseException e) {
      return null; // the server ends
    }
  }

  private static Void echo(SocketChannel channel) throws IOException {
    try (channel) {
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(buffer) >= 0) {
        channel.write(buffer.flip());
        buffer.clear();
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
