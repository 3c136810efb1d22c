package io.nioring.internal.net;

import io.nioring.internal.network.Verdicts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.SocketFactory;

/** Makes the client sockets of a network, for programs that are given a factory. */
final class NetworkSocketFactory extends SocketFactory {
  private final Supplier<SocketImpl> client;
  private final Verdicts verdicts;

  /**
   * Makes the factory.
   *
   * @param client makes the implementations
   * @param verdicts knows the network's hosts
   */
  NetworkSocketFactory(Supplier<SocketImpl> client, Verdicts verdicts) {
    this.client = client;
    this.verdicts = verdicts;
  }

  @Override
  public Socket createSocket() throws IOException {
    return new NetworkSocket(client.get());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(address(host, port), null);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(address(host, port), new InetSocketAddress(localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(address(host, port), null);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(address(host, port), new InetSocketAddress(localHost, localPort));
  }

  private static SocketAddress address(InetAddress host, int port) {
    Objects.requireNonNull(host); // which would be a wildcard
    return new InetSocketAddress(host, port);
  }

  /** The address of a host by its name, which the network or the JVM knows; null for this one. */
  private SocketAddress address(String host, int port) {
    if (host == null) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
    SocketAddress known = verdicts.resolved(InetSocketAddress.createUnresolved(host, port));
    boolean isKnown = known instanceof InetSocketAddress inet && !inet.isUnresolved();
    return isKnown ? known : new InetSocketAddress(host, port);
  }

  private Socket connected(SocketAddress remote, SocketAddress local) throws IOException {
    Socket socket = createSocket();
    try {
      if (local != null) {
        socket.bind(local);
      }
      socket.connect(remote);
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
    return socket;
  }
}
