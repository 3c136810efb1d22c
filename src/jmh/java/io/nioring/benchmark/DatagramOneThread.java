package io.nioring.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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

/** A datagram of 64 bytes there and back, both channels on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DatagramOneThread {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "udp"})
  public String transport;

  /** Whether a selector tells that a packet is there, or the channels just wait for it. */
  @Param({"block", "select"})
  public String waiting;

  private final ByteBuffer question = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private Transport opened;
  private Selector selector;
  private DatagramChannel client;
  private DatagramChannel server;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    server = bind();
    client = bind();
    client.connect(server.getLocalAddress());
    if (waiting.equals("select")) {
      selector = opened.openSelector();
      register(client);
      register(server);
    }
  }

  private DatagramChannel bind() throws IOException {
    DatagramChannel channel = opened.provider().openDatagramChannel(StandardProtocolFamily.INET);
    return channel.bind(
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
  }

  private void register(DatagramChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(client, server, selector, opened);
  }

  @Benchmark
  public void roundTrip() throws IOException {
    question.clear();
    client.write(question);
    await();
    answer.clear();
    SocketAddress source = server.receive(answer);
    server.send(answer.flip(), source);
    await();
    question.clear();
    client.read(question);
  }

  private void await() throws IOException {
    if (selector != null) {
      selector.select();
      selector.selectedKeys().clear();
    }
  }
}
