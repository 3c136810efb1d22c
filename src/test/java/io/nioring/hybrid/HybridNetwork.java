package io.nioring.hybrid;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.Deque;

/** A hybrid network under test beside the platform's provider, which plays the outside world. */
final class HybridNetwork implements AutoCloseable {
  private static final SelectorProvider OUTSIDE = SelectorProvider.provider();

  private final RingNetwork network;
  private final Deque<Closeable> opened = new ArrayDeque<>();

  HybridNetwork() {
    this(RingNetworkConfig.builder().mode(Mode.HYBRID).build());
  }

  HybridNetwork(RingNetworkConfig config) {
    network = RingNetwork.open(config);
  }

  RingNetwork network() {
    return network;
  }

  ServerSocketChannel listen() throws IOException {
    return listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  ServerSocketChannel listen(SocketAddress address) throws IOException {
    ServerSocketChannel server =
        address instanceof UnixDomainSocketAddress
            ? network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openServerSocketChannel();
    opened.push(server);
    return server.bind(address);
  }

  /** A channel of the network, not connected. */
  SocketChannel open() throws IOException {
    return track(network.provider().openSocketChannel());
  }

  /** A client of the network. */
  SocketChannel inside(SocketAddress address) throws IOException {
    return connected(network.provider(), address);
  }

  /** A client that knows nothing of the network. */
  SocketChannel outside(SocketAddress address) throws IOException {
    return connected(OUTSIDE, address);
  }

  private SocketChannel connected(SelectorProvider provider, SocketAddress address)
      throws IOException {
    SocketChannel client =
        track(
            address instanceof UnixDomainSocketAddress
                ? provider.openSocketChannel(StandardProtocolFamily.UNIX)
                : provider.openSocketChannel());
    client.connect(address);
    return client;
  }

  /** A listener that knows nothing of the network. */
  ServerSocketChannel listenOutside(SocketAddress address) throws IOException {
    ServerSocketChannel server =
        address instanceof UnixDomainSocketAddress
            ? OUTSIDE.openServerSocketChannel(StandardProtocolFamily.UNIX)
            : OUTSIDE.openServerSocketChannel();
    opened.push(server);
    return server.bind(address);
  }

  Selector selector() throws IOException {
    Selector selector = network.provider().openSelector();
    opened.push(selector);
    return selector;
  }

  <C extends SelectableChannel> C track(C channel) {
    opened.push(channel);
    return channel;
  }

  static boolean isPlatforms(SelectableChannel channel) {
    return channel.getClass().getName().startsWith("sun.nio.ch.");
  }

  /** Sends a byte one way and back and closes nothing. */
  static void exchange(SocketChannel one, SocketChannel other) throws IOException {
    send(one, 17);
    assertReceives(other, 17);
    send(other, 4);
    assertReceives(one, 4);
  }

  static void send(SocketChannel channel, int value) throws IOException {
    ByteBuffer one = ByteBuffer.wrap(new byte[] {(byte) value});
    while (one.hasRemaining()) {
      channel.write(one);
    }
  }

  static void assertReceives(SocketChannel channel, int value) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    while (one.hasRemaining()) {
      if (channel.read(one) < 0) {
        throw new AssertionError("end of stream instead of " + value);
      }
    }
    if (one.get(0) != (byte) value) {
      throw new AssertionError("received " + one.get(0) + " instead of " + value);
    }
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    network.close();
  }
}
