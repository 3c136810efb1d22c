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

/** A large message there and back between two threads that block: each waits for all of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LargeMessages {
  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  @Param({"65536", "262144", "1048576"})
  public int messageBytes;

  private Transport opened;
  private ConnectedPair pair;
  private ByteBuffer request;
  private ByteBuffer answer;
  private ByteBuffer echo;
  private Peer server;

  @Setup
  public void open() throws IOException {
    request = ByteBuffer.allocateDirect(messageBytes);
    answer = ByteBuffer.allocateDirect(messageBytes);
    echo = ByteBuffer.allocateDirect(messageBytes);
    opened = Transport.open(transport);
    pair = opened.connectPair();
    server = Peer.start(this::echoOnce, pair.server());
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, pair, opened);
  }

  private void echoOnce() throws IOException {
    Messages.readFully(pair.server(), echo, messageBytes);
    echo.flip();
    pair.server().write(echo);
  }

  @Benchmark
  public void roundTrip() throws IOException {
    request.rewind();
    pair.client().write(request);
    Messages.readFully(pair.client(), answer, messageBytes);
  }
}
