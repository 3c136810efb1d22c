package io.nioring.benchmark;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
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
 * The whole life of a short connection: connect, accept, one byte from client to server, close at
 * both ends. All channels block. With two threads the client waits for the server's close, so that
 * the two never drift apart.
 *
 * <p>The server always closes first: the kernel's TCP then keeps the closed connection's address
 * waiting at the listener's port, and does not run out of the client's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ConnectCycle {
  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  @Param({"1", "2"})
  public int threads;

  private final ByteBuffer clientBuffer = ByteBuffer.allocateDirect(1);
  private final ByteBuffer serverBuffer = ByteBuffer.allocateDirect(1);
  private Transport opened;
  private ServerSocketChannel listener;
  private SocketAddress address;
  private Peer server;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    listener = opened.listen();
    address = listener.getLocalAddress();
    if (threads == 2) {
      server = Peer.start(this::acceptReceiveAndClose, listener);
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, listener, opened);
  }

  private void acceptReceiveAndClose() throws IOException {
    try (SocketChannel accepted = listener.accept()) {
      Messages.readFully(accepted, serverBuffer, 1);
    }
  }

  @Benchmark
  public void cycle() throws IOException {
    try (SocketChannel client = opened.openChannel()) {
      client.connect(address);
      clientBuffer.clear();
      client.write(clientBuffer);
      if (server == null) {
        acceptReceiveAndClose();
      } else {
        awaitClose(client);
      }
    }
  }

  private void awaitClose(SocketChannel client) throws IOException {
    clientBuffer.clear();
    if (client.read(clientBuffer) >= 0) {
      throw new IOException("the server sent something");
    }
  }
}
