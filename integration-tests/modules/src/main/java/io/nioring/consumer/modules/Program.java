package io.nioring.consumer.modules;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;

/** Uses what a program normally uses of channels, and tells whether rings carried it. */
public final class Program {
  private static final int MESSAGES = 1_000;

  private Program() {}

  /** Runs the program; it has no arguments. */
  public static void main(String[] arguments) throws IOException {
    exchange(
        ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0)),
        SocketChannel.open().setOption(StandardSocketOptions.TCP_NODELAY, true));
    Path directory = Files.createTempDirectory("program");
    Path path = directory.resolve("socket");
    UnixDomainSocketAddress unix = UnixDomainSocketAddress.of(path);
    exchange(
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(unix),
        SocketChannel.open(StandardProtocolFamily.UNIX));
    Files.deleteIfExists(path);
    Files.delete(directory);
    pipeAndDatagrams();
    ownNetwork();
    tell();
  }

  /** Sends messages to and fro, the server's side by a selector. */
  private static void exchange(ServerSocketChannel server, SocketChannel client)
      throws IOException {
    try (server;
        client;
        Selector selector = Selector.open()) {
      client.connect(server.getLocalAddress());
      try (SocketChannel accepted = server.accept()) {
        accepted.configureBlocking(false);
        accepted.register(selector, SelectionKey.OP_READ);
        ByteBuffer message = ByteBuffer.allocate(8);
        for (int i = 0; i < MESSAGES; i++) {
          client.write(message.putLong(0, i).clear());
          selector.select();
          selector.selectedKeys().clear();
          accepted.read(message.clear());
          accepted.write(message.flip());
          client.read(message.clear());
        }
      }
    }
  }

  private static void pipeAndDatagrams() throws IOException {
    Pipe pipe = Pipe.open();
    try (Pipe.SinkChannel sink = pipe.sink();
        Pipe.SourceChannel source = pipe.source();
        DatagramChannel datagrams = DatagramChannel.open();
        Selector selector = Selector.open()) {
      sink.write(ByteBuffer.wrap(new byte[] {1}));
      source.configureBlocking(false);
      datagrams.configureBlocking(false);
      source.register(selector, SelectionKey.OP_READ);
      datagrams.register(selector, SelectionKey.OP_READ);
      selector.select();
    }
  }

  private static void ownNetwork() throws IOException {
    try (RingNetwork network = RingNetwork.open();
        ServerSocketChannel server = network.provider().openServerSocketChannel();
        SocketChannel client = network.provider().openSocketChannel()) {
      server.bind(new InetSocketAddress("10.1.2.3", 80));
      client.connect(server.getLocalAddress());
      client.write(ByteBuffer.wrap(new byte[] {1}));
      try (SocketChannel accepted = server.accept()) {
        accepted.read(ByteBuffer.allocate(8));
      }
    }
  }

  private static void tell() {
    if (SelectorProvider.provider() instanceof RingSelectorProvider provider) {
      RingNetworkStatistics statistics = provider.network().statistics();
      System.out.println(
          provider.network().config().mode()
              + ": "
              + statistics.ringConnections()
              + " ring connections, "
              + statistics.kernelConnections()
              + " kernel connections, "
              + statistics.ringBytes()
              + " bytes, "
              + (Program.class.getModule().isNamed() ? "module path" : "class path"));
    }
  }
}
