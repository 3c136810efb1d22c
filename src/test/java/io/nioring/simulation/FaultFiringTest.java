package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often faults have fired, and what is told of those that were of no use. */
@Timeout(180)
class FaultFiringTest {
  private static final int PORT = 5432;

  private final Simulation sim =
      Simulation.open(
          SimulationConfig.builder()
              .virtualTime(true)
              .advanceWhenIdle(false)
              .recordOpenings(true)
              .build());
  private final RingHost client = sim.host("client");
  private final RingHost db = sim.host("db");

  @AfterEach
  void close() {
    sim.close();
  }

  private SocketChannel connecting() throws IOException {
    SocketChannel channel = client.provider().openSocketChannel();
    channel.configureBlocking(false);
    channel.connect(new InetSocketAddress(db.address(), PORT));
    return channel;
  }

  /** Connects, whatever comes of it. */
  private void tryToConnect() {
    try {
      connecting();
    } catch (IOException e) {
      assertThat(e).isInstanceOfAny(ConnectException.class, NoRouteToHostException.class);
    }
  }

  // -- faults of chosen connections

  @Test
  void aFaultThatDecidesConnectsCountsThem() throws Exception {
    SimPair.listen(db, PORT);
    Fault refuse = sim.faults().to(db, PORT).first(2).refuse().install();
    Fault hole = sim.faults().to(db, PORT).connection(3).blackHole().install();
    Fault noRoute = sim.faults().to(db, PORT).connection(4).unreachable().install();
    Fault late = sim.faults().to(db, PORT).connection(5).connectDelay(ofSeconds(1)).install();
    assertThat(refuse.timesFired()).isZero();
    for (int i = 0; i < 5; i++) {
      tryToConnect();
    }
    sim.advance(ofSeconds(1));
    assertThat(List.of(refuse.timesFired(), hole.timesFired())).containsExactly(2L, 1L);
    assertThat(List.of(noRoute.timesFired(), late.timesFired())).containsExactly(1L, 1L);
  }

  @Test
  void aFaultOfAcceptsCountsThoseThatFail() throws Exception {
    ServerSocketChannel server = SimPair.listen(db, PORT);
    server.configureBlocking(false);
    Fault fault = sim.faults().to(db, PORT).acceptFails(2).install();
    connecting();
    assertThat(fault.timesFired()).isZero();
    assertThatThrownBy(server::accept).hasMessage("Too many open files");
    assertThat(fault.timesFired()).isOne();
  }

  /** The mistake of whoever counts the request's bytes: no answer is that long. */
  @Test
  void aFaultBeyondTheLastByteHasNotFired() throws Exception {
    Fault reset = sim.faults().to(db, PORT).resetAfterBytes(117).install();
    Fault end = sim.faults().to(db, PORT).upstream().closeAfterBytes(3).install();
    Fault late = sim.faults().to(db, PORT).resetAfter(ofSeconds(9)).install();
    SimPair pair = SimPair.connect(sim, client, db, PORT);
    pair.write(pair.server(), "an answer");
    assertThat(List.of(reset.timesFired(), end.timesFired())).containsExactly(0L, 0L);
    pair.write(pair.client(), "asks");
    sim.advance(ofSeconds(9));
    assertThat(List.of(reset.timesFired(), end.timesFired())).containsExactly(0L, 1L);
    assertThat(late.timesFired()).isOne();
  }

  @Test
  void conditionsCountTheConnectionsThatTheyApplyTo() throws Exception {
    SimPair existing = SimPair.connect(sim, client, db, PORT);
    Fault latency = sim.faults().to(db, PORT).latency(ofMillis(5)).install();
    Fault elsewhere = sim.faults().to(db, PORT + 1).sliceReads(1, 0).install();
    Fault later =
        sim.faults().to(db, PORT).afterBytes(3).bandwidth(Bandwidth.bytesPerSecond(9)).install();
    Fault silence = sim.faults().to(db, PORT).afterTime(ofSeconds(5)).halfOpen().install();
    assertThat(List.of(latency.timesFired(), elsewhere.timesFired())).containsExactly(1L, 0L);
    existing.write(existing.server(), "more");
    sim.advance(ofSeconds(1));
    existing.write(existing.server(), "and more");
    sim.advance(ofSeconds(1));
    assertThat(List.of(latency.timesFired(), later.timesFired())).containsExactly(1L, 1L);
    assertThat(silence.timesFired()).isZero();
    sim.advance(ofSeconds(5));
    assertThat(silence.timesFired()).isOne();
  }

