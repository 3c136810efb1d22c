package io.nioring.simulation;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Two ends of a simulated connection, not blocking. */
record SimPair(SocketChannel client, SocketChannel server) implements Closeable {
  /** Connects two hosts at once: a timeout of the test ends what does not. */
  static SimPair connect(Simulation sim, RingHost from, RingHost to, int port) throws IOException {
    SimPair pair = connectBlocking(sim, from, to, port);
    pair.client().configureBlocking(false);
    pair.server().configureBlocking(false);
    return pair;
  }

  static SimPair connectBlocking(Simulation sim, RingHost from, RingHost to, int port)
      throws IOException {
    try (ServerSocketChannel listener = listen(to, port)) {
      SocketChannel client = from.provider().openSocketChannel();
      client.connect(listener.getLocalAddress());
      return new SimPair(client, listener.accept());
    }
  }

  static ServerSocketChannel listen(RingHost host, int port) throws IOException {
    ServerSocketChannel listener = host.provider().openServerSocketChannel();
    listener.bind(new InetSocketAddress(host.address(), port));
    return listener;
  }

  void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(text);
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        throw new IOException("no room");
      }
    }
  }

  /** All that is there. */
  String read(SocketChannel channel) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    while (channel.read(bytes) > 0) {
      text.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
      bytes.clear();
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
