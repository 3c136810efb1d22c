package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What traffic that stays in the kernel pays for passing through the hybrid mode: 64 connections,
 * each with a message of 1 KiB on its way to an echo server and back.
 *
 * <p>With {@code threads=2} the server is another thread: as in life, but how long its answers take
 * depends on where the scheduler keeps the two. With {@code threads=1} it is the same, which tells
 * what the calls cost.
 *
 * <p>{@code connects} has the hybrid network on the client's side, {@code accepts} on the server's,
 * and the platform's own channels on the other, as if that were another process; {@code platform}
 * is the yardstick.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class KernelThroughHybrid {
  private static final int CONNECTIONS = 64;
  private static final int MESSAGE_BYTES = 1024;

  @Param({"platform", "connects", "accepts"})
  public String hybrid;

  @Param({"tcp", "uds"})
  public String kernel;

  @Param({"1", "2"})
  public int threads;

  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);
  private final ByteBuffer echo = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);
  private final List<ConnectedPair> pairs = new ArrayList<>();
  private RingNetwork network;
  private Selector clientSelector;
  private Selector serverSelector;
  private Peer server;

  @Setup
  public void open() throws IOException {
    network =
        RingNetwork.open(RingNetworkConfig.builder().mode(io.nioring.route.Mode.HYBRID).build());
    SelectorProvider platform = SelectorProvider.provider();
    SelectorProvider connecting = hybrid.equals("connects") ? network.provider() : platform;
    SelectorProvider accepting = hybrid.equals("accepts") ? network.provider() : platform;
    clientSelector = connecting.openSelector();
    serverSelector = accepting.openSelector();
    if (kernel.equals("tcp")) {
      connectOverTcp(connecting, accepting);
    } else {
      connectOverUnixSockets(connecting, accepting);
    }
    for (ConnectedPair pair : pairs) {
      pair.nonBlocking();
      pair.client().register(clientSelector, SelectionKey.OP_READ);
      pair.server().register(serverSelector, SelectionKey.OP_READ);
    }
    if (threads == 2) {
      Stream<Closeable> ends = pairs.stream().map(ConnectedPair::server);
      server =
          Peer.start(
              this::awaitAndEcho,
              Stream.concat(Stream.of(serverSelector), ends).toArray(Closeable[]::new));
    }
  }

  private void connectOverTcp(SelectorProvider connecting, SelectorProvider accepting)
      throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocketChannel listener =
        accepting.openServerSocketChannel().bind(new InetSocketAddress(loopback, 0))) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = connecting.openSocketChannel();
        client.connect(listener.getLocalAddress());
        pairs.add(new ConnectedPair(client, listener.accept()));
      }
    }
  }

  private void connectOverUnixSockets(SelectorProvider connecting, SelectorProvider accepting)
      throws IOException {
    Path folder = Files.createTempDirectory("nioring-benchmark");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("echo"));
    try (ServerSocketChannel listener =
        accepting.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(address)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = connecting.openSocketChannel(StandardProtocolFamily.UNIX);
        client.connect(address);
        pairs.add(new ConnectedPair(client, listener.accept()));
      }
    } finally {
      Files.delete(address.getPath());
      Files.delete(folder);
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server);
    Resources.closeAll(pairs.toArray(AutoCloseable[]::new));
    Resources.closeAll(clientSelector, serverSelector, network);
  }

  private void awaitAndEcho() throws IOException {
    serverSelector.select();
    echoSelected();
  }

  private void echoSelected() throws IOException {
    Iterator<SelectionKey> keys = serverSelector.selectedKeys().iterator();
    while (keys.hasNext()) {
      SelectionKey key = keys.next();
      keys.remove();
      if (key.isReadable()) {
        SocketChannel channel = (SocketChannel) key.channel();
        echo.clear();
        Messages.read(channel, echo);
        channel.write(echo.flip());
        if (echo.hasRemaining()) {
          throw new IOException("an answer did not fit an empty connection");
        }
      }
    }
  }

  /** A message to each connection, and all the answers. */
  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void echo() throws IOException {
    for (ConnectedPair pair : pairs) {
      message.rewind();
      pair.client().write(message);
    }
    if (threads == 1) {
      echoAll();
    }
    Messages.readSelecting(clientSelector, answer, CONNECTIONS * MESSAGE_BYTES);
  }

  /** Loopback delivers before a write returns, in as many pieces as it likes. */
  private void echoAll() throws IOException {
    while (serverSelector.selectNow() > 0) {
      echoSelected();
    }
  }
}
