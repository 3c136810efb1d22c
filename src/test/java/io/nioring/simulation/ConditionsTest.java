package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How settings are shared, add up, replace one another, and choose their connections. */
@Timeout(180)
class ConditionsTest {
  private final Simulation sim =
      Simulation.open(
          SimulationConfig.builder().seed(3).virtualTime(true).advanceWhenIdle(false).build());
  private final RingHost client = sim.host("client");
  private final RingHost db = sim.host("db");

  @AfterEach
  void close() {
    sim.close();
  }

  /** Rounded up, and however close to the largest number the steps of it come. */
  @Test
  void bytesTakeTheTimeThatTheirBandwidthSays() {
    Bandwidth largest = Bandwidth.bytesPerSecond(1L << 40);
    assertThat(largest.nanosFor(1)).isOne();
    assertThat(largest.nanosFor(9_223_372_035L)).isBetween(8_388_000L, 8_389_000L);
    assertThat(largest.nanosFor(3L << 40)).isEqualTo(3_000_000_000L);
    assertThat(Bandwidth.bytesPerSecond(3).nanosFor(4)).isEqualTo(1_333_333_334L);
  }

  @Test
  void aBandwidthIsSharedUnlessItIsForEachConnection() throws Exception {
    SimPair one = SimPair.connect(sim, client, db, 1);
    SimPair other = SimPair.connect(sim, client, db, 2);
    sim.link(client, db).bandwidth(Bandwidth.bytesPerSecond(1_000));
    assertThat(arriveWithin(ofMillis(100), one, other)).containsExactly(100, 0);
    assertThat(arriveWithin(ofMillis(100), one, other)).containsExactly(0, 100);
    sim.advance(ofMillis(200)); // all that was written is there
    one.read(one.server());
    other.read(other.server());
    sim.link(client, db).bandwidth(Bandwidth.bytesPerSecond(1_000).perConnection());
    assertThat(arriveWithin(ofMillis(100), one, other)).containsExactly(100, 100);
  }

  /** Each writes 100 bytes; how many arrive. */
  private List<Integer> arriveWithin(Duration time, SimPair... pairs) throws IOException {
    for (SimPair each : pairs) {
      each.write(each.client(), "x".repeat(100));
    }
    sim.advance(time);
    List<Integer> counts = new ArrayList<>();
    for (SimPair each : pairs) {
      counts.add(each.read(each.server()).length());
    }
    return counts;
  }

