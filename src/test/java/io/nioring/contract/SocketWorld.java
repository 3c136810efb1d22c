package io.nioring.contract;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/** Plain sockets of one kind, all of which are closed after a test. */
final class SocketWorld implements AutoCloseable {
  /** Where the plain sockets of the suite come from. */
  enum Kind {
    /** The platform: the oracle. */
    PLATFORM(null),
    /** A network of rings. */
    RING(Mode.RING),
    /** A hybrid network: bound in the kernel too, connected over rings. */
    HYBRID(Mode.HYBRID),
    /** Our sockets on a network that has the kernel alone. */
    KERNEL(Mode.KERNEL);

    private final Mode mode;

    Kind(Mode mode) {
      this.mode = mode;
    }
  }

  /** Two sockets that are connected with one another. */
  record Pair(Socket client, Socket server) {}

  private final Kind kind;
  private final RingNetwork network;
  private final SocketFactory clients;
  private final ServerSocketFactory servers;
  private final Deque<Closeable> opened = new ArrayDeque<>();

  /** Whether connections go over rings. */
  boolean isOnRings() {
    return kind == Kind.RING || kind == Kind.HYBRID;
  }

  SocketWorld(Kind kind) {
    this.kind = kind;
    if (kind.mode == null) {
      network = null;
      clients = SocketFactory.getDefault();
      servers = ServerSocketFactory.getDefault();
    } else {
      network = RingNetwork.open(RingNetworkConfig.builder().mode(kind.mode).build());
      clients = network.socketFactory();
      servers = network.serverSocketFactory();
    }
  }

  /** Whether connections go over rings. */
  boolean isRing() {
    return kind == Kind.RING || kind == Kind.HYBRID;
  }

  /** Null of the platform's. */
  RingNetwork network() {
    return network;
  }

  SocketFactory clients() {
    return clients;
  }

  ServerSocketFactory servers() {
    return servers;
  }

  InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  synchronized <C extends Closeable> C closing(C closeable) {
    opened.push(closeable);
    return closeable;
  }

  Socket client() throws IOException {
    return closing(clients.createSocket());
  }

  Socket connectTo(ServerSocket server) throws IOException {
    return closing(clients.createSocket(loopback(), server.getLocalPort()));
  }

  ServerSocket unbound() throws IOException {
    return closing(servers.createServerSocket());
  }

  ServerSocket server() throws IOException {
    return server(50);
  }

  ServerSocket server(int backlog) throws IOException {
    return closing(servers.createServerSocket(0, backlog, loopback()));
  }

  Pair pair() throws IOException {
    try (ServerSocket server = server()) {
      Socket client = connectTo(server);
      return new Pair(client, closing(server.accept()));
    }
  }

  /** A server whose queue takes no further connection. */
  ServerSocket fullServer() throws IOException {
    ServerSocket server = server(1);
    connectTo(server);
    connectTo(server);
    return server;
  }

  /** An address of this machine where nobody listens. */
  InetSocketAddress refusing() throws IOException {
    try (ServerSocket server = server()) {
      return (InetSocketAddress) server.getLocalSocketAddress();
    }
  }

  <T> Background<T> background(ThreadKind threads, Callable<T> body) {
    Background<T> task = Background.run(threads, body);
    closing(task::awaitDone);
    return task;
  }

  @Override
  public void close() throws IOException {
    while (true) {
      Closeable next;
      synchronized (this) {
        next = opened.pollLast(); // sockets first: tasks end with them
      }
      if (next == null) {
        break;
      }
      next.close();
    }
    if (network != null) {
      network.close();
    }
  }

  @Override
  public String toString() {
    return kind.toString();
  }
}
