package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
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
import org.openjdk.jmh.annotations.Threads;

/**
 * Sixteen clients, each with a connection and a thread of its own that sends 64 bytes and blocks
 * until they are back, and sixteen threads that echo: far more threads than cores.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(16)
public class BlockingEcho {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer echo = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private Transport opened;
  private ConnectedPair pair;
  private Peer server;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    pair = opened.connectPair();
    server = Peer.start(this::echo, pair.server());
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, pair, opened);
  }

  private void echo() throws IOException {
    echo.clear();
    Messages.read(pair.server(), echo);
    echo.flip();
    pair.server().write(echo);
  }

  @Benchmark
  public void roundTrip() throws IOException {
    request.rewind();
    pair.client().write(request);
    Messages.readFully(pair.client(), answer, MESSAGE_BYTES);
  }
}
