package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams that end after exactly so many bytes, for each number, in each form of reading. Each
 * number has its turn with IPv4 and with IPv6 in each form: the sizes of the reads, two odd ones
 * and an even one, shift whose turn it is.
 */
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

  /** A client and a server of each family. */
  private record Hosts(Simulation sim, List<RingHost> clients, List<RingHost> servers) {
    static Hosts of(Simulation sim) {
      return new Hosts(
          sim,
          List.of(sim.host("client"), sim.host("client6", "fd00::1")),
          List.of(sim.host("db"), sim.host("db6", "fd00::2")));
    }

    RingHost client(int n, int chunk) {
      return clients.get((n + chunk) % 2);
    }

    RingHost server(int n, int chunk) {
      return servers.get((n + chunk) % 2);
    }
  }

  private static void resets(Form form, int chunk, boolean upstream) throws Exception {
    cutAtEachByte(
        chunk,
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
      int chunk, boolean upstream, BiFunction<FaultBuilder, Long, FaultBuilder> fault, Cut cut)
      throws Exception {
    try (Simulation sim = Simulation.open()) {
      Hosts hosts = Hosts.of(sim);
      for (int n = 0; n <= MOST; n++) {
        RingHost db = hosts.server(n, chunk);
        FaultBuilder builder = fault.apply(sim.faults().to(db, 5432), (long) n);
        Fault installed = (upstream ? builder.upstream() : builder.downstream()).install();
        try (SimPair pair = SimPair.connectBlocking(sim, hosts.client(n, chunk), db, 5432)) {
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
        chunk,
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

  private static Stream<Arguments> kindsAndChunks() {
    return Stream.of(SocketKind.PLAIN, SocketKind.ASYNCHRONOUS)
        .flatMap(kind -> Stream.of(1, 7, 5_000).map(chunk -> Arguments.of(kind, chunk)));
  }

  @ParameterizedTest
  @MethodSource("kindsAndChunks")
  void socketsOfOtherKindsEndAfterExactlyThatManyBytes(SocketKind kind, int chunk)
      throws Exception {
    try (Simulation sim = Simulation.open()) {
      Hosts hosts = Hosts.of(sim);
      for (int n = 0; n <= MOST; n++) {
        socketsEndAfter(n, hosts, kind, chunk, true);
        socketsEndAfter(n, hosts, kind, chunk, false);
      }
    }
  }

  private static void socketsEndAfter(
      int n, Hosts hosts, SocketKind kind, int chunk, boolean upstream) throws Exception {
    Ending ends =
        (writer, reader) -> {
          assertThat(count(reader, chunk)).isEqualTo(n);
          assertThat(reader.read(1)).isEqualTo(-1);
          assertThat(writer.read(1)).isEqualTo(-1);
          writer.write(1);
          assertThatThrownBy(() -> writer.write(1)).hasMessage("Broken pipe");
        };
    UnaryOperator<FaultBuilder> side = upstream ? FaultBuilder::upstream : FaultBuilder::downstream;
    cutAt(n, hosts, kind, chunk, upstream, of -> side.apply(of).closeAfterBytes(n), ends);
    if (n == 0 && kind == SocketKind.ASYNCHRONOUS) {
      return; // the connect itself may meet a reset
    }
    Ending isReset =
        (writer, reader) -> {
          for (int sum = 0; sum < n; ) {
            sum += reader.read(Math.min(chunk, n - sum));
          }
          assertThatThrownBy(() -> reader.read(chunk))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection reset");
          assertThatThrownBy(() -> writer.write(1))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection reset by peer");
          assertThatThrownBy(() -> writer.write(1)).hasMessage("Broken pipe");
        };
    cutAt(n, hosts, kind, chunk, upstream, of -> side.apply(of).resetAfterBytes(n), isReset);
  }

  /** What both ends are to find. */
  private interface Ending {
    void check(SocketEnd writer, SocketEnd reader) throws Exception;
  }

  private static void cutAt(
      int n,
      Hosts hosts,
      SocketKind kind,
      int chunk,
      boolean upstream,
      UnaryOperator<FaultBuilder> fault,
      Ending ending)
      throws Exception {
    Simulation sim = hosts.sim();
    RingHost server = hosts.server(n, chunk);
    Fault installed = fault.apply(sim.faults().to(server, 5432)).install();
    List<SocketEnd> ends = kind.pair(hosts.client(n, chunk), server, server.address());
    try (SocketEnd writer = ends.get(upstream ? 0 : 1);
        SocketEnd reader = ends.get(upstream ? 1 : 0)) {
      if (n > 0) {
        writer.write(n + MORE);
      }
      ending.check(writer, reader);
    }
    installed.close();
  }

  private static int count(SocketEnd reader, int chunk) throws Exception {
    int sum = 0;
    for (int n = 0; n >= 0; n = reader.read(chunk)) {
      sum += n;
    }
    return sum;
  }

  private static Stream<Arguments> kindsAndFirsts() {
    return Stream.of(SocketKind.values())
        .flatMap(kind -> Stream.of(true, false).map(writes -> Arguments.of(kind, writes)));
  }

  /** The same as the kernel has it: a reset of its own making, then each operation beside ours. */
  @ParameterizedTest
  @MethodSource("kindsAndFirsts")
  void aResetIsToldAsTheKernelTellsIt(SocketKind kind, boolean writesFirst) throws Exception {
    String kernel = kernelsOutcomes(kind, writesFirst, true);
    assertThat(outcomesOf(FaultBuilder::resetAfterBytes, kind, writesFirst)).isEqualTo(kernel);
  }

  /** The same with a close: the first write is taken, and answered by a reset. */
  @ParameterizedTest
  @MethodSource("kindsAndFirsts")
  void aCloseIsToldAsTheKernelTellsIt(SocketKind kind, boolean writesFirst) throws Exception {
    String kernel = kernelsOutcomes(kind, writesFirst, false);
    assertThat(outcomesOf(FaultBuilder::closeAfterBytes, kind, writesFirst)).isEqualTo(kernel);
  }

  private static String kernelsOutcomes(SocketKind kind, boolean writesFirst, boolean resets)
      throws Exception {
    try (ServerSocketChannel server = PlatformProvider.lazy().get().openServerSocketChannel()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketEnd client = kind.connectByKernel((InetSocketAddress) server.getLocalAddress())) {
        try (SocketChannel accepted = server.accept()) {
          accepted.write(ByteBuffer.wrap(new byte[5]));
          if (resets) {
            accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
          }
        }
        return outcomes(client, writesFirst);
      }
    }
  }

  private static String outcomesOf(
      BiFunction<FaultBuilder, Long, FaultBuilder> fault, SocketKind kind, boolean writesFirst)
      throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost db = sim.host("db");
      fault.apply(sim.faults().to(db, 5432), 5L).install();
      try (ServerSocketChannel server = db.listen(5432);
          SocketEnd client =
              kind.connect(sim.host("client"), (InetSocketAddress) server.getLocalAddress());
          SocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap(new byte[9]));
        return outcomes(client, writesFirst);
      }
    }
  }

  private static String outcomes(SocketEnd of, boolean writesFirst) {
    StringBuilder all = new StringBuilder();
    boolean writes = writesFirst;
    for (int i = 0; i < 3; i++) {
      all.append(outcome(of, writes));
      writes = !writes;
      all.append(outcome(of, writes));
    }
    return all.toString();
  }

  private static String outcome(SocketEnd of, boolean writes) {
    try {
      if (writes) {
        of.write(1);
        return "write 1; ";
      }
      return "read " + of.read(100) + "; ";
    } catch (Exception e) {
      String what = e.getClass().getSimpleName() + " " + e.getMessage();
      return (writes ? "write " : "read ") + what + "; ";
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