  @Test
  void aLinkAndFaultsAddUpAndALaterSettingReplaces() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 1);
    sim.link(client, db).latency(ofMillis(90));
    sim.link(client, db).latency(ofMillis(10));
    Fault slow = sim.faults().to(db).latency(ofMillis(5)).install();
    Fault slower = sim.faults().to(db).port(1).latency(ofMillis(20)).install();
    assertArrivesAfter(ofMillis(35), pair);
    slower.close();
    assertArrivesAfter(ofMillis(15), pair);
    slow.close();
    sim.link(client, db).restore();
    assertArrivesAfter(Duration.ZERO, pair);
  }

  private void assertArrivesAfter(Duration time, SimPair pair) throws IOException {
    pair.write(pair.client(), "x");
    if (!time.isZero()) {
      sim.advance(time.minusNanos(1));
      assertThat(pair.read(pair.server())).isEmpty();
      sim.advance(Duration.ofNanos(1));
    }
    assertThat(pair.read(pair.server())).isEqualTo("x");
  }

  @Test
  void aPredicateChoosesConnections() throws Exception {
    sim.faults().to(db).where(connect -> connect.number() % 2 == 0).refuse().install();
    assertThat(refusedOf(6)).containsExactly(2, 4, 6);
  }

  /** The program that connects knows nothing of it, and goes on without the fault. */
  @Test
  void aPredicateThatFailsSelectsNothing() throws Exception {
    try (LoggedMessages log = new LoggedMessages(SimulationTime.class);
        ServerSocketChannel listener = SimPair.listen(db, 80);
        DatagramChannel datagrams = client.provider().openDatagramChannel()) {
      sim.faults().where(ConditionsTest::fails).refuse().install();
      sim.faults().where(ConditionsTest::fails).afterBytes(1).halfOpen().install();
      assertThat(client.connect(db, 80).isConnected()).isTrue();
      assertThat(listener.accept().isConnected()).isTrue();
      assertThat(datagrams.send(ByteBuffer.allocate(1), new InetSocketAddress(db.address(), 53)))
          .isEqualTo(1);
      assertThat(log.messages())
          .hasSizeGreaterThanOrEqualTo(3)
          .allMatch(each -> each.startsWith("the predicate of a fault failed: where, "));
      FaultBuilder another = sim.faults().where(ConditionsTest::fails).halfOpen();
      assertThatThrownBy(another::install).isInstanceOf(IllegalStateException.class);
    }
  }

  private static boolean fails(Connect connect) {
    throw new IllegalStateException("as a test wants it, for " + connect);
  }

  @Test
  void aPredicateMayChangeFaults() throws Exception {
    try (ServerSocketChannel listener = SimPair.listen(db, 80)) {
      SocketChannel before = client.connect(db, 80);
      sim.link(client, db).reset();
      sim.faults()
          .where(
              connect -> {
                sim.heal();
                return true;
              })
          .refuse()
          .install();
      assertThat(client.connect(db, 80).isConnected()).isTrue();
      assertThat(before.isOpen()).isTrue();
      assertThat(listener.isOpen()).isTrue();
    }
  }

  @Test
  void aProbabilityChoosesTheSameConnectionsForASeed() throws Exception {
    Fault fault = sim.faults().to(db).probability(0.25).refuse().install();
    List<Integer> refused = refusedOf(1_000);
    assertThat(refused.size()).isBetween(200, 300);
    assertThat(fault.timesFired()).isEqualTo(refused.size());
    SimulationConfig again = sim.config();
    try (Simulation twin = Simulation.open(again)) {
      RingHost from = twin.host("client");
      RingHost to = twin.host("db");
      twin.faults().to(to).probability(0.25).refuse().install();
      assertThat(refused(from, to, 1_000)).isEqualTo(refused);
    }
  }

  private List<Integer> refusedOf(int count) throws IOException {
    return refused(client, db, count);
  }

  /** The numbers of the connects that are refused. */
  private static List<Integer> refused(RingHost from, RingHost to, int count) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (ServerSocketChannel listener = to.listen(80)) {
      for (int i = 1; i <= count; i++) {
        try (SocketChannel channel = from.provider().openSocketChannel()) {
          channel.connect(listener.getLocalAddress());
          listener.accept().close();
        } catch (ConnectException e) {
          numbers.add(i);
        }
      }
    }
    return numbers;
  }

  @Test
  void aLinkIsReset() throws Exception {
    SimPair pair = SimPair.connect(sim, client, db, 1);
    RingHost other = sim.host("other");
    SimPair unharmed = SimPair.connect(sim, other, db, 2);
    sim.link(client, db).reset();
    for (SocketChannel each : List.of(pair.client(), pair.server())) {
      assertThatThrownBy(() -> each.read(ByteBuffer.allocate(1)))
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
    }
    unharmed.write(unharmed.client(), "x");
    assertThat(unharmed.read(unharmed.server())).isEqualTo("x");
    assertThat(((InetSocketAddress) unharmed.client().getLocalAddress()).getAddress())
        .isEqualTo(other.address());
  }

  /** Against the formulas of the distributions, for many draws. */
  @Test
  void latenciesAreDistributedAsTheySay() {
    double[] uniform = millis(Latency.uniform(ofMillis(10), ofMillis(30)));
    assertThat(uniform[0]).isBetween(10.0, 10.1);
    assertThat(uniform[uniform.length - 1]).isBetween(29.9, 30.0);
    assertThat(mean(uniform)).isCloseTo(20, within(0.1));
    double[] exponential = millis(Latency.exponential(ofMillis(10)));
    assertThat(mean(exponential)).isCloseTo(10, within(0.2));
    assertThat(median(exponential)).isCloseTo(10 * Math.log(2), within(0.2));
    double[] pareto = millis(Latency.pareto(ofMillis(10), 2));
    assertThat(pareto[0]).isBetween(10.0, 10.01);
    assertThat(median(pareto)).isCloseTo(10 * Math.sqrt(2), within(0.2));
    double[] normal = millis(Latency.normal(ofMillis(20), ofMillis(5)));
    assertThat(mean(normal)).isCloseTo(20, within(0.1));
    assertThat(normal[(int) (normal.length * 0.8413)]).isCloseTo(25, within(0.2));
    double[] cut = millis(Latency.normal(Duration.ZERO, ofMillis(5)));
    assertThat(cut[cut.length / 2 - cut.length / 50]).isZero();
    assertThat(cut[(int) (cut.length * 0.8413)]).isCloseTo(5, within(0.2));
  }

  /** Many draws in order. */
  private static double[] millis(Latency of) {
    double[] drawn = new double[100_000];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = of.nanosOf(Draws.mix(1, i)) / 1e6;
    }
    Arrays.sort(drawn);
    return drawn;
  }

  private static double mean(double[] of) {
    return Arrays.stream(of).average().orElseThrow();
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }
}
