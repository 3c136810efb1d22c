package io.nioring.benchmark;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * 64 connections into one selector: another thread writes messages of 1 KiB to each in turn and
 * blocks where one is full; measured is the thread that selects and reads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FanIn {
  private static final int CONNECTIONS = 64;
  private static final int MESSAGE_BYTES = 1024;

  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);
  private final List<ConnectedPair> pairs = new ArrayList<>();
  private Transport opened;
  private Selector selector;
  private Peer sender;
  private int receivedAhead;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    selector = opened.openSelector();
    for (int i = 0; i < CONNECTIONS; i++) {
      ConnectedPair pair = opened.connectPair();
      pair.server().configureBlocking(false);
      pair.server().register(selector, SelectionKey.OP_READ);
      pairs.add(pair);
    }
    Stream<Closeable> clients = pairs.stream().map(ConnectedPair::client);
    sender = Peer.start(this::sendOneToEach, clients.toArray(Closeable[]::new));
  }

  private void sendOneToEach() throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      message.rewind();
      pairs.get(i).client().write(message);
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(sender);
    Resources.closeAll(pairs.toArray(AutoCloseable[]::new));
    Resources.closeAll(selector, opened);
  }

  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void message() throws IOException {
    int wanted = CONNECTIONS * MESSAGE_BYTES - receivedAhead;
    receivedAhead = Messages.readSelecting(selector, readBuffer, wanted) - wanted;
  }
}
