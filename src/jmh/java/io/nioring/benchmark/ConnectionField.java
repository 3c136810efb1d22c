package io.nioring.benchmark;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Very many connections, held in arrays that are made before the first of them. */
final class ConnectionField implements AutoCloseable {
  /** What the virtual machine and the rest of the benchmark open besides. */
  private static final int SPARE_FILE_DESCRIPTORS = 200;

  /** Below the number of ports that one client address has for one listener, 28,232 on Linux. */
  private static final int CONNECTIONS_A_LISTENER = 20_000;

  private final Transport transport;
  private final SocketChannel[] clients;
  private final SocketChannel[] servers;

  /**
   * Makes room for connections.
   *
   * @param transport what they are made of
   * @param wanted how many; less where the process may not open that many file descriptors
   */
  ConnectionField(Transport transport, int wanted) {
    this.transport = transport;
    int size = transport.usesKernel() ? Math.min(wanted, room()) : wanted;
    this.clients = new SocketChannel[size];
    this.servers = new SocketChannel[size];
  }

  private static int room() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      long descriptors = system.getMaxFileDescriptorCount() - SPARE_FILE_DESCRIPTORS;
      return (int) Math.min(Integer.MAX_VALUE, descriptors / 2);
    }
    return Integer.MAX_VALUE;
  }

  int size() {
    return clients.length;
  }

  SocketChannel client(int index) {
    return clients[index];
  }

  /** Connects all of them and adds both ends of each to the loop's selector. */
  void connectAll(EchoLoop loop) throws IOException {
    for (int from = 0; from < clients.length; from += CONNECTIONS_A_LISTENER) {
      try (ServerSocketChannel listener = transport.listen()) {
        int to = Math.min(clients.length, from + CONNECTIONS_A_LISTENER);
        for (int i = from; i < to; i++) {
          ConnectedPair pair = transport.connectPair(listener);
          clients[i] = pair.client();
          servers[i] = pair.server();
          loop.add(pair);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    Resources.closeAll(clients);
    Resources.closeAll(servers);
  }
}
