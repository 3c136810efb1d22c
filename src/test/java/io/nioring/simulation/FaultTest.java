package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of chosen connections. */
@Timeout(180)
class FaultTest {
  private final Simulation sim =
      Simulation.open(
          SimulationConfig.builder().seed(3).virtualTime(true).advanceWhenIdle(false).build());
  private final RingHost client = sim.host("client");
  private final RingHost db = sim.host("db");

  @AfterEach
  void close() {
    sim.close();
    assertThat(sim.pendingEvents()).isZero();
    assertThat(sim.connections()).isZero();
  }

  private SocketChannel connecting() throws IOException {
    SocketChannel channel = client.provider().openSocketChannel();
    channel.configureBlocking(false);
    channel.connect(new InetSocketAddress(db.address(), 5432));
    return channel;
  }

  @Test
  void theFirstConnectsFailAndTheThirdWorks() throws Exception {
    ServerSocketChannel server = SimPair.listen(db, 5432);
    sim.faults().to(db, 5432).first(2).refuse().install();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> connecting().finishConnect())
          .isInstanceOf(ConnectException.class)
          .hasMessage("Connection refused");
    }
    assertThat(connecting().finishConnect()).isTrue();
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void aBlackHoleTimesOutOrHeals() throws Exception {
    SimPair.listen(db, 5432);
    Fault hole = sim.faults().to(db, 5432).blackHole().install();
    SocketChannel lost = connecting();
    sim.advance(sim.config().connectTimeout().minusNanos(1));
    assertThat(lost.finishConnect()).isFalse();
    sim.advance(Duration.ofNanos(1));
    assertThatThrownBy(lost::finishConnect)
        .isInstanceOf(ConnectException.class)
        .hasMessage("Connection timed out");
    assertThat(lost.isOpen()).isFalse();
    SocketChannel patient = connecting();
    hole.close();
    assertThat(patient.finishConnect()).isTrue();
  }

  @Test
  void anAdaptorsConnectTimesOutInABlackHole() throws Exception {
    try (Simulation real = Simulation.open()) {
      RingHost from = real.host("from");
      RingHost to = real.host("to");
      SimPair.listen(to, 80);
      real.faults().to(to).blackHole().install();
      SocketChannel channel = from.provider().openSocketChannel();
      assertThatThrownBy(
              () -> channel.socket().connect(new InetSocketAddress(to.address(), 80), 20))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("timed out");
      assertThat(channel.isOpen()).isFalse();
    }
  }

  @Test
  void unreachableSaysSo() throws Exception {
    sim.faults().to(db).unreachable().install();
    assertThatThrownBy(() -> connecting().finishConnect())
        .isInstanceOf(NoRouteToHostException.class)
        .hasMessage("No route to host");
  }

  @Test
  void connectAndAcceptAreDelayed() throws Exception {
    ServerSocketChannel server = SimPair.listen(db, 5432);
    server.configureBlocking(false);
    sim.faults().to(db, 5432).connectDelay(ofSeconds(1)).acceptDelay(ofSeconds(5)).install();
    SocketChannel channel = connecting();
    sim.advance(ofMillis(999));
    assertThat(channel.finishConnect()).isFalse();
    sim.advance(ofMillis(1));
    assertThat(channel.finishConnect()).isTrue();
    channel.write(ByteBuffer.wrap(new byte[3]));
    sim.advance(ofMillis(4999));
    assertThat(server.accept()).isNull();
    sim.advance(ofMillis(1));
    assertThat(server.accept().read(ByteBuffer.allocate(9))).isEqualTo(3);
  }

  @Test
  void acceptsFailAndTheConnectionStaysQueued() throws Exception {
    ServerSocketChannel server = SimPair.listen(db, 5432);
    server.configureBlocking(false);
    sim.faults().to(db, 5432).acceptFails(2).install();
    assertThat(server.accept()).isNull();
    assertThat(connecting().finishConnect()).isTrue();
    try (Selector selector = db.provider().openSelector()) {
      server.register(selector, SelectionKey.OP_ACCEPT);
      for (int i = 0; i < 2; i++) {
        assertThat(selector.selectNow(key -> {})).isOne();
        assertThatThrownBy(server::accept)
            .isInstanceOf(IOException.class)
            .hasMessage("Too many open files");
      }
      assertThat(selector.selectNow(key -> {})).isOne();
      assertThat(server.accept()).isNotNull();
    }
  }

  @Test
  void anExistingConnectionIsResetWhereItsNextByteWouldBeTooMany() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    pair.write(pair.server(), "12345");
    sim.faults().to(db, 5432).connection(1).resetAfterBytes(7).install();
    assertThat(pair.read(pair.client())).isEqualTo("12345");
    pair.write(pair.server(), "6789");
    assertThat(pair.client().read(ByteBuffer.allocate(9))).isEqualTo(2);
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(9)))
        .isInstanceOf(SocketException.class);
  }

  /** The peer has closed, as each end sees it: what is written later is refused, and not read. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsReadBeyondAnEndThatAFaultHasMade(boolean serverWrites) throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    sim.faults().to(db, 5432).connection(1).closeAfterBytes(3).install();
    pair.write(pair.server(), "12345");
    if (serverWrites) {
      pair.write(pair.server(), "6789"); // before the client has read
    } else {
      pair.write(pair.client(), "a request"); // before the server has read
      assertThat(pair.server().read(ByteBuffer.allocate(9))).isEqualTo(-1);
    }
    assertThat(pair.read(pair.client())).isEqualTo("123");
    assertThat(pair.client().read(ByteBuffer.allocate(9))).isEqualTo(-1);
  }

  @Test
  void connectionsEndAfterATime() throws Exception {
    sim.faults().to(db, 1).resetAfter(ofSeconds(3)).install();
    sim.faults().to(db, 2).closeAfter(ofSeconds(3)).install();
    SimPair reset = SimPair.connect(sim, client, db, 1);
    SimPair closed = SimPair.connect(sim, client, db, 2);
    sim.advance(ofSeconds(3).minusNanos(1));
    assertThat(reset.read(reset.client())).isEmpty();
    assertThat(closed.client().read(ByteBuffer.allocate(1))).isZero();
    sim.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> reset.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    assertThat(closed.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(closed.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  /**
   * An end or a reset that was lost stays lost; what comes for the end that is gone is answered.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHalfOpenConnectionIsSilentAndThenReset(boolean closedByReset) throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    Fault silence = sim.faults().to(db, 5432).halfOpen().install();
    pair.server().setOption(StandardSocketOptions.SO_LINGER, closedByReset ? 0 : -1);
    pair.server().close();
    sim.advance(ofSeconds(60));
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
    int taken = 0;
    for (int count = 1; count > 0; taken += count) {
      count = pair.client().write(ByteBuffer.wrap(new byte[4096]));
    }
    assertThat(taken).isEqualTo(1 << 20);
    silence.close();
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  /** One write that goes beyond the place, of a connection that exists: the rest is silenced. */
  @Test
  void aFaultBeginsAfterExactlySoManyBytes() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    pair.write(pair.server(), "01234");
    Fault silence = sim.faults().to(db, 5432).afterBytes(8).halfOpen().install();
    assertThat(pair.read(pair.client())).isEqualTo("01234");
    pair.write(pair.client(), "before");
    assertThat(pair.read(pair.server())).isEqualTo("before");
    pair.write(pair.server(), "56789");
    assertThat(pair.read(pair.client())).isEqualTo("567");
    pair.write(pair.client(), "behind");
    assertThat(pair.read(pair.server())).isEmpty();
    silence.close();
    assertThat(pair.read(pair.client())).isEqualTo("89");
    assertThat(pair.read(pair.server())).isEqualTo("behind");
  }

  @Test
  void aFaultThatBeginsLaterMayCutBytesOfTheClients() throws Exception {
    sim.faults()
        .to(db, 5432)
        .upstream()
        .afterBytes(3)
        .latency(Latency.constant(ofSeconds(5)))
        .install();
    sim.faults().to(db, 5432).upstream().afterBytes(6).resetAfter(ofSeconds(9)).install();
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    pair.write(pair.client(), "abcdef");
    assertThat(pair.read(pair.server())).isEqualTo("abcdef"); // they were on their way
    pair.write(pair.client(), "ghi");
    sim.advance(ofSeconds(5).minusNanos(1));
    assertThat(pair.read(pair.server())).isEmpty();
    sim.advance(Duration.ofNanos(1));
    assertThat(pair.read(pair.server())).isEqualTo("ghi");
    sim.advance(ofSeconds(4));
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    pair.close();
  }

  @Test
  void aFaultBeginsAfterATime() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    Fault fault = sim.faults().to(db, 5432).afterTime(ofSeconds(3)).halfOpen().install();
    sim.advance(ofSeconds(3).minusNanos(1));
    pair.write(pair.server(), "early");
    assertThat(pair.read(pair.client())).isEqualTo("early");
    sim.advance(Duration.ofNanos(1));
    pair.write(pair.server(), "late");
    assertThat(pair.read(pair.client())).isEmpty();
    fault.close();
    assertThat(pair.read(pair.client())).isEqualTo("late");
    sim.faults().to(db, 5432).afterTime(ofSeconds(1)).halfOpen().install().close();
    sim.advance(ofSeconds(2)); // it has ended before it could begin
    pair.write(pair.server(), "again");
    assertThat(pair.read(pair.client())).isEqualTo("again");
  }

  @Test
  void whatHappensToConnectsCannotBeginLater() {
    assertThatThrownBy(() -> sim.faults().afterBytes(1).refuse().install())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot begin later");
    assertThatThrownBy(() -> sim.faults().afterBytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> sim.faults().afterBytes(1).afterTime(ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not both");
  }

  @Test
  void theEndComesLate() throws Exception {
    sim.link(client, db).closeDelay(ofSeconds(2));
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    pair.write(pair.server(), "x");
    pair.server().close();
    assertThat(pair.read(pair.client())).isEqualTo("x");
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
    sim.advance(ofSeconds(2));
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void aKeyIsSelectedForNothingOnce() throws Exception {
    sim.link(client, db).latency(ofMillis(10));
    sim.faults().spuriousReadiness(1).install();
    ServerSocketChannel server = SimPair.listen(db, 5432);
    SocketChannel channel = connecting();
    sim.advance(ofSeconds(1));
    channel.finishConnect();
    SocketChannel accepted = server.accept(); // one that blocks goes on waiting
    accepted.configureBlocking(false);
    try (Selector selector = db.provider().openSelector()) {
      accepted.register(selector, SelectionKey.OP_READ);
      assertThat(channel.write(ByteBuffer.wrap(new byte[3]))).isZero();
      assertThat(channel.write(ByteBuffer.wrap(new byte[3]))).isEqualTo(3);
      assertThat(selector.selectNow(key -> {})).isOne();
      assertThat(accepted.read(ByteBuffer.allocate(9))).isZero();
      assertThat(selector.selectNow(key -> {})).isZero();
      sim.advance(ofMillis(10));
      assertThat(accepted.read(ByteBuffer.allocate(9))).isEqualTo(3);
    }
  }

  @Test
  void aWriteAndAnAcceptFindNothingOnce() throws Exception {
    sim.faults().spuriousReadiness(1).install();
    try (ServerSocketChannel server = SimPair.listen(db, 5432);
        Selector selector = db.provider().openSelector()) {
      server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
      SocketChannel first = connecting();
      SocketChannel second = connecting();
      for (SocketChannel each : List.of(first, second)) {
        assertThat(selector.selectNow(key -> {})).isOne();
        assertThat(server.accept()).isNull();
        assertThat(selector.selectNow(key -> {})).as("it is still queued").isOne();
        try (SocketChannel accepted = server.accept()) {
          assertThat(accepted).isNotNull();
          each.finishConnect();
          writesForNothingOnceInASegment(accepted);
        }
      }
      assertThat(server.accept()).isNull();
    }
    assertThat(sim.trace().lines())
        .filteredOn(line -> line.contains("\"of\":\"accept\""))
        .hasSize(2)
        .first(as(InstanceOfAssertFactories.STRING))
        .isEqualTo(
            "{\"rule\":\"spuriousReadiness\",\"from\":\"client\",\"to\":\"db\",\"port\":5432,"
                + "\"connection\":1,\"direction\":\"up\",\"of\":\"accept\",\"happens\":true}");
  }

  private void writesForNothingOnceInASegment(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = db.provider().openSelector()) {
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer[] parts = {ByteBuffer.allocate(1_000), ByteBuffer.allocate(1_000)};
      assertThat(selector.selectNow(each -> {})).isOne();
      assertThat(channel.write(parts)).isZero();
      assertThat(selector.selectNow(each -> {})).isOne();
      assertThat(channel.write(parts)).as("that begin in its first segment").isEqualTo(2_000);
      assertThat(channel.write(ByteBuffer.allocate(1))).as("in the second").isZero();
      assertThat(channel.write(ByteBuffer.allocate(1))).isOne();
      key.cancel();
      selector.selectNow();
    }
    channel.configureBlocking(true);
    assertThat(channel.write(ByteBuffer.allocate(5_000))).as("blocking").isEqualTo(5_000);
  }

  @Test
  void aFaultOfProbabilityZeroIsNone() throws Exception {
    sim.faults().probability(0).resetAfterBytes(0).install();
    SimPair pair = SimPair.connect(sim, client, db, 5432);
    pair.write(pair.client(), "x");
    assertThat(pair.read(pair.server())).isEqualTo("x");
  }

  @Test
  void aFaultIsInstalledOnce() {
    FaultBuilder builder = sim.faults().refuse();
    builder.install();
    assertThatThrownBy(builder::install).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aHostOfAnotherSimulationIsRefused() {
    try (Simulation other = Simulation.open()) {
      RingHost stranger = other.host("stranger");
      assertThatThrownBy(() -> sim.link(client, stranger))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stranger");
    }
  }
}
