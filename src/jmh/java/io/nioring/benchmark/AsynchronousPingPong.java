package io.nioring.benchmark;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * 64 bytes there and back on asynchronous channels: the peer answers by handlers on a group of one
 * thread, the client waits for futures.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("AddressSelection") // a literal, not a name
public class AsynchronousPingPong {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "hybrid-inet", "tcp"})
  public String transport;

  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private RingNetwork network;

  /** Null if the network is no simulation's. */
  private Simulation simulation;

  private AsynchronousChannelGroup group;
  private AsynchronousSocketChannel client;

  @Setup
  public void open() throws Exception {
    simulation = transport.equals("simulated-inet") ? Simulation.open() : null;
    network = simulation == null ? network(transport) : simulation.network();
    AsynchronousChannelProvider opener =
        network == null ? AsynchronousChannelProvider.provider() : network.asynchronousProvider();
    group = opener.openAsynchronousChannelGroup(1, Executors.defaultThreadFactory());
    try (AsynchronousServerSocketChannel server =
        opener.openAsynchronousServerSocketChannel(group)) {
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      Future<AsynchronousSocketChannel> accepted = server.accept();
      client = opener.openAsynchronousSocketChannel(group);
      client.connect(server.getLocalAddress()).get();
      new Echo(accepted.get()).read();
    }
  }

  /** The network of a transport; null for the platform's. */
  private static RingNetwork network(String transport) {
    return switch (transport) {
      case "ring-inet" -> network(io.nioring.route.Mode.RING);
      case "hybrid-inet" -> network(io.nioring.route.Mode.HYBRID);
      case "tcp" -> null;
      default -> throw new IllegalArgumentException("no transport is named " + transport);
    };
  }

  private static RingNetwork network(io.nioring.route.Mode mode) {
    return RingNetwork.open(RingNetworkConfig.builder().mode(mode).build());
  }

  @TearDown
  public void close() throws IOException {
    group.shutdownNow();
    if (simulation != null) {
      simulation.close();
    } else if (network != null) {
      network.close();
    }
  }

  @Benchmark
  public void roundTrip() throws Exception {
    request.rewind();
    client.write(request).get();
    answer.clear();
    while (answer.hasRemaining()) {
      client.read(answer).get();
    }
  }

  /** Sends back what comes, until the connection ends. */
  private static final class Echo implements CompletionHandler<Integer, Boolean> {
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES);

    Echo(AsynchronousSocketChannel channel) {
      this.channel = channel;
    }

    void read() {
      buffer.clear();
      channel.read(buffer, true, this);
    }

    @Override
    public void completed(Integer count, Boolean wasRead) {
      if (count < 0) {
        return;
      }
      if (wasRead) {
        buffer.flip();
        channel.write(buffer, false, this);
      } else {
        read();
      }
    }

    @Override
    public void failed(Throwable failure, Boolean wasRead) {
      // The benchmark has closed the channel.
    }
  }
}
