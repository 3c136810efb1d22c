package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults as each kind of socket that waits sees them, with both families. Time jumps while the
 * test's thread, which is the client's, waits.
 */
@Timeout(180)
class FaultKindsTest {
  private static final int PORT = 5432;

  private static Stream<Arguments> kindsAndFamilies() {
    return Stream.of(SocketKind.values())
        .flatMap(kind -> Stream.of("IPv4", "IPv6").map(family -> Arguments.of(kind, family)));
  }

  /** A client and a server, and a kind of socket that they use. */
  private record Case(SocketKind kind, Simulation sim, RingHost client, RingHost server) {
    static Case of(SocketKind kind, String family) {
      Simulation sim = Simulation.open(SimulationConfig.builder().virtualTime(true).build());
      return family.equals("IPv4")
          ? new Case(kind, sim, sim.host("client"), sim.host("server"))
          : new Case(kind, sim, sim.host("client", "fd00::1"), sim.host("server", "fd00::2"));
    }

    FaultBuilder faults() {
      return sim.faults().to(server, PORT);
    }

    SocketEnd connect() throws Exception {
      return kind.connect(client, new InetSocketAddress(server.address(), PORT));
    }

    List<SocketEnd> pair() throws Exception {
      return kind.pair(client, server, server.address());
    }
  }

  /** What a test does on the client's host. */
  private interface Body {
    void run(Case with) throws Exception;
  }