  @Test
  void datagramsCountEach() throws Exception {
    try (SimDatagrams pair = SimDatagrams.open(client, db, PORT)) {
      Fault lost = sim.faults().datagrams().to(db, PORT).first(2).blackHole().install();
      Fault streams = sim.faults().streams().to(db, PORT).refuse().install();
      Fault late = sim.faults().to(db, PORT).latency(ofMillis(1)).install();
      for (int i = 0; i < 3; i++) {
        pair.ask("q");
      }
      assertThat(List.of(lost.timesFired(), streams.timesFired())).containsExactly(2L, 0L);
      assertThat(late.timesFired()).isEqualTo(3);
      try (Fault cut = sim.partition(client, db)) {
        pair.ask("q");
        sim.advance(ofSeconds(1));
        assertThat(cut.timesFired()).isEqualTo(2); // the one on its way too
      }
      try (Fault noRoute = sim.faults().to(db, PORT).unreachable().install()) {
        assertThatThrownBy(() -> pair.ask("q")).hasMessage("No route to host");
        assertThat(noRoute.timesFired()).isOne();
      }
    }
  }

  // -- cuts

  @Test
  void aCutFiresOnWhatItStops() throws Exception {
    SimPair first = SimPair.connect(sim, client, db, PORT);
    SimPair second = SimPair.connect(sim, client, db, PORT + 1);
    Fault cut = sim.partition(client, db);
    Fault elsewhere = sim.isolate(sim.host("other"));
    assertThat(cut.timesFired()).isZero();
    first.write(first.client(), "some");
    first.write(first.client(), "more");
    first.write(first.server(), "answer");
    assertThat(cut.timesFired()).isOne();
    second.server().shutdownOutput();
    assertThat(cut.timesFired()).isEqualTo(2);
    connecting();
    assertThat(cut.timesFired()).isEqualTo(3);
    assertThat(elsewhere.timesFired()).isZero();
    cut.close();
    assertThat(cut.timesFired()).isEqualTo(3);
  }

