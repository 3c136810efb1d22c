package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Rounds;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that end after exactly so many bytes, for each number, in each form of reading. */
@Tag("stress")
@Timeout(300)
class ByteExactTest {
  private static final int MOST = Rounds.of("test.byteExact.most", 64, 4_096);
  private static final int MORE = 10;

  /** How bytes are read. */
  enum Form {
    BLOCKING,
    SELECTOR,
    ADAPTOR
  }

  private static Stream<Arguments> formsAndChunks() {
    return Stream.of(Form.BLOCKING, Form.SELECTOR, Form.ADAPTOR)
        .flatMap(form -> Stream.of(1, 7, 5_000).map(chunk -> Arguments.of(form, chunk)));
  }

  @ParameterizedTest
  @MethodSource("formsAndChunks")
  void aResetComesAfterExactlyThatManyBytes(Form form, int chunk) throws Exception {
    resets(form, chunk, true);
    resets(form, chunk, false);
  }

  private static void resets(Form form, int chunk, boolean upstream) throws Exception {
    cutAtEachByte(
        upstream,
        FaultBuilder::resetAfterBytes,
        (writer, reader, n) -> {
          if (n > 0) {
            assertThat(writer.write(ByteBuffer.wrap(new byte[n + MORE]))).isEqualTo(n + MORE);
          }
          assertThat(count(reader, form, chunk, n)).isEqualTo(n);
          assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(1)))
              .isInstanceOf(SocketException.class)
              .hasMessage("Connection reset");
          assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1)))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection reset by peer");
          assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1))).hasMessage("Broken pipe");
          assertThat(writer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        });
  }

  /** What is to be seen of a stream that a fault has cut after n bytes. */
  private interface Cut {
    void check(SocketChannel writer, SocketChannel reader, int n) throws Exception;
  }

  private static void cutAtEachByte(
      boolean upstream, BiFunction<FaultBuilder, Long, FaultBuilder> fault, Cut cut)
      throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost db = sim.host("db");
      for (int n = 0; n <= MOST; n++) {
        FaultBuilder builder = fault.apply(sim.faults().to(db, 5432), (long) n);
        Fault installed = (upstream ? builder.upstream() : builder.downstream()).install();
        try (SimPair pair = SimPair.connectBlocking(sim, sim.host("client"), db, 5432)) {
          SocketChannel writer = upstream ? pair.client() : pair.server();
          SocketChannel reader = upstream ? pair.server() : pair.client();
          cut.check(writer, reader, n);
        }
        installed.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formsAndChunks")
  void anEndComesAfterExactlyThatManyBytes(Form form, int chunk) throws Exception {
    ends(form, chunk, true);
    ends(form, chunk, false);
  }

  private static void ends(Form form, int chunk, boolean upstream) throws Exception {
    cutAtEachByte(
        upstream,
        FaultBuilder::closeAfterBytes,
        (writer, reader, n) -> {
          if (n > 0) {
            writer.write(ByteBuffer.wrap(new byte[n + MORE]));
          }
          assertThat(count(reader, form, chunk, n + 1)).isEqualTo(n);
          assertThat(reader.read(ByteBuffer.allocate(1))).isEqualTo(-1);
          assertThat(writer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
          assertThat(writer.write(ByteBuffer.allocate(1))).isOne();
          assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1))).hasMessage("Broken pipe");
        });
  }

  /** An end of a connection that is no channel with a selector. */
  private interface End extends Closeable {
    /** As {@link SocketChannel#read}. */
    int read(int most) throws Exception;

    void write(int count) throws Exception;
  }

  private record PlainEnd(Socket socket) implements End {
    @Override
    public int read(int most) throws IOException {
      return socket.getInputStream().read(new byte[most]);
    }

    @Override
    public void write(int count) throws IOException {
      socket.getOutputStream().write(new byte[count]);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private record AsynchronousEnd(AsynchronousSocketChannel channel) implements End {
    @Override
    public int read(int most) throws Exception {
      try {
        return channel.read(ByteBuffer.allocate(most)).get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw (IOException) e.getCause();
      }
    }

    @Override
    public void write(int count) throws Exception {
      assertThat(channel.write(ByteBuffer.allocate(count)).get(10, TimeUnit.SECONDS))
          .isEqualTo(count);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Connects two ends: the client's comes first. */
  private interface Connecting {
    List<End> connect(Simulation sim, RingHost client, RingHost server) throws Exception;
  }

  enum Kind implements Connecting {
    PLAIN {
      @Override
      public List<End> connect(Simulation sim, RingHost client, RingHost server) throws Exception {
        try (ServerSocket listener = server.serverSocketFactory().createServerSocket(5432)) {
          Socket socket = client.socketFactory().createSocket(server.address(), 5432);
          return List.of(new PlainEnd(socket), new PlainEnd(listener.accept()));
        }
      }
    },
    ASYNCHRONOUS {
      @Override
      public List<End> connect(Simulation sim, RingHost client, RingHost server) throws Exception {
        AsynchronousChannelProvider provider = sim.network().asynchronousProvider();
        try (AsynchronousServerSocketChannel listener =
            server.call(() -> provider.openAsynchronousServerSocketChannel(null))) {
          listener.bind(new InetSocketAddress(server.address(), 5432));
          AsynchronousSocketChannel channel =
              client.call(() -> provider.openAsynchronousSocketChannel(null));
          channel.connect(listener.getLocalAddress()).get(10, TimeUnit.SECONDS);
          return List.of(
              new AsynchronousEnd(channel),
              new AsynchronousEnd(listener.accept().get(10, TimeUnit.SECONDS)));
        }
      }
    }
  }

  private static Stream<Arguments> kindsAndChunks() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(1, 7, 5_000).map(chunk -> Arguments.of(kind, chunk)));
  }

  @ParameterizedTest
  @MethodSource("kindsAndChunks")
  void socketsOfOtherKindsEndAfterExactlyThatManyBytes(Kind kind, int chunk) throws Exception {
    try (Simulation sim = Simulation.open()) {
      for (int n = 0; n <= MOST; n++) {
        socketsEndAfter(n, sim, kind, chunk, true);
        socketsEndAfter(n, sim, kind, chunk, false);
      }
    }
  }

  private static void socketsEndAfter(int n, Simulation sim, Kind kind, int chunk, boolean upstream)
      throws Exception {
    Reading ends =
        reader -> {
          assertThat(count(reader, chunk)).isEqualTo(n);
          assertThat(reader.read(1)).isEqualTo(-1);
        };
    cutAt(sim, kind, n, upstream, builder -> builder.closeAfterBytes(n), ends);
    if (n == 0 && kind == Kind.ASYNCHRONOUS) {
      return; // the connect itself may meet a reset
    }
    Reading isReset =
        reader -> {
          for (int sum = 0; sum < n; ) {
            sum += reader.read(Math.min(chunk, n - sum));
          }
          assertThatThrownBy(() -> reader.read(chunk))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection reset");
        };
    cutAt(sim, kind, n, upstream, builder -> builder.resetAfterBytes(n), isReset);
  }

  /** What a reader is to find. */
  private interface Reading {
    void check(End reader) throws Exception;
  }

  private static void cutAt(
      Simulation sim,
      Kind kind,
      int n,
      boolean upstream,
      UnaryOperator<FaultBuilder> fault,
      Reading reading)
      throws Exception {
    FaultBuilder builder = fault.apply(sim.faults().to(sim.host("db"), 5432));
    Fault installed = (upstream ? builder.upstream() : builder.downstream()).install();
    List<End> ends = kind.connect(sim, sim.host("client"), sim.host("db"));
    try (End writer = ends.get(upstream ? 0 : 1);
        End reader = ends.get(upstream ? 1 : 0)) {
      if (n > 0) {
        writer.write(n + MORE);
      }
      reading.check(reader);
    }
    installed.close();
  }

  private static int count(End reader, int chunk) throws Exception {
    int sum = 0;
    for (int n = 0; n >= 0; n = reader.read(chunk)) {
      sum += n;
    }
    return sum;
  }

  /** The same as the kernel has it: a reset of its own making, then each operation beside ours. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aResetIsToldAsTheKernelTellsIt(boolean writesFirst) throws Exception {
    String kernel;
    String loopback = "127.0.0.1";
    var platform = io.nioring.internal.platform.PlatformProvider.lazy().get();
    try (ServerSocketChannel server = platform.openServerSocketChannel();
        SocketChannel client = platform.openSocketChannel()) {
      server.bind(new InetSocketAddress(loopback, 0));
      client.connect(server.getLocalAddress());
      SocketChannel accepted = server.accept();
      accepted.write(ByteBuffer.wrap(new byte[5]));
      accepted.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
      accepted.close();
      kernel = outcomes(client, writesFirst);
    }
    try (Simulation sim = Simulation.open()) {
      RingHost db = sim.host("db");
      sim.faults().to(db, 5432).resetAfterBytes(5).install();
      try (SimPair pair = SimPair.connectBlocking(sim, sim.host("client"), db, 5432)) {
        pair.server().write(ByteBuffer.wrap(new byte[9]));
        assertThat(outcomes(pair.client(), writesFirst)).isEqualTo(kernel);
      }
    }
  }

  private static String outcomes(SocketChannel of, boolean writesFirst) {
    StringBuilder all = new StringBuilder();
    boolean writes = writesFirst;
    for (int i = 0; i < 3; i++) {
      all.append(outcome(of, writes));
      writes = !writes;
      all.append(outcome(of, writes));
    }
    return all.toString();
  }

  private static String outcome(SocketChannel of, boolean writes) {
    try {
      ByteBuffer buffer = ByteBuffer.allocate(100);
      return (writes ? "write " + of.write(buffer.limit(1)) : "read " + of.read(buffer)) + "; ";
    } catch (IOException e) {
      return (writes ? "write " : "read ") + e.getMessage() + "; ";
    }
  }

  private static int count(SocketChannel from, Form form, int chunk, int most) throws Exception {
    int sum = 0;
    if (form == Form.ADAPTOR) {
      InputStream in = from.socket().getInputStream();
      for (int n = 0; sum < most && n >= 0; sum += Math.max(0, n)) {
        n = in.read(new byte[Math.min(chunk, most - sum)]);
      }
      return sum;
    }
    if (form == Form.BLOCKING) {
      for (int n = 0; sum < most && n >= 0; sum += Math.max(0, n)) {
        n = from.read(ByteBuffer.allocate(Math.min(chunk, most - sum)));
      }
      return sum;
    }
    from.configureBlocking(false);
    try (Selector selector = from.provider().openSelector()) {
      from.register(selector, SelectionKey.OP_READ);
      for (int n = 0; sum < most && n >= 0; sum += Math.max(0, n)) {
        selector.select(1000);
        selector.selectedKeys().clear();
        n = from.read(ByteBuffer.allocate(Math.min(chunk, most - sum)));
      }
    }
    return sum;
  }
}
