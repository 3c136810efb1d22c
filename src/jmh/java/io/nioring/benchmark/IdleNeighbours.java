package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Ten connections that each send 64 bytes there and back, beside many that do nothing, both ends of
 * all of them in the one selector of one thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class IdleNeighbours {
  private static final int ACTIVE = 10;
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  /** How many are idle; the kernel's transports take fewer where file descriptors are short. */
  @Param("10000")
  public int idle;

  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private Transport opened;
  private Selector selector;
  private ConnectionField field;
  private EchoLoop loop;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    selector = opened.openSelector();
    loop = new EchoLoop(selector);
    field = new ConnectionField(opened, ACTIVE + idle);
    field.connectAll(loop);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(field, selector, opened);
  }

  @Benchmark
  @OperationsPerInvocation(ACTIVE)
  public void roundTrip() throws IOException {
    for (int i = 0; i < ACTIVE; i++) {
      request.rewind();
      field.client(i).write(request);
    }
    loop.serveUntilAnswered(ACTIVE * MESSAGE_BYTES);
  }
}
