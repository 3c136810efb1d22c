package io.nioring.benchmark;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The two ends of one connection.
 *
 * @param client the end that connected
 * @param server the end that was accepted
 */
record ConnectedPair(SocketChannel client, SocketChannel server) implements AutoCloseable {
  ConnectedPair nonBlocking() throws IOException {
    client.configureBlocking(false);
    server.configureBlocking(false);
    return this;
  }

  @Override
  public void close() throws IOException {
    try (client) {
      server.close();
    }
  }
}
