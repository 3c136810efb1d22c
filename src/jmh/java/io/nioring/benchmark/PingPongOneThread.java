package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
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

/** 64 bytes there and back, both ends on one thread and in one selector. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PingPongOneThread {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private Transport opened;
  private Selector selector;
  private ConnectedPair pair;
  private EchoLoop loop;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    selector = opened.openSelector();
    pair = opened.connectPair();
    loop = new EchoLoop(selector);
    loop.add(pair);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(pair, selector, opened);
  }

  @Benchmark
  public void roundTrip() throws IOException {
    request.rewind();
    pair.client().write(request);
    loop.serveUntilAnswered(MESSAGE_BYTES);
  }
}
