package io.nioring.contract;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection of the kernel's on whose round trips a test waits until the loopback interface
 * has delivered what was sent before on other connections.
 */
final class SettlingConnection {
  private static final int ROUND_TRIPS = 2;

  private final SocketChannel client;
  private final SocketChannel server;
  private final ByteBuffer one = ByteBuffer.allocateDirect(1);

  SettlingConnection(TestTransport kernel) throws IOException {
    TestTransport.Pair pair = kernel.connectedPair();
    client = pair.client();
    server = pair.server();
  }

  /** Goes forth and back. */
  void settle() throws IOException {
    for (int i = 0; i < ROUND_TRIPS; i++) {
      pass(client, server);
      pass(server, client);
    }
  }

  private void pass(SocketChannel from, SocketChannel to) throws IOException {
    from.write(one.clear());
    to.read(one.clear());
  }
}
