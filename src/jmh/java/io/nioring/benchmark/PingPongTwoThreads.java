package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
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
 * 64 bytes there and back between two threads, which either block in {@code read} or wait in {@code
 * select}, each in a selector of its own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PingPongTwoThreads {
  private static final int MESSAGE_BYTES = 64;

  @Param({"ring-inet", "ring-unix", "tcp", "uds"})
  public String transport;

  @Param({"select", "block"})
  public String waiting;

  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final ByteBuffer echo = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private Transport opened;
  private ConnectedPair pair;
  private Selector clientSelector;
  private Selector serverSelector;
  private Peer server;
  private boolean selecting;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    pair = opened.connectPair();
    clientSelector = opened.openSelector();
    serverSelector = opened.openSelector();
    selecting = waiting.equals("select");
    if (selecting) {
      pair.nonBlocking();
      pair.client().register(clientSelector, SelectionKey.OP_READ);
      pair.server().register(serverSelector, SelectionKey.OP_READ);
      server = Peer.start(this::echoSelecting, serverSelector, pair.server());
    } else {
      server = Peer.start(this::echoBlocking, pair.server());
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(server, pair, clientSelector, serverSelector, opened);
  }

  private void echoBlocking() throws IOException {
    echo.clear();
    Messages.read(pair.server(), echo);
    echo.flip();
    pair.server().write(echo);
  }

  private void echoSelecting() throws IOException {
    serverSelector.select();
    Iterator<SelectionKey> keys = serverSelector.selectedKeys().iterator();
    while (keys.hasNext()) {
      SelectionKey key = keys.next();
      keys.remove();
      if (key.isReadable()) {
        SocketChannel channel = (SocketChannel) key.channel();
        echo.clear();
        Messages.read(channel, echo);
        echo.flip();
        channel.write(echo);
      }
    }
  }

  @Benchmark
  public void roundTrip() throws IOException {
    request.rewind();
    pair.client().write(request);
    if (selecting) {
      Messages.readSelecting(clientSelector, answer, MESSAGE_BYTES);
    } else {
      Messages.readFully(pair.client(), answer, MESSAGE_BYTES);
    }
  }
}
