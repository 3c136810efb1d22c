package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What traffic that stays in the kernel pays for passing through the hybrid mode: TCP over loopback
 * between a hybrid network and the platform's own channels, as if those were another process.
 *
 * <p>{@code connects} has the hybrid network on the client's side, {@code accepts} on the server's;
 * {@code platform} is the yardstick.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class KernelThroughHybrid {
  private static final int PING_BYTES = 64;
  private static final int STREAM_BYTES = 16 * 1024;

  @Param({"platform", "connects", "accepts"})
  public String hybrid;

  private final ByteBuffer request = ByteBuffer.allocateDirect(PING_BYTES);
  private final ByteBuffer message = ByteBuffer.allocateDirect(STREAM_BYTES);
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);
  private RingNetwork network;
  private Selector echoSelector;
  private Selector writable;
  private Selector readable;
  private ConnectedPair pinging;
  private ConnectedPair streaming;
  private EchoLoop loop;
  private Peer reader;

  @Setup
  public void open() throws IOException {
    network =
        RingNetwork.open(RingNetworkConfig.builder().mode(io.nioring.route.Mode.HYBRID).build());
    SelectorProvider platform = SelectorProvider.provider();
    SelectorProvider ours = network.provider();
    SelectorProvider connecting = hybrid.equals("connects") ? ours : platform;
    SelectorProvider accepting = hybrid.equals("accepts") ? ours : platform;

    echoSelector = (hybrid.equals("platform") ? platform : ours).openSelector();
    pinging = connect(connecting, accepting);
    loop = new EchoLoop(echoSelector);
    loop.add(pinging);

    writable = connecting.openSelector();
    readable = accepting.openSelector();
    streaming = connect(connecting, accepting).nonBlocking();
    streaming.client().register(writable, SelectionKey.OP_WRITE);
    streaming.server().register(readable, SelectionKey.OP_READ);
    reader =
        Peer.start(
            () -> Messages.readSelecting(readable, readBuffer, 1), readable, streaming.server());
  }

  private static ConnectedPair connect(SelectorProvider connecting, SelectorProvider accepting)
      throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocketChannel listener =
        accepting.openServerSocketChannel().bind(new InetSocketAddress(loopback, 0))) {
      SocketChannel client = connecting.openSocketChannel();
      client.connect(listener.getLocalAddress());
      return new ConnectedPair(client, listener.accept());
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(reader, streaming, pinging, readable, writable, echoSelector, network);
  }

  /** 64 bytes there and back, both ends in one selector. */
  @Benchmark
  public void roundTrip() throws IOException {
    request.rewind();
    pinging.client().write(request);
    loop.serveUntilAnswered(PING_BYTES);
  }

  /** 16 KiB to another thread. */
  @Benchmark
  public void message() throws IOException {
    message.rewind();
    Messages.writeSelecting(streaming.client(), message, writable);
  }
}
