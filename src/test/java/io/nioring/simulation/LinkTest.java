package io.nioring.simulation;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What links do to bytes, connects and ends, in virtual time. */
@Timeout(180)
class LinkTest {
  private Simulation sim;
  private RingHost client;
  private RingHost db;
  private SimPair pair;

  @BeforeEach
  void open() {
    sim =
        Simulation.open(
            SimulationConfig.builder().seed(7).virtualTime(true).advanceWhenIdle(false).build());
    client = sim.host("client");
    db = sim.host("db");
  }

  @AfterEach
  void close() throws IOException {
    if (pair != null) {
      pair.close();
    }
    assertThat(sim.connections()).isZero();
    assertThat(sim.pendingEvents()).isZero();
    assertThat(sim.network().statistics().openChannels()).isZero();
    sim.close();
  }

  private SimPair connect() throws IOException {
    pair = SimPair.connect(sim, client, db, 5432);
    return pair;
  }

  @Test
  void hostsHaveAddressesAndSeeOneAnother() throws Exception {
    connect();
    assertThat(((InetSocketAddress) pair.server().getRemoteAddress()).getAddress())
        .isEqualTo(client.address());
    assertThat(((InetSocketAddress) pair.client().getRemoteAddress()).getAddress())
        .isEqualTo(db.address());
    pair.write(pair.client(), "hello");
    assertThat(pair.read(pair.server())).isEqualTo("hello");
  }

  @Test
  void bytesArriveAfterTheLatency() throws Exception {
    connect();
    sim.link(client, db).latency(ofMillis(10));
    pair.write(pair.client(), "hello");
    sim.advance(ofMillis(10).minusNanos(1));
    assertThat(pair.read(pair.server())).isEmpty();
    sim.advance(java.time.Duration.ofNanos(1));
    assertThat(pair.read(pair.server())).isEqualTo("hello");
  }

