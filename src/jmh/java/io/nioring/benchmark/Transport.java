package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a benchmark's channels and selectors come from, by the name that its {@code transport}
 * parameter gives: rings or kernel sockets, each with Internet or Unix-domain addresses.
 *
 * <p>Used by one thread at a time. Closing it closes the ring network, if it has one, and deletes
 * the socket files of its listeners; channels of the kernel are closed by their openers.
 */
final class Transport implements AutoCloseable {
  private static final int BACKLOG = 128;

  private final SelectorProvider provider;
  private final RingNetwork network;
  private final ProtocolFamily family;

  /** Null if it is no simulation's. */
  private final Simulation simulation;

  private final List<Path> socketFiles = new ArrayList<>();

  private Transport(SelectorProvider provider, RingNetwork network, ProtocolFamily family) {
    this(provider, network, family, null);
  }

  private Transport(
      SelectorProvider provider,
      RingNetwork network,
      ProtocolFamily family,
      Simulation simulation) {
    this.provider = provider;
    this.network = network;
    this.family = family;
    this.simulation = simulation;
  }

  /**
   * Opens the transport of that name.
   *
   * @param name {@code ring-inet} or {@code ring-unix}, {@code hybrid-inet} or {@code hybrid-unix}
   *     for rings in the mode that also listens in the kernel, {@code simulated-inet} for those of
   *     a simulation without faults, {@code tcp}, {@code udp} or {@code uds}
   * @throws IllegalArgumentException if the name is another one
   */
  static Transport open(String name) {
    return switch (name) {
      case "ring-inet" -> ring(Mode.RING, StandardProtocolFamily.INET);
      case "ring-unix" -> ring(Mode.RING, StandardProtocolFamily.UNIX);
      case "hybrid-inet" -> ring(Mode.HYBRID, StandardProtocolFamily.INET);
      case "hybrid-unix" -> ring(Mode.HYBRID, StandardProtocolFamily.UNIX);
      case "simulated-inet" -> simulated();
      case "tcp", "udp" ->
          new Transport(SelectorProvider.provider(), null, StandardProtocolFamily.INET);
      case "uds" -> new Transport(SelectorProvider.provider(), null, StandardProtocolFamily.UNIX);
      default -> throw new IllegalArgumentException("no transport is named " + name);
    };
  }

  private static Transport ring(Mode mode, ProtocolFamily family) {
    RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().mode(mode).build());
    return new Transport(network.provider(), network, family);
  }

  private static Transport simulated() {
    Simulation opened = Simulation.open();
    RingNetwork network = opened.network();
    return new Transport(network.provider(), network, StandardProtocolFamily.INET, opened);
  }

  SelectorProvider provider() {
    return provider;
  }

  /** Whether its connections cost the process file descriptors. */
  boolean usesKernel() {
    return network == null;
  }

  /** Bytes of ring memory taken from the pool now; 0 for the kernel's transports. */
  long ringMemoryBytes() {
    return network == null ? 0 : network.statistics().memoryInUseBytes();
  }

  Selector openSelector() throws IOException {
    return provider.openSelector();
  }

  SocketChannel openChannel() throws IOException {
    return provider.openSocketChannel(family);
  }

  /** Opens a listener on a fresh address of this transport. */
  ServerSocketChannel listen() throws IOException {
    ServerSocketChannel listener = provider.openServerSocketChannel(family);
    try {
      return listener.bind(freshAddress(), BACKLOG);
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  private SocketAddress freshAddress() throws IOException {
    if (family != StandardProtocolFamily.UNIX) {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    }
    Path socketFile = Files.createTempFile("bench", ".sock");
    Files.delete(socketFile); // only the unused name was wanted: bind makes the file
    socketFiles.add(socketFile);
    return UnixDomainSocketAddress.of(socketFile);
  }

  /** Connects one pair of blocking channels. */
  ConnectedPair connectPair() throws IOException {
    try (ServerSocketChannel listener = listen()) {
      return connectPair(listener);
    }
  }

  /** Connects one pair of blocking channels by way of a listener of this transport. */
  ConnectedPair connectPair(ServerSocketChannel listener) throws IOException {
    SocketChannel client = openChannel();
    try {
      client.connect(listener.getLocalAddress());
      return new ConnectedPair(client, listener.accept());
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (simulation != null) {
      simulation.close();
    } else if (network != null) {
      network.close();
    }
    for (Path socketFile : socketFiles) {
      Files.deleteIfExists(socketFile);
    }
  }
}
