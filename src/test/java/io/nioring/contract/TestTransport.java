package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.simulation.Latency;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens the channels of one test on one kind of transport, and closes them all at its end.
 *
 * <p>Every ring transport has a network of its own. Closing the transport closes all channels that
 * were opened or tracked through it, waits for its background threads to end, and then, on rings,
 * checks that no channel is open and no ring memory is in use.
 */
final class TestTransport implements AutoCloseable {
  /** Not {@code SelectorProvider.provider()}: that is ours in kernel mode, by the service file. */
  private static final SelectorProvider PLATFORM = PlatformProvider.lazy().get();

  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Duration MOST_LATENCY = Duration.ofMillis(3);
  private static final int MOST_CONNECTS_TO_FILL_A_QUEUE = 20;

  private final TransportKind kind;
  private final RingNetwork network;
  private final SelectorProvider provider;
  private final Queue<Closeable> opened = new ConcurrentLinkedQueue<>();
  private final Queue<Background<?>> backgrounds = new ConcurrentLinkedQueue<>();
  private Path directory;

  /** Null on other transports. */
  private Simulation simulation;

  private TestTransport(TransportKind kind, RingNetwork network) {
    this.kind = kind;
    this.network = network;
    this.provider = network != null ? network.provider() : PLATFORM;
  }

  static TestTransport open(TransportKind kind) {
    return kind.isRing()
        ? open(kind, RingNetworkConfig.builder().mode(kind.mode()).build())
        : new TestTransport(kind, null);
  }

  /** A transport whose rings hold up to {@code bufferSizeBytes} a direction. */
  static TestTransport open(TransportKind kind, int bufferSizeBytes) {
    if (!kind.isRing()) {
      return open(kind);
    }
    return open(
        kind,
        RingNetworkConfig.builder().mode(kind.mode()).bufferSizeBytes(bufferSizeBytes).build());
  }

  /** A ring transport with a configuration of its own. */
  static TestTransport open(TransportKind kind, RingNetworkConfig config) {
    if (!kind.isSimulated()) {
      return new TestTransport(kind, RingNetwork.open(config));
    }
    Simulation simulation =
        Simulation.open(
            SimulationConfig.builder().network(config).virtualTime(kind.isLate()).build());
    if (kind.isLate()) {
      simulation
          .link(simulation.localhost(), simulation.localhost())
          .latency(Latency.uniform(Duration.ZERO, MOST_LATENCY));
    }
    TestTransport transport = new TestTransport(kind, simulation.network());
    transport.simulation = simulation;
    return transport;
  }

  /** Lets all arrive that is on its way. */
  void settle() {
    if (kind.isLate()) {
      simulation.advance(MOST_LATENCY.multipliedBy(4)); // a connect, and an answer to an answer
    }
  }

  TransportKind kind() {
    return kind;
  }

  boolean isRing() {
    return kind.isRing();
  }

  boolean isUnix() {
    return kind.isUnix();
  }

  SelectorProvider provider() {
    return provider;
  }

  /** The ring network, or null on the platform's transports. */
  RingNetwork network() {
    return network;
  }

  <C extends Closeable> C track(C channel) {
    opened.add(channel);
    return channel;
  }

  ServerSocketChannel openServer() throws IOException {
    return track(
        isUnix()
            ? provider.openServerSocketChannel(StandardProtocolFamily.UNIX)
            : provider.openServerSocketChannel());
  }

  SocketChannel openClient() throws IOException {
    return track(
        isUnix()
            ? provider.openSocketChannel(StandardProtocolFamily.UNIX)
            : provider.openSocketChannel());
  }

  SocketChannel openNonBlockingClient() throws IOException {
    SocketChannel client = openClient();
    client.configureBlocking(false);
    return client;
  }

  DatagramChannel openDatagram() throws IOException {
    return track(
        kind.family() == StandardProtocolFamily.INET
            ? provider.openDatagramChannel(StandardProtocolFamily.INET)
            : provider.openDatagramChannel());
  }

  /** A datagram channel that is bound to a loopback address. */
  DatagramChannel bindDatagram() throws IOException {
    return openDatagram().bind(new InetSocketAddress(loopback(), 0));
  }

  Selector openSelector() throws IOException {
    return track(provider.openSelector());
  }

  Pipe openPipe() throws IOException {
    Pipe pipe = provider.openPipe();
    track(pipe.source());
    track(pipe.sink());
    return pipe;
  }

