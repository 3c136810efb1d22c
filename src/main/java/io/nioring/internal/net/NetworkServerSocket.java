package io.nioring.internal.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.function.Supplier;

/** A server socket with a given implementation, also for the sockets that it accepts. */
final class NetworkServerSocket extends ServerSocket {
  private final Supplier<SocketImpl> client;

  /**
   * Makes an unbound one.
   *
   * @param client makes the implementation of accepted sockets
   */
  NetworkServerSocket(SocketImpl implementation, Supplier<SocketImpl> client) {
    super(implementation);
    this.client = client;
  }

  @Override
  public Socket accept() throws IOException {
    if (isClosed()) {
      throw new SocketException("Socket is closed");
    }
    if (!isBound()) {
      throw new SocketException("Socket is not bound yet");
    }
    Socket accepted = new NetworkSocket(client.get());
    implAccept(accepted);
    return accepted;
  }
}