  private static void on(SocketKind kind, String family, Body body) throws Exception {
    Case with = Case.of(kind, family);
    try (Simulation sim = with.sim) {
      with.client.call(
          () -> {
            body.run(with);
            return null;
          });
      assertThat(sim.network().statistics().kernelConnections()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void connectsFailAsTheFaultSays(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          with.sim.link(with.client, with.server).latency(ofMillis(10));
          try (Fault fault = with.faults().refuse().install()) {
            assertThatThrownBy(with::connect)
                .isInstanceOf(ConnectException.class)
                .hasMessage("Connection refused");
            assertThat(with.sim.elapsed()).isEqualTo(ofMillis(20));
            assertThat(fault.timesFired()).isOne();
          }
          try (Fault fault = with.faults().unreachable().install()) {
            assertThatThrownBy(with::connect)
                .isInstanceOf(NoRouteToHostException.class)
                .hasMessage("No route to host");
            assertThat(fault.timesFired()).isOne();
          }
          Duration before = with.sim.elapsed();
          try (Fault fault = with.faults().blackHole().install()) {
            assertThatThrownBy(with::connect)
                .isInstanceOf(ConnectException.class)
                .hasMessage("Connection timed out");
            assertThat(fault.timesFired()).isOne();
          }
          assertThat(with.sim.elapsed().minus(before))
              .isEqualTo(with.sim.config().connectTimeout());
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void anAcceptFailsAndTheNextOneWorks(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          with.faults().acceptFails(1).install();
          assertThatThrownBy(with::pair)
              .isInstanceOf(IOException.class)
              .hasMessage("Too many open files");
          assertThat(with.pair()).hasSize(2);
        });
  }

  /** Accepts, writes and reads that wait find what was there for nothing, and go on waiting. */
  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void operationsThatWaitDoNotEndForNothing(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          with.faults().spuriousReadiness(1).install();
          List<SocketEnd> ends = with.pair();
          with.sim.link(with.client, with.server).latency(ofMillis(10));
          int total = 0;
          for (int count : new int[] {1, 1_460, 20_000}) {
            ends.get(1).write(count);
            int left = count;
            while (left > 0) {
              int read = ends.get(0).read(left);
              assertThat(read).isPositive();
              left -= read;
            }
            total += count;
          }
          ends.get(1).close();
          assertThat(ends.get(0).read(9)).as("after " + total).isEqualTo(-1);
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void bothEndsGiveUpIfBothAreNotAcknowledged(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          List<SocketEnd> ends = with.pair();
          with.sim.partition(with.client, with.server);
          for (SocketEnd each : ends) {
            each.write(3);
          }
          for (SocketEnd each : ends) {
            assertThatThrownBy(() -> each.read(9))
                .isInstanceOf(IOException.class)
                .hasMessage("Connection timed out");
          }
          assertThat(with.sim.elapsed()).isEqualTo(with.sim.config().giveUp());
        });
  }

  /** As the end of a process does, which shuts nothing first. */
  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void aKillResetsThoseWhoseBytesWereNotRead(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          List<SocketEnd> ends = with.pair();
          ends.get(0).write(3);
          with.server.kill();
          assertThatThrownBy(() -> ends.get(0).read(9))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection reset");
          List<SocketEnd> others = with.pair();
          with.server.kill();
          assertThat(others.get(0).read(9)).isEqualTo(-1);
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void whoGetsNoAcknowledgementOfWhatArrivedGivesUpToo(SocketKind kind, String family)
      throws Exception {
    on(
        kind,
        family,
        with -> {
          List<SocketEnd> ends = with.pair();
          with.sim.partitionOneWay(with.client, with.server);
          ends.get(1).write(3);
          assertThat(ends.get(0).read(9)).isEqualTo(3);
          assertThatThrownBy(() -> ends.get(1).read(9))
              .isInstanceOf(IOException.class)
              .hasMessage("Connection timed out");
          assertThat(with.sim.elapsed()).isEqualTo(with.sim.config().giveUp());
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void bytesAndEndsArriveWhenTheyAreDue(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          List<SocketEnd> ends = with.pair();
          with.sim.link(with.client, with.server).latency(ofMillis(10)).closeDelay(ofSeconds(2));
          Duration before = with.sim.elapsed();
          ends.get(1).write(3);
          assertThat(ends.get(0).read(9)).isEqualTo(3);
          assertThat(with.sim.elapsed().minus(before)).isEqualTo(ofMillis(10));
          ends.get(1).close();
          assertThat(ends.get(0).read(9)).isEqualTo(-1);
          assertThat(with.sim.elapsed().minus(before)).isEqualTo(ofMillis(2_020));
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void connectionsEndAfterATime(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          try (Fault fault = with.faults().resetAfter(ofSeconds(3)).install()) {
            SocketEnd client = with.pair().get(0);
            assertThatThrownBy(() -> client.read(9))
                .isInstanceOf(IOException.class)
                .hasMessage("Connection reset");
            assertThat(fault.timesFired()).isOne();
          }
          assertThat(with.sim.elapsed()).isEqualTo(ofSeconds(3));
          try (Fault fault = with.faults().closeAfter(ofSeconds(3)).install()) {
            assertThat(with.pair().get(0).read(9)).isEqualTo(-1);
            assertThat(fault.timesFired()).isOne();
          }
          assertThat(with.sim.elapsed()).isEqualTo(ofSeconds(6));
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void whoGetsNoAcknowledgementGivesUp(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          SocketEnd client = with.pair().get(0);
          try (Fault cut = with.sim.partition(with.client, with.server)) {
            client.write(1);
            assertThatThrownBy(() -> client.read(9))
                .isInstanceOf(IOException.class)
                .hasMessage("Connection timed out");
            assertThat(cut.timesFired()).isOne();
          }
          assertThat(with.sim.elapsed()).isEqualTo(with.sim.config().giveUp());
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void whatACutKeepsComesWhenItIsHealed(SocketKind kind, String family) throws Exception {
    on(
        kind,
        family,
        with -> {
          List<SocketEnd> ends = with.pair();
          Fault cut = with.sim.partition(with.client, with.server);
          ends.get(1).write(5);
          Future<?> healing = with.sim.scheduler().schedule(cut::close, 60, TimeUnit.SECONDS);
          assertThat(ends.get(0).read(9)).isEqualTo(5);
          assertThat(with.sim.elapsed()).isEqualTo(ofSeconds(60));
          assertThat(healing).succeedsWithin(ofSeconds(60));
        });
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void aHostThatDiesEndsItsConnectionsAndCanServeAgain(SocketKind kind, String family)
      throws Exception {
    on(
        kind,
        family,
        with -> {
          SocketEnd killed = with.pair().get(0);
          with.server.kill();
          assertThat(killed.read(9)).isEqualTo(-1);
          SocketEnd crashed = with.pair().get(0);
          with.server.crash();
          with.server.restart();
          crashed.write(1);
          assertThatThrownBy(
                  () -> {
                    crashed.read(9);
                    crashed.write(1);
                  })
              .isInstanceOf(IOException.class);
          List<SocketEnd> ends = with.pair();
          ends.get(0).write(4);
          assertThat(ends.get(1).read(9)).isEqualTo(4);
        });
  }
}
