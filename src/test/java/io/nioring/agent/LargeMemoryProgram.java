package io.nioring.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A program whose connections hold more memory than is taken before Netty has started. */
final class LargeMemoryProgram {
  private static final int CONNECTIONS = 16;
  private static final int BYTES = 1024 * 1024;

  private LargeMemoryProgram() {}

  public static void main(String[] args) throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
        client.configureBlocking(false);
        client.write(ByteBuffer.allocate(BYTES));
        clients.add(client);
      }
    }
    System.out.println(clients.size());
    System.exit(0);
  }
}
