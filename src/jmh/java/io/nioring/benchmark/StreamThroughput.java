package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
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

/**
 * Messages from one thread to another, one {@code write} a message. The writer selects only when a
 * write fell short; the reader selects before each read.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class StreamThroughput {
  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  @Param({"64", "1024", "16384", "65536"})
  public int messageBytes;

  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);
  private ByteBuffer message;
  private Transport opened;
  private ConnectedPair pair;
  private Selector writable;
  private Selector readable;
  private Peer reader;

  @Setup
  public void open() throws IOException {
    message = ByteBuffer.allocateDirect(messageBytes);
    opened = Transport.open(transport);
    pair = opened.connectPair().nonBlocking();
    writable = opened.openSelector();
    readable = opened.openSelector();
    pair.client().register(writable, SelectionKey.OP_WRITE);
    pair.server().register(readable, SelectionKey.OP_READ);
    reader =
        Peer.start(() -> Messages.readSelecting(readable, readBuffer, 1), readable, pair.server());
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(reader, pair, writable, readable, opened);
  }

  @Benchmark
  public void message() throws IOException {
    message.rewind();
    Messages.writeSelecting(pair.client(), message, writable);
  }
}