  @Test
  void theEndComesBehindTheLastByte() throws Exception {
    connect();
    sim.link(client, db).latency(ofMillis(10));
    pair.write(pair.client(), "hello");
    pair.client().close();
    assertThat(pair.read(pair.server())).isEmpty();
    sim.advance(ofMillis(10));
    assertThat(pair.read(pair.server())).isEqualTo("hello");
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void bytesForAnEndThatHasClosedAreAnsweredByAReset() throws Exception {
    connect();
    sim.link(client, db).latency(ofMillis(10));
    pair.server().close();
    sim.advance(ofMillis(10));
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    pair.write(pair.client(), "x");
    sim.advance(ofMillis(20).minusNanos(1));
    pair.write(pair.client(), "y");
    sim.advance(java.time.Duration.ofNanos(1));
    assertThatThrownBy(() -> pair.write(pair.client(), "z"))
        .isInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  @Test
  void aCloseWithUnreadBytesResets() throws Exception {
    connect();
    pair.write(pair.client(), "unread");
    sim.link(client, db).latency(ofMillis(10));
    pair.write(pair.server(), "last");
    pair.server().close();
    sim.advance(ofMillis(10));
    assertThat(pair.client().read(ByteBuffer.allocate(10))).isEqualTo(4);
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  @Test
  void aConnectTakesTheTimeThereAndBack() throws Exception {
    sim.link(client, db).latency(ofMillis(10));
    try (ServerSocketChannel server = SimPair.listen(db, 80);
        SocketChannel connecting = client.provider().openSocketChannel();
        Selector selector = db.provider().openSelector()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      connecting.configureBlocking(false);
      assertThat(connecting.connect(server.getLocalAddress())).isFalse();
      sim.advance(ofMillis(20).minusNanos(1));
      assertThat(connecting.finishConnect()).isFalse();
      sim.advance(java.time.Duration.ofNanos(1));
      assertThat(connecting.finishConnect()).isTrue();
      assertThat(selector.selectNow()).isZero();
      assertThat(server.accept()).isNull();
      sim.advance(ofMillis(10));
      assertThat(selector.selectNow()).isOne();
      server.accept().close();
    }
    sim.advance(ofSeconds(1));
  }

  @Test
  void aRefusalTakesTheTimeThereAndBack() throws Exception {
    sim.link(client, db).latency(ofMillis(10));
    try (SocketChannel connecting = client.provider().openSocketChannel()) {
      connecting.configureBlocking(false);
      connecting.connect(new InetSocketAddress(db.address(), 80));
      sim.advance(ofMillis(19));
      assertThat(connecting.finishConnect()).isFalse();
      sim.advance(ofMillis(1));
      assertThatThrownBy(connecting::finishConnect)
          .isInstanceOf(ConnectException.class)
          .hasMessage("Connection refused");
    }
  }

  @Test
  void bandwidthLetsBytesTrickle() throws Exception {
    connect();
    sim.link(client, db).bandwidth(Bandwidth.bytesPerSecond(1000));
    pair.write(pair.client(), "x".repeat(500));
    sim.advance(ofMillis(100));
    assertThat(pair.read(pair.server())).hasSize(100);
    sim.advance(ofMillis(400));
    assertThat(pair.read(pair.server())).hasSize(400);
  }

  @Test
  void readsEndWithTheirSlice() throws Exception {
    sim.link(client, db).sliceReads(10, 5);
    connect();
    pair.write(pair.client(), "x".repeat(100));
    ByteBuffer all = ByteBuffer.allocate(100);
    int reads = 0;
    while (all.hasRemaining()) {
      assertThat(pair.server().read(all)).isBetween(1, 15);
      reads++;
    }
    assertThat(reads).isBetween(7, 20);
  }

  @Test
  void aNonBlockingWriteTakesASlice() throws Exception {
    sim.link(client, db).sliceWrites(10, 5);
    connect();
    ByteBuffer all = ByteBuffer.wrap(new byte[100]);
    while (all.hasRemaining()) {
      assertThat(pair.client().write(all)).isBetween(1, 15);
    }
    pair.client().configureBlocking(true);
    assertThat(pair.client().write(ByteBuffer.wrap(new byte[1000]))).isEqualTo(1000);
  }

  @Test
  void heldBytesAreSeenAndLetPassOneByOne() throws Exception {
    connect();
    sim.link(client, db).hold();
    pair.write(pair.client(), "hello");
    pair.client().shutdownOutput();
    assertThat(pair.read(pair.server())).isEmpty();
    assertThat(sim.link(client, db).inFlight())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.bytes()).isEqualTo(5);
              assertThat(each.end()).isTrue();
              assertThat(each.toward()).isSameAs(db);
            });
    assertThat(sim.link(client, db).deliver(2)).isEqualTo(2);
    assertThat(pair.read(pair.server())).isEqualTo("he");
    sim.link(client, db).release();
    assertThat(pair.read(pair.server())).isEqualTo("llo");
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void aPartitionKeepsBytesUntilItIsHealed() throws Exception {
    connect();
    sim.link(client, db).latency(ofMillis(10));
    pair.write(pair.client(), "before");
    try (Fault cut = sim.partition(client, db)) {
      pair.write(pair.client(), "during");
      pair.write(pair.server(), "answer");
      sim.advance(ofSeconds(60));
      assertThat(pair.read(pair.server())).isEmpty();
      assertThat(pair.read(pair.client())).isEmpty();
      assertThat(cut.isActive()).isTrue();
    }
    assertThat(pair.read(pair.server())).isEqualTo("beforeduring");
    assertThat(pair.read(pair.client())).isEqualTo("answer");
  }

  @Test
  void aPartitionOneWayStallsTheOtherWayWhenItsBoundIsFull() throws Exception {
    connect();
    Fault cut = sim.partitionOneWay(client, db);
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      taken += pair.server().write(ByteBuffer.wrap(new byte[1000]));
      pair.read(pair.client());
    }
    assertThat(taken).isEqualTo(1 << 20);
    cut.close();
    assertThat(pair.server().write(ByteBuffer.wrap(new byte[1000]))).isEqualTo(1000);
    pair.read(pair.client());
  }

  @Test
  void whoGetsNoAcknowledgementGivesUp() throws Exception {
    connect();
    Fault cut = sim.partition(client, db);
    pair.write(pair.client(), "lost");
    sim.advance(sim.config().giveUp());
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessage("Connection timed out");
    cut.close();
  }

