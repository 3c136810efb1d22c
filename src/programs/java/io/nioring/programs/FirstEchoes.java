package io.nioring.programs;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/**
 * A program that lives a moment: a server and a client, each with a selector, and 64 bytes there
 * and back a thousand times. It prints when the first bytes were back and when the last, in
 * milliseconds since the epoch.
 *
 * <p>It has no lambda and puts no string together before that: what the JDK needs for these is not
 * what is measured.
 */
final class FirstEchoes extends Thread {
  /** What the line of the times begins with. */
  static final String ANSWER = "echoed ";

  private static final int MESSAGE_BYTES = 64;
  private static final int ROUND_TRIPS = 1_000;

  private final ServerSocketChannel listener;

  private FirstEchoes(ServerSocketChannel listener) {
    this.listener = listener;
    setDaemon(true);
  }

  /**
   * Runs the program.
   *
   * @param args none
   * @throws IOException if a connection breaks
   */
  public static void main(String[] args) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    new FirstEchoes(listener).start();
    SocketChannel client = SocketChannel.open(listener.getLocalAddress());
    client.configureBlocking(false);
    Selector selector = Selector.open();
    client.register(selector, SelectionKey.OP_READ);
    ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
    exchange(client, selector, message);
    long first = System.currentTimeMillis();
    for (int i = 1; i < ROUND_TRIPS; i++) {
      exchange(client, selector, message);
    }
    long last = System.currentTimeMillis();
    System.out.println(ANSWER + first + " " + last);
    System.exit(0);
  }

  private static void exchange(SocketChannel client, Selector selector, ByteBuffer message)
      throws IOException {
    message.clear();
    write(client, message);
    message.clear();
    while (message.hasRemaining()) {
      selector.select();
      selector.selectedKeys().clear();
      if (client.read(message) < 0) {
        throw new EOFException();
      }
    }
  }

  private static void write(SocketChannel channel, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      channel.write(message);
    }
  }

  /** The server. */
  @Override
  public void run() {
    try {
      listener.configureBlocking(false);
      Selector selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
      while (true) {
        selector.select();
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
          serve(keys.next(), selector, message);
          keys.remove();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SelectionKey key, Selector selector, ByteBuffer message) throws IOException {
    if (key.isAcceptable()) {
      SocketChannel accepted = listener.accept();
      if (accepted != null) {
        accepted.configureBlocking(false);
        accepted.register(selector, SelectionKey.OP_READ);
      }
    } else {
      SocketChannel channel = (SocketChannel) key.channel();
      message.clear();
      if (channel.read(message) < 0) {
        channel.close();
      } else {
        message.flip();
        write(channel, message);
      }
    }
  }
}
