package io.nioring.consumer.pitfalls;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A connection with both of its ends, and the listener that it was made by. */
record Connection(ServerSocketChannel listener, SocketChannel client, SocketChannel accepted)
    implements AutoCloseable {
  static Connection open(Family family) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(family.protocol);
    listener.bind(family.freeAddress());
    SocketChannel client = SocketChannel.open(family.protocol);
    client.connect(listener.getLocalAddress());
    return new Connection(listener, client, listener.accept());
  }

  @Override
  public void close() throws IOException {
    client.close();
    accepted.close();
    listener.close();
  }
}