  @Test
  void aCutOfTheAcknowledgementsFiresWhereTheyAreMissed() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, PORT);
    Fault cut = sim.partitionOneWay(client, db);
    pair.write(pair.server(), "passes");
    assertThat(pair.read(pair.client())).isEqualTo("passes");
    assertThat(cut.timesFired()).isZero();
    for (int count = 1; count > 0; pair.read(pair.client())) {
      count = pair.server().write(ByteBuffer.allocate(100_000));
    }
    assertThat(cut.timesFired()).isOne();
  }

  @Test
  void aCutThatAnswersFiresOnWhatItEnds() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, PORT);
    Fault cut = sim.reject(client, db);
    assertThatThrownBy(() -> connecting().finishConnect()).hasMessage("Connection refused");
    assertThat(cut.timesFired()).isOne();
    pair.write(pair.server(), "x");
    assertThat(cut.timesFired()).isEqualTo(2);
  }

  // -- what is told

  @Test
  void theReportHasAllFaultsAndHowOftenEachHasFired() throws Exception {
    sim.faults().to(db, PORT).first(2).refuse().install();
    sim.faults().to(db, PORT).resetAfterBytes(117).install();
    sim.partition(client, db).close();
    FaultBuilder forgotten = sim.faults().from(client).latency(ofMillis(80));
    tryToConnect();
    assertThat(sim.report())
        .contains("\n4 faults:")
        .contains("\n  to db, port 5432, first 2, refuse: fired once, installed at " + placeHere())
        .contains("\n  to db, port 5432, resetAfterBytes 117: never fired, installed at ")
        .contains("\n  partition client db (healed): never fired, installed at " + placeHere())
        .contains("\n  from client, latency constant 80ms, described at " + placeHere());
    assertThatThrownBy(sim::checkFaultsFired)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith(
            "2 faults were installed and had no effect:\n  to db, port 5432, reset");
    assertThatThrownBy(sim::checkFaultsInstalled)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith(
            "1 fault was described and never installed:\n  from client, latency");
    forgotten.install();
    assertThatCode(sim::checkFaultsInstalled).doesNotThrowAnyException();
  }

  /** The mistake of whoever names one host twice: it is a link, and of no use. */
  @Test
  void theReportHasTheLinksAndHowOftenEachWasOfUse() throws Exception {
    sim.link(client, client).latency(ofMillis(5)).sliceReads(3, 2);
    sim.link(client, db).loss(0.1).toward(db).closeDelay(ofMillis(1)).hold();
    sim.link(client, sim.host("other"));
    tryToConnect();
    assertThat(sim.report())
        .contains("\n3 directions of links with settings:")
        .contains("\n  client->client: latency constant 5ms, sliceReads 3 2: never used\n")
        .contains("\n  client->db: loss 0.1, closeDelay 1ms, hold: used once\n")
        .contains("\n  db->client: loss 0.1: used once\n");
    try (SimDatagrams pair = SimDatagrams.open(client, db, PORT)) {
      pair.ask("q");
    }
    assertThat(sim.report()).contains("client->db: loss 0.1, closeDelay 1ms, hold: used 2 times");
  }

  @Test
  void theReportHasEachSettingOfALink() {
    sim.link(client, db)
        .toward(db)
        .bandwidth(Bandwidth.bytesPerSecond(9))
        .duplication(0.5)
        .reordering(0.25, ofMillis(2))
        .sliceWrites(4, 0)
        .acceptDelay(ofSeconds(1))
        .connectDelay(ofMillis(3));
    assertThat(sim.report())
        .contains(
            "client->db: bandwidth 9 bytes/s, duplication 0.5, reordering 0.25 2ms, sliceWrites 4 0,"
                + " acceptDelay 1000ms, connectDelay 3ms: never used");
    sim.link(client, db).restore();
    assertThat(sim.report()).contains("\nno directions of links with settings\n");
  }

  private static String placeHere() {
    return FaultFiringTest.class.getName() + ".theReportHas";
  }

  @Test
  void whatIsForgottenIsLoggedWhenItIsClosed() {
    try (LoggedMessages log = new LoggedMessages(Simulation.class)) {
      Simulation plain = Simulation.open();
      assertThat(plain.faults().port(1).halfOpen()).hasToString("port 1, halfOpen");
      assertThat(plain.faults().port(2)).hasToString("port 2"); // it says nothing that happens
      plain.faults().port(3).refuse().install();
      plain.close();
      plain.close(); // tells nothing again
      assertThat(log.messages())
          .containsExactly("faults that were described and never installed: port 1, halfOpen");
    }
  }

  // -- what is refused

  @Test
  void aFaultThatDoesNothingIsRefused() {
    FaultBuilder nothing = sim.faults().to(db, PORT).first(2).downstream();
    assertThatThrownBy(nothing::install)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("a fault that does nothing: say what happens");
    assertThat(nothing.refuse().install().isActive()).isTrue();
    assertThatThrownBy(() -> sim.install("tcp:*:80: down; tcp:*:81: first 2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("\"tcp:*:81: first 2\" is not a fault: a fault that does nothing");
  }

  @Test
  void ofSeveralFaultsNoneIsInstalledIfOneIsNone() {
    assertThatThrownBy(() -> sim.install("tcp:*:80: down; tcp:*:81: afterBytes 5, refuse"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot begin later");
    assertThat(sim.report()).contains("\nno faults\n");
  }

  @Test
  void whatCannotHappenToWhatItIsForIsRefused() {
    for (FaultBuilder each :
        List.of(
            sim.faults().streams().duplication(0.1),
            sim.faults().reordering(0.1, ofMillis(1)).streams(),
            sim.faults().datagrams().sliceReads(3, 1),
            sim.faults().datagrams().latency(ofMillis(1)).resetAfterBytes(1),
            sim.faults().datagrams().afterTime(ofMillis(1)).blackHole())) {
      assertThatThrownBy(each::install)
          .as(each.toString())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("datagrams");
    }
    assertThat(sim.faults().streams().duplication(0).loss(0.1).install().isActive()).isTrue();
  }

  @Test
  void contradictionsAreRefused() {
    for (FaultBuilder each :
        List.of(
            sim.faults().refuse().blackHole(),
            sim.faults().resetAfterBytes(5).closeAfterBytes(5),
            sim.faults().closeAfter(ofMillis(1)).resetAfter(ofMillis(2)))) {
      assertThatThrownBy(each::install)
          .as(each.toString())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a fault has one of");
    }
    assertThat(sim.faults().resetAfterBytes(5).resetAfterBytes(6).install().isActive()).isTrue();
  }

  @Test
  void aFaultIsForConnectsOfOneHostToOne() {
    assertThatThrownBy(() -> sim.faults().to(db, PORT).to(client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a fault is to one host, and this one is to db and client: describe two, or use where");
    assertThatThrownBy(() -> sim.faults().from(client).from(db))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from client and db");
    assertThat(sim.faults().to(db).to(db, PORT).refuse().install().isActive()).isTrue();
  }

  @Test
  void aHostIsOnOneSideOfABridge() {
    assertThatThrownBy(() -> sim.bridge(client, List.of(db), List.of(db)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("both sides");
  }

  /** The link of a host with itself is its way to its own addresses, and to no loopback address. */
  @Test
  void theLinkOfAHostWithItselfHasOneDirection() throws Exception {
    assertThat(sim.link(db, db).latency(ofMillis(10))).hasToString("db->db");
    assertThat(sim.link(db, db).toward(db)).hasToString("db->db");
    SocketChannel own = db.provider().openSocketChannel();
    own.configureBlocking(false);
    ServerSocketChannel server = SimPair.listen(db, PORT);
    server.configureBlocking(false);
    assertThat(own.connect(server.getLocalAddress())).isFalse();
    sim.advance(ofMillis(20));
    assertThat(own.finishConnect()).isTrue();
    Fault cut = sim.partition(db, db);
    own.write(ByteBuffer.allocate(1));
    assertThat(cut.timesFired()).isOne();
    cut.close();
    ServerSocketChannel loopback = db.provider().openServerSocketChannel();
    loopback.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), PORT));
    SocketChannel near = db.provider().openSocketChannel();
    near.configureBlocking(false);
    near.connect(loopback.getLocalAddress());
    assertThat(near.finishConnect()).isTrue();
    near.close();
    own.close();
  }

  /**
   * A fault that is installed while a connection is being made holds for it, be its connect decided
   * already or not.
   *
   * <pre>{@code
   * connects: the connect is decided, by the rules of then; the ends are made; the world knows them
   * installs:                                              ^
   * }</pre>
   */
  @Test
  void aFaultHoldsForAConnectionInTheMaking() throws Exception {
    ServerSocketChannel server = SimPair.listen(db, PORT);
    for (int round = 1; round <= 300; round++) {
      SocketChannel channel = client.provider().openSocketChannel();
      Background<Boolean> connects =
          Background.run(ThreadKind.PLATFORM, () -> channel.connect(server.getLocalAddress()));
      Fault fault = sim.faults().connection(round).sliceReads(1, 0).install();
      assertThat(connects.result()).isTrue();
      SocketChannel accepted = server.accept();
      assertThat(fault.timesFired()).as("round %s", round).isOne();
      fault.close();
      channel.close();
      accepted.close();
    }
  }
}