  /** A server channel that listens at a fresh address. */
  ServerSocketChannel listen() throws IOException {
    ServerSocketChannel server = openServer();
    server.bind(bindAddress());
    return server;
  }

  ServerSocketChannel listen(int backlog) throws IOException {
    ServerSocketChannel server = openServer();
    server.bind(bindAddress(), backlog);
    return server;
  }

  /** Connects a fresh client to {@code server} and leaves the connection in its queue. */
  SocketChannel connectTo(ServerSocketChannel server) throws IOException {
    SocketChannel client = openClient();
    client.connect(server.getLocalAddress());
    return client;
  }

  SocketChannel accept(ServerSocketChannel server) throws IOException {
    SocketChannel accepted = server.accept();
    return accepted == null ? null : track(accepted);
  }

  /** A connected, blocking pair; its listener is closed already. */
  Pair connectedPair() throws IOException {
    try (ServerSocketChannel server = listen()) {
      SocketChannel client = connectTo(server);
      return new Pair(client, accept(server));
    }
  }

  Pair nonBlockingPair() throws IOException {
    Pair pair = connectedPair();
    pair.client().configureBlocking(false);
    pair.server().configureBlocking(false);
    return pair;
  }

  /** A fresh address to bind a server to; on inet addresses the port is chosen by bind. */
  SocketAddress bindAddress() throws IOException {
    return isUnix() ? freshPath() : new InetSocketAddress(loopback(), 0);
  }

  /** An address that is well formed and where nobody listens: a connect to it is refused. */
  SocketAddress refusingAddress() throws IOException {
    try (ServerSocketChannel server = listen()) {
      return server.getLocalAddress();
    }
  }

  InetAddress loopback() {
    return kind.family() == StandardProtocolFamily.INET6
        ? Addresses.IPV6_LOOPBACK
        : Addresses.IPV4_LOOPBACK;
  }

  /** A listener whose queue is full, so that a blocking connect to it waits. */
  ServerSocketChannel fullListener() throws IOException {
    ServerSocketChannel server = listen(1);
    for (int i = 0; i < MOST_CONNECTS_TO_FILL_A_QUEUE; i++) {
      SocketChannel client = openNonBlockingClient();
      try {
        if (!client.connect(server.getLocalAddress()) && !client.finishConnect()) {
          return server;
        }
      } catch (SocketException e) {
        return server;
      }
    }
    throw new AssertionError("the queue of " + server + " never filled");
  }

  /** A path that no other test uses; the rings never make a file there. */
  UnixDomainSocketAddress freshPath() throws IOException {
    String name = NAMES.incrementAndGet() + ".sock";
    if (!kind.bindsInKernel()) {
      return UnixDomainSocketAddress.of("/nioring-contract/" + name);
    }
    if (directory == null) {
      directory = Files.createTempDirectory("contract");
    }
    return UnixDomainSocketAddress.of(directory.resolve(name));
  }

  /** Runs a task on a platform thread, which must have ended when the transport closes. */
  <T> Background<T> background(Callable<T> body) {
    return background(ThreadKind.PLATFORM, body);
  }

  <T> Background<T> background(ThreadKind threadKind, Callable<T> body) {
    Background<T> background = Background.run(threadKind, body);
    backgrounds.add(background);
    return background;
  }

  @Override
  public void close() throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (Closeable channel : opened) {
        channel.close();
      }
      for (Background<?> background : backgrounds) {
        background.awaitDone();
      }
      deleteDirectory();
      if (network != null) {
        assertNothingLeaked();
      }
    } finally {
      if (simulation != null) {
        simulation.close();
      } else if (network != null) {
        network.close();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void assertNothingLeaked() throws IOException {
    Deadline.await(
        "all channels of " + kind + " closed: " + network.statistics(),
        () -> network.statistics().openChannels() == 0);
    Deadline.await(
        "all ring memory of " + kind + " given back: " + network.statistics(),
        () -> network.statistics().memoryInUseBytes() == 0);
    assertThat(network.statistics().listeners()).isZero();
  }

  private void deleteDirectory() throws IOException {
    if (directory == null) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (var stream = Files.newDirectoryStream(directory)) {
      stream.forEach(files::add);
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(directory);
  }

  @Override
  public String toString() {
    return kind.name();
  }

  /** Two connected channels. */
  record Pair(SocketChannel client, SocketChannel server) {}
}
