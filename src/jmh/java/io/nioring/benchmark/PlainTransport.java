package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/**
 * Where a benchmark's plain sockets come from, by the name that its {@code transport} parameter
 * gives. Used by one thread at a time.
 */
final class PlainTransport implements AutoCloseable {
  private static final int BACKLOG = 128;

  private final SocketFactory clients;
  private final ServerSocketFactory servers;

  /** Closes the network of the sockets. */
  private final Runnable closing;

  private PlainTransport(SocketFactory clients, ServerSocketFactory servers, Runnable closing) {
    this.clients = clients;
    this.servers = servers;
    this.closing = closing;
  }

  /**
   * Opens the transport of that name.
   *
   * @param name {@code ring-inet} or {@code hybrid-inet} for rings, {@code simulated-inet} for
   *     those of a simulation without faults, {@code kernel-inet} for our sockets with the kernel
   *     beneath, {@code tcp} for the platform's
   * @throws IllegalArgumentException if the name is another one
   */
  static PlainTransport open(String name) {
    return switch (name) {
      case "ring-inet" -> of(Mode.RING);
      case "hybrid-inet" -> of(Mode.HYBRID);
      case "kernel-inet" -> of(Mode.KERNEL);
      case "simulated-inet" -> simulated();
      case "tcp" ->
          new PlainTransport(
              SocketFactory.getDefault(), ServerSocketFactory.getDefault(), () -> {});
      default -> throw new IllegalArgumentException("no transport is named " + name);
    };
  }

  private static PlainTransport of(Mode mode) {
    RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().mode(mode).build());
    return new PlainTransport(
        network.socketFactory(), network.serverSocketFactory(), network::close);
  }

  private static PlainTransport simulated() {
    Simulation simulation = Simulation.open();
    RingNetwork network = simulation.network();
    return new PlainTransport(
        network.socketFactory(), network.serverSocketFactory(), simulation::close);
  }

  ServerSocket listen() throws IOException {
    return servers.createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
  }

  Socket connectTo(ServerSocket listener) throws IOException {
    Socket socket = clients.createSocket(listener.getInetAddress(), listener.getLocalPort());
    try {
      socket.setTcpNoDelay(true);
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