  @Test
  void bothEndsGiveUpIfBothAreNotAcknowledged() throws Exception {
    connect();
    try (Fault cut = sim.partition(client, db)) {
      pair.write(pair.client(), "lost");
      sim.advance(ofSeconds(1));
      pair.write(pair.server(), "lost too");
      sim.advance(sim.config().giveUp().minusSeconds(1));
      assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
          .hasMessage("Connection timed out");
      assertThat(pair.server().read(ByteBuffer.allocate(1))).isZero();
      sim.advance(ofSeconds(1));
      assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(1)))
          .hasMessage("Connection timed out");
      assertThat(cut.timesFired()).isEqualTo(1);
      assertThat(sim.pendingEvents()).isZero();
    }
  }

  /**
   * As the kernel has it: tried between two network namespaces, on the way of whose packets there
   * was nobody for a while.
   */
  @Test
  void whoHasGivenUpAnswersWithAReset() throws Exception {
    connect();
    Fault cut = sim.partition(client, db);
    pair.write(pair.client(), "lost");
    sim.advance(sim.config().giveUp());
    cut.close();
    sim.advance(ofSeconds(1));
    assertThat(pair.server().read(ByteBuffer.allocate(9))).as("what was given up").isZero();
    pair.client().close();
    sim.advance(ofSeconds(1));
    assertThat(pair.server().read(ByteBuffer.allocate(9))).as("after its close").isZero();
    pair.write(pair.server(), "x");
    sim.advance(ofSeconds(1));
    assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(9)))
        .hasMessage("Connection reset");
    pair.server().close();
    assertThat(sim.connections()).isZero();
  }

  /** What was under way to an end that has given up is answered when it comes. */
  @Test
  void whatArrivesAtAnEndThatHasGivenUpIsRefused() throws Exception {
    connect();
    Fault cut = sim.partition(client, db);
    pair.write(pair.client(), "lost");
    sim.advance(ofSeconds(1));
    pair.write(pair.server(), "later");
    sim.advance(sim.config().giveUp().minusSeconds(1));
    cut.close();
    sim.advance(ofSeconds(1));
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(9)))
        .hasMessage("Connection timed out");
    assertThat(pair.client().read(ByteBuffer.allocate(9))).isEqualTo(-1);
    assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(9)))
        .hasMessage("Connection reset");
  }

  /**
   * As the kernel has it: tried between two network namespaces, with keep-alive and with data that
   * nobody acknowledges, on 17; the same for both.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTimeOutIsToldOnceAndIsTheEnd(boolean keepsAlive) throws Exception {
    String told = "IOException Connection timed out";
    String broken = "IOException Broken pipe";
    assertThat(timedOut(keepsAlive, "rrwwr")).containsExactly(told, "-1", broken, broken, "-1");
    assertThat(timedOut(keepsAlive, "wrwrw")).containsExactly(told, "-1", broken, "-1", broken);
  }

  /** What reads and writes come to after a connection has timed out. */
  private List<String> timedOut(boolean keepsAlive, String operations) throws Exception {
    try (SimPair ends = SimPair.connect(sim, client, db, 80);
        Selector selector = client.provider().openSelector()) {
      ends.client().setOption(StandardSocketOptions.SO_KEEPALIVE, keepsAlive);
      Fault cut = sim.partition(client, db);
      if (!keepsAlive) {
        ends.write(ends.client(), "lost");
      }
      sim.advance(ofHours(3));
      SelectionKey key =
          ends.client().register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      selector.selectNow();
      assertThat(key.readyOps()).isEqualTo(key.interestOps());
      cut.close();
      return operations.chars().mapToObj(each -> outcome(ends.client(), each == 'w')).toList();
    }
  }

  private static String outcome(SocketChannel of, boolean writes) {
    try {
      ByteBuffer one = ByteBuffer.allocate(1);
      return Integer.toString(writes ? of.write(one) : of.read(one));
    } catch (IOException e) {
      return e.getClass().getSimpleName() + " " + e.getMessage();
    }
  }

  @Test
  void aRejectingCutRefusesConnectsAndResetsWithTheNextByte() throws Exception {
    connect();
    Fault cut = sim.reject(client, db);
    try (SocketChannel refused = client.provider().openSocketChannel()) {
      assertThatThrownBy(() -> refused.connect(new InetSocketAddress(db.address(), 5432)))
          .isInstanceOf(ConnectException.class);
    }
    assertThat(pair.read(pair.server())).isEmpty();
    pair.write(pair.client(), "x");
    assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    cut.close();
  }
}
