package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests that are run with seeds without a framework, and what a simulation tells of itself. */
@SuppressWarnings("try") // closed before its end
class SeededRunsTest {
  private static ServerSocketChannel listen(Simulation sim) throws IOException {
    ServerSocketChannel server = sim.host("db").provider().openServerSocketChannel();
    return server.bind(new InetSocketAddress(5432));
  }

  @Test
  void eachRunHasTheNextSeed() {
    List<Long> seeds = new ArrayList<>();
    SeededRuns.of(3).from(7).run(sim -> seeds.add(sim.seed()));
    assertThat(seeds).containsExactly(7L, 8L, 9L);
  }

  @Test
  void aFailureBeginsWithTheSeedAndEndsTheRest() {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                SeededRuns.of(5)
                    .run(
                        sim -> {
                          listen(sim);
                          if (runs.incrementAndGet() == 2) {
                            throw new IOException("as told");
                          }
                          sim.host("db").kill();
                        }))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "Seed 2: java.io.IOException: as told"
                + System.lineSeparator()
                + "Repeat: SeededRuns.of(1).from(2)")
        .hasCauseInstanceOf(IOException.class)
        .satisfies(
            failure ->
                assertThat(failure.getStackTrace()).isEqualTo(failure.getCause().getStackTrace()))
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed()[0])
                    .hasMessageContaining("simulation with seed 2")
                    .hasMessageContaining(SeededRunsTest.class.getName() + ".listen("));
    assertThat(runs).hasValue(2);
  }

  @Test
  void aLeakIsAFailureUnlessAllowed() {
    assertThatThrownBy(() -> SeededRuns.of(1).run(SeededRunsTest::listen))
        .hasMessageContaining("1 channel was not closed:");
    assertThatCode(() -> SeededRuns.of(1).allowLeaks().run(SeededRunsTest::listen))
        .doesNotThrowAnyException();
  }

  @Test
  void faultsOfNoUseAreFailures() {
    assertThatThrownBy(
            () -> SeededRuns.of(1).run(sim -> assertThat(sim.faults().refuse()).isNotNull()))
        .hasMessageContaining(
            "1 fault was described and never installed:\n  refuse, described at ");
    SeededRuns.Body cuts = sim -> sim.isolate(sim.host("db"));
    SeededRuns.of(1).run(cuts);
    assertThatThrownBy(() -> SeededRuns.of(1).strictFaults().run(cuts))
        .hasMessageContaining(
            "1 fault was installed and had no effect:\n  isolate db: never fired");
  }

  @Test
  void runsMayBeCompared() {
    AtomicInteger delay = new AtomicInteger();
    SeededRuns.Body body =
        sim -> {
          RingHost client = sim.host("client");
          sim.link(client, sim.host("db"))
              .latency(
                  Latency.uniform(Duration.ZERO, Duration.ofNanos(1 + delay.getAndIncrement())));
          SimPair.connect(sim, client, sim.host("db"), 80).close();
        };
    assertThatThrownBy(() -> SeededRuns.of(1).checkDeterminism().run(body))
        .hasMessageStartingWith("Seed 1: two runs differ: {")
        .hasMessageEndingWith("Repeat: SeededRuns.of(1).from(1).checkDeterminism()");
    SeededRuns.of(1).checkDeterminism().run(sim -> sim.random().nextInt());
  }

  @Test
  void openChannelsAreNamedWithoutARecordToo() throws IOException {
    try (Simulation sim = Simulation.open();
        ServerSocketChannel server = listen(sim)) {
      assertThat(sim.openChannels()).hasSize(1);
      OpenChannel open = sim.openChannels().get(0);
      assertThat(open.channel()).isSameAs(server);
      assertThat(open.host()).isSameAs(sim.host("db"));
      assertThat(open.thread()).isEmpty();
      assertThat(open.stack()).isEmpty();
      assertThat(open).hasToString(server + " of host db");
    }
  }

  @Test
  void acceptedChannelsAreOpenedByWhoAccepts() throws Exception {
    SimulationConfig config = SimulationConfig.builder().recordOpenings(true).build();
    try (Simulation sim = Simulation.open(config);
        SimPair pair = SimPair.connect(sim, sim.host("client"), sim.host("db"), 80)) {
      OpenChannel accepted =
          sim.openChannels().stream()
              .filter(each -> each.channel() == pair.server())
              .findFirst()
              .orElseThrow();
      assertThat(accepted.host()).isSameAs(sim.host("db"));
      assertThat(accepted.thread()).contains(Thread.currentThread().getName());
      assertThat(accepted.stack().get(0).getClassName()).isEqualTo(SimPair.class.getName());
    }
  }

  @Test
  void plainSocketsAreNamedToo() throws Exception {
    SimulationConfig config = SimulationConfig.builder().recordOpenings(true).build();
    try (Simulation sim = Simulation.open(config);
        ServerSocket server = sim.network().serverSocketFactory().createServerSocket(80)) {
      assertThat(server.isBound()).isTrue();
      assertThat(sim.openChannels()).hasSize(1);
      assertThat(sim.openChannels().get(0).host()).isSameAs(sim.localhost());
      assertThat(sim.openChannels().get(0).stack().get(0).getClassName())
          .isEqualTo(SeededRunsTest.class.getName());
      server.close();
      assertThat(sim.openChannels()).isEmpty();
    }
  }

  @Test
  void theReportHasTheTableOfSockets() throws Exception {
    try (Simulation sim = Simulation.open();
        ServerSocketChannel server = listen(sim)) {
      assertThat(server.isOpen()).isTrue();
      assertThat(sim.report()).contains("1 socket:", "LISTEN", "5432");
    }
  }

  @Test
  void aConfigurationCanBeBuiltFurther() {
    SimulationConfig config =
        SimulationConfig.builder()
            .seed(3)
            .virtualTime(true)
            .advanceWhenIdle(false)
            .isolatedLoopback(true)
            .connectTimeout(Duration.ofSeconds(3))
            .giveUp(Duration.ofSeconds(4))
            .segmentBytes(5)
            .recordOpenings(true)
            .build();
    assertThat(config.toBuilder().build()).hasToString(config.toString());
  }

  @Test
  void valuesOutOfBoundsAreRefused() {
    assertThatThrownBy(() -> SeededRuns.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("runs is 0, expected at least 1");
  }
}
