package io.nioring.soak;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** The kinds of sockets that are soaked. */
final class SoakTransports {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private SoakTransports() {}

  // -- channels that block

  static SoakTransport channels(RingNetwork network) throws IOException {
    ServerSocketChannel server = network.provider().openServerSocketChannel();
    server.bind(ANY_PORT);
    return new Channels(server, server.getLocalAddress(), network.provider());
  }

  static SoakTransport unix(RingNetwork network, Path path) throws IOException {
    Files.deleteIfExists(path);
    ServerSocketChannel server =
        network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return new Channels(server, server.getLocalAddress(), network.provider());
  }

  private static class Channels implements SoakTransport {
    final ServerSocketChannel server;
    final SocketAddress address;
    final SelectorProvider provider;

    Channels(ServerSocketChannel server, SocketAddress address, SelectorProvider provider) {
      this.server = server;
      this.address = address;
      this.provider = provider;
    }

    @Override
    public SoakConnection accept() throws Exception {
      OfChannel connection = new OfChannel();
      connection.channel = server.accept();
      return connection;
    }

    @Override
    public SoakConnection connect() throws Exception {
      OfChannel connection = new OfChannel();
      connection.channel = connected();
      return connection;
    }

    final SocketChannel connected() throws IOException {
      SocketChannel client =
          address instanceof UnixDomainSocketAddress
              ? provider.openSocketChannel(StandardProtocolFamily.UNIX)
              : provider.openSocketChannel();
      boolean connected = false;
      try {
        client.connect(address);
        connected = true;
        return client;
      } finally {
        if (!connected) {
          client.close();
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  /**
   * Made before its channel: one that could not be handed out would be lost, and nobody read it.
   */
  private static class OfChannel implements SoakConnection {
    SocketChannel channel;

    @Override
    public int read(ByteBuffer dst) throws Exception {
      return channel.read(dst);
    }

    @Override
    public void write(ByteBuffer src) throws Exception {
      while (src.hasRemaining()) {
        channel.write(src);
      }
    }

    @Override
    public final void shutdownOutput() throws Exception {
      channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  // -- channels with selectors

  static SoakTransport selectors(RingNetwork network) throws IOException {
    ServerSocketChannel server = network.provider().openServerSocketChannel();
    server.bind(ANY_PORT);
    server.configureBlocking(false);
    Selector accepting = network.provider().openSelector();
    server.register(accepting, SelectionKey.OP_ACCEPT);
    return new Selectors(server, accepting, network.provider());
  }

  private static final class Selectors extends Channels {
    private final Selector accepting;

    Selectors(ServerSocketChannel server, Selector accepting, SelectorProvider provider)
        throws IOException {
      super(server, server.getLocalAddress(), provider);
      this.accepting = accepting;
    }

    @Override
    public SoakConnection accept() throws Exception {
      SocketChannel accepted = server.accept();
      while (accepted == null) {
        accepting.select();
        accepting.selectedKeys().clear();
        accepted = server.accept();
      }
      return selected(accepted);
    }

    @Override
    public SoakConnection connect() throws Exception {
      return selected(connected());
    }

    private SoakConnection selected(SocketChannel channel) throws IOException {
      Selector selector = null;
      boolean made = false;
      try {
        channel.configureBlocking(false);
        selector = provider.openSelector();
        SoakConnection connection = new Selected(channel, selector);
        made = true;
        return connection;
      } finally {
        if (!made) {
          channel.close();
          if (selector != null) {
            selector.close();
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      accepting.close();
    }
  }

  /** Waits in a selector of its own. */
  private static final class Selected extends OfChannel {
    private final Selector selector;
    private final SelectionKey key;

    Selected(SocketChannel channel, Selector selector) throws IOException {
      this.channel = channel;
      this.selector = selector;
      this.key = channel.register(selector, 0);
    }

    private void await(int operation) throws IOException {
      key.interestOps(operation);
      selector.select();
      selector.selectedKeys().clear();
    }

    @Override
    public int read(ByteBuffer dst) throws Exception {
      int count = channel.read(dst);
      while (count == 0) {
        await(SelectionKey.OP_READ);
        count = channel.read(dst);
      }
      return count;
    }

    @Override
    public void write(ByteBuffer src) throws Exception {
      while (src.hasRemaining()) {
        if (channel.write(src) == 0) {
          await(SelectionKey.OP_WRITE);
        }
      }
    }

    @Override
    public void close() throws IOException {
      try {
        channel.close();
      } finally {
        selector.close();
      }
    }
  }

  // -- plain sockets

  static SoakTransport plain(RingNetwork network) throws IOException {
    ServerSocket server = network.serverSocketFactory().createServerSocket();
    server.bind(ANY_PORT);
    return new Plain(network, server);
  }

  private record Plain(RingNetwork network, ServerSocket server) implements SoakTransport {
    @Override
    public SoakConnection accept() throws Exception {
      OfSocket connection = new OfSocket();
      connection.socket = server.accept();
      return connection;
    }

    @Override
    public SoakConnection connect() throws Exception {
      OfSocket connection = new OfSocket();
      Socket client = network.socketFactory().createSocket();
      boolean connected = false;
      try {
        client.connect(server.getLocalSocketAddress());
        connected = true;
        connection.socket = client;
        return connection;
      } finally {
        if (!connected) {
          client.close();
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @SuppressWarnings("ByteBufferBackingArray") // all of them are of whole arrays
  private static final class OfSocket implements SoakConnection {
    private Socket socket;

    @Override
    public int read(ByteBuffer dst) throws Exception {
      int at = dst.position();
      int count = socket.getInputStream().read(dst.array(), at, dst.remaining());
      if (count > 0) {
        dst.position(at + count);
      }
      return count;
    }

    @Override
    public void write(ByteBuffer src) throws Exception {
      socket.getOutputStream().write(src.array(), src.position(), src.remaining());
    }

    @Override
    public void shutdownOutput() throws Exception {
      socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  // -- asynchronous channels

  static SoakTransport asynchronous(RingNetwork network) throws IOException {
    AsynchronousChannelGroup group =
        network.asynchronousProvider().openAsynchronousChannelGroup(2, Soak::daemon);
    AsynchronousServerSocketChannel server =
        network.asynchronousProvider().openAsynchronousServerSocketChannel(group);
    server.bind(ANY_PORT);
    return new Asynchronous(network, group, server);
  }

  private static final class Asynchronous implements SoakTransport {
    private final RingNetwork network;
    private final AsynchronousChannelGroup group;
    private final AsynchronousServerSocketChannel server;
    private final SocketAddress address;

    /** Kept until its connection is handed out, also if waiting for it has failed. */
    private Future<AsynchronousSocketChannel> accepting;

    Asynchronous(
        RingNetwork network, AsynchronousChannelGroup group, AsynchronousServerSocketChannel server)
        throws IOException {
      this.network = network;
      this.group = group;
      this.server = server;
      this.address = server.getLocalAddress();
    }

    @Override
    public SoakConnection accept() throws Exception {
      OfAsynchronous connection = new OfAsynchronous();
      if (accepting == null) {
        accepting = server.accept();
      }
      try {
        connection.channel = accepting.get();
      } catch (ExecutionException e) {
        accepting = null;
        throw e;
      }
      accepting = null;
      return connection;
    }

    @Override
    public SoakConnection connect() throws Exception {
      OfAsynchronous connection = new OfAsynchronous();
      AsynchronousSocketChannel client =
          network.asynchronousProvider().openAsynchronousSocketChannel(group);
      boolean connected = false;
      try {
        end(client.connect(address));
        connected = true;
        connection.channel = client;
        return connection;
      } finally {
        if (!connected) {
          client.close();
        }
      }
    }

    @Override
    public void close() throws IOException {
      group.shutdownNow();
    }
  }

  private static <T> T end(Future<T> operation) throws Exception {
    try {
      return operation.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  private static final class OfAsynchronous implements SoakConnection {
    private AsynchronousSocketChannel channel;

    @Override
    public int read(ByteBuffer dst) throws Exception {
      return end(channel.read(dst));
    }

    @Override
    public void write(ByteBuffer src) throws Exception {
      while (src.hasRemaining()) {
        end(channel.write(src));
      }
    }

    @Override
    public void shutdownOutput() throws Exception {
      channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
