package io.nioring.demo;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/**
 * A server that sends back what it gets: one thread, one selector, one buffer a connection, as in
 * any introduction to java.nio.
 */
final class EchoServer implements Runnable, Closeable {
  /** Room for all clients of the demo: a full queue costs a kernel's client a second each time. */
  private static final int BACKLOG = 256;

  private static final int BUFFER_BYTES = 8 * 1024;

  private final Selector selector;
  private final ServerSocketChannel listener;
  private volatile boolean closing;

  EchoServer() throws IOException {
    selector = Selector.open();
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  SocketAddress address() throws IOException {
    return listener.getLocalAddress();
  }

  /** Serves until {@link #close}. */
  @Override
  public void run() {
    try (selector;
        listener) {
      while (!closing) {
        selector.select();
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
          SelectionKey key = keys.next();
          keys.remove();
          serve(key);
        }
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SelectionKey key) throws IOException {
    if (key.isAcceptable()) {
      SocketChannel connection = listener.accept();
      connection.configureBlocking(false);
      connection.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(BUFFER_BYTES));
      return;
    }
    SocketChannel connection = (SocketChannel) key.channel();
    ByteBuffer buffer = (ByteBuffer) key.attachment();
    if (key.isReadable() && connection.read(buffer) < 0) {
      connection.close();
      return;
    }
    buffer.flip();
    connection.write(buffer);
    // What did not fit goes out when there is room, and nothing more is read until it has.
    key.interestOps(buffer.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    buffer.compact();
  }

  @Override
  public void close() {
    closing = true;
    selector.wakeup();
  }
}
