package io.nioring.benchmark;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
 * The life of a short connection to a server as event loops are written: it selects, then accepts
 * until there is nothing more, and one accept of each cycle finds nothing. All on one thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class AcceptLoop {
  @Param({"hybrid-inet", "hybrid-unix", "tcp", "uds"})
  public String transport;

  private final ByteBuffer clientBuffer = ByteBuffer.allocateDirect(1);
  private final ByteBuffer serverBuffer = ByteBuffer.allocateDirect(1);
  private Transport opened;
  private ServerSocketChannel listener;
  private SocketAddress address;
  private Selector selector;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    selector = opened.openSelector();
    listener = opened.listen();
    address = listener.getLocalAddress();
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(listener, selector, opened);
  }

  @Benchmark
  public int cycle() throws IOException {
    try (SocketChannel client = opened.openChannel()) {
      client.connect(address);
      clientBuffer.clear();
      client.write(clientBuffer);
      selector.select();
      selector.selectedKeys().clear();
      return acceptAll();
    }
  }

  /**
   * Accepts what there is, receives a byte from each and closes it; returns how many these were.
   */
  private int acceptAll() throws IOException {
    int count = 0;
    SocketChannel accepted = listener.accept();
    while (accepted != null) {
      try (SocketChannel closing = accepted) {
        Messages.readFully(closing, serverBuffer, 1);
      }
      count++;
      accepted = listener.accept();
    }
    return count;
  }
}
