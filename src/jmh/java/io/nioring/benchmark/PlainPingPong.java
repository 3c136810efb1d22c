package io.nioring.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * 64 bytes there and back over the streams of plain sockets, between two threads, or with both ends
 * on one; {@code kernel-inet} tells what the kernel's traffic pays for our implementation around
 * the platform's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PlainPingPong {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "hybrid-inet", "kernel-inet", "tcp"})
  public String transport;

  @Param({"1", "2"})
  public int threads;

  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] echo = new byte[MESSAGE_BYTES];
  private PlainTransport opened;
  private Socket client;
  private Socket accepted;
  private InputStream clientIn;
  private OutputStream clientOut;
  private InputStream serverIn;
  private OutputStream serverOut;
  private Peer server;

  @Setup
  public void open() throws IOException {
    opened = PlainTransport.open(transport);
    try (ServerSocket listener = opened.listen()) {
      client = opened.connectTo(listener);
      accepted = listener.accept();
      accepted.setTcpNoDelay(true);
    }
    clientIn = client.getInputStream();
    clientOut = client.getOutputStream();
    serverIn = accepted.getInputStream();
    serverOut = accepted.getOutputStream();
    if (threads == 2) {
      server = Peer.start(this::answer, accepted);
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, client, accepted, opened);
  }

  private void answer() throws IOException {
    readFully(serverIn, echo);
    serverOut.write(echo);
  }

  private static void readFully(InputStream in, byte[] bytes) throws IOException {
    if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new IOException("the peer has closed");
    }
  }

  @Benchmark
  public void roundTrip() throws IOException {
    clientOut.write(message);
    if (threads == 1) {
      answer();
    }
    readFully(clientIn, message);
  }
}
