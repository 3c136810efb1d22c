package io.nioring.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketImpl;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;

/** Makes the server sockets of a network, for programs that are given a factory. */
final class NetworkServerSocketFactory extends ServerSocketFactory {
  private static final int DEFAULT_BACKLOG = 50;

  private static final int MAX_PORT = 65_535;

  private final Supplier<SocketImpl> server;
  private final Supplier<SocketImpl> client;

  NetworkServerSocketFactory(Supplier<SocketImpl> server, Supplier<SocketImpl> client) {
    this.server = server;
    this.client = client;
  }

  @Override
  public ServerSocket createServerSocket() {
    return new NetworkServerSocket(server.get(), client);
  }

  @Override
  public ServerSocket createServerSocket(int port) throws IOException {
    return createServerSocket(port, DEFAULT_BACKLOG);
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog) throws IOException {
    return createServerSocket(port, backlog, null);
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
      throws IOException {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("Port value out of range: " + port);
    }
    ServerSocket socket = createServerSocket();
    try {
      socket.bind(new InetSocketAddress(address, port), backlog);
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
    return socket;
  }
}
