package io.nioring.benchmark;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
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
 * The whole life of a short connection of plain sockets, as {@link ConnectCycle} has it: connect,
 * accept, one byte from client to server, close at both ends, first at the server's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PlainConnectCycle {
  @Param({"ring-inet", "hybrid-inet", "tcp"})
  public String transport;

  private PlainTransport opened;
  private ServerSocket listener;
  private Peer server;

  @Setup
  public void open() throws IOException {
    opened = PlainTransport.open(transport);
    listener = opened.listen();
    server = Peer.start(this::acceptReceiveAndClose, listener);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, listener, opened);
  }

  private void acceptReceiveAndClose() throws IOException {
    try (Socket accepted = listener.accept()) {
      if (accepted.getInputStream().read() < 0) {
        throw new IOException("the client has closed");
      }
    }
  }

  @Benchmark
  public void cycle() throws IOException {
    try (Socket client = opened.connectTo(listener)) {
      client.getOutputStream().write(1);
      if (client.getInputStream().read() >= 0) {
        throw new IOException("the server sent something");
      }
    }
  }
}
