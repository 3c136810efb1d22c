package io.nioring.junit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.nioring.simulation.Latency;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import org.opentest4j.AssertionFailedError;

/** How tests are run with seeds. */
class SeededTestTest {
  private static EngineTestKit.Builder kit(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests));
  }

  private static List<String> names(Events tests) {
    return tests.started().stream().map(each -> each.getTestDescriptor().getDisplayName()).toList();
  }

  private static List<Throwable> failures(Events tests) {
    return tests.failed().stream()
        .map(each -> each.getRequiredPayload(TestExecutionResult.class))
        .map(result -> result.getThrowable().orElseThrow())
        .toList();
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Counting {
    static final Queue<Long> SEEDS = new ConcurrentLinkedQueue<>();

    @SeededTest(runs = 5, seed = 40)
    void fails(Simulation sim) {
      SEEDS.add(sim.seed());
      assertThat(sim.seed()).isNotEqualTo(42);
    }
  }

  @Test
  void eachSeedIsARunAndAFailureTellsIts() {
    Counting.SEEDS.clear();
    Events tests = kit(Counting.class).execute().testEvents();
    assertThat(names(tests)).containsExactly("seed 40", "seed 41", "seed 42", "seed 43", "seed 44");
    assertThat(Counting.SEEDS).containsExactly(40L, 41L, 42L, 43L, 44L);
    Throwable failure = failures(tests).get(0);
    assertThat(failures(tests)).hasSize(1);
    assertThat(failure)
        .isInstanceOf(AssertionFailedError.class)
        .hasMessageStartingWith("Seed 42: ")
        .hasMessageContaining("-Dtest='" + Counting.class.getName() + "#fails'")
        .hasMessageEndingWith("-Dnioring.seed=42")
        .hasCauseInstanceOf(AssertionError.class);
    assertThat(failure.getStackTrace()).isEqualTo(failure.getCause().getStackTrace());
    assertThat(failure.getSuppressed()[0]).hasMessageContaining("seed 42");
  }

  @Test
  void theParameterRunsOneSeedAlone() {
    Counting.SEEDS.clear();
    Events tests =
        kit(Counting.class).configurationParameter("nioring.seed", " -7 ").execute().testEvents();
    tests.assertStatistics(stats -> stats.started(1).succeeded(1));
    assertThat(Counting.SEEDS).containsExactly(-7L);
  }

  @Test
  void aMalformedSeedIsRefused() {
    EngineExecutionResults results =
        kit(Counting.class).configurationParameter("nioring.seed", "x").execute();
    assertThat(failures(results.containerEvents()).get(0))
        .hasMessage("nioring.seed=x is not valid: expected a number of 64 bits");
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Comparing {
    @SeededTest(runs = 1)
    void compares(Simulation sim) {
      requireNonNull(sim);
      assertEquals("expected", "actual");
    }

    @SeededTest(runs = 1)
    void isAborted(Simulation sim) {
      Assumptions.assumeTrue(sim == null);
    }
  }

  @Test
  void whatWasComparedIsKept() {
    Events tests = kit(Comparing.class).execute().testEvents();
    tests.assertStatistics(stats -> stats.failed(1).aborted(1));
    AssertionFailedError failure = (AssertionFailedError) failures(tests).get(0);
    assertThat(failure.getExpected().getStringRepresentation()).isEqualTo("expected");
    assertThat(failure.getActual().getStringRepresentation()).isEqualTo("actual");
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Silent {
    @SeededTest(runs = 1)
    void fails(Simulation sim) {
      requireNonNull(sim);
      throw new AssertionError();
    }
  }

  @Test
  void aFailureWithoutAMessageIsToldByItsClass() {
    Events tests = kit(Silent.class).execute().testEvents();
    assertThat(failures(tests).get(0)).hasMessageStartingWith("Seed 1: java.lang.AssertionError");
  }

  @ExtendWith(RingNetworkExtension.class)
  static class NoRuns {
    @SeededTest(runs = 0)
    void never() {}
  }

  static class OfAClass {
    @RegisterExtension
    static final RingNetworkExtension NETWORK =
        RingNetworkExtension.with(SimulationConfig.builder().build());

    @SeededTest
    void never() {}
  }

  static class Configured {
    static final Queue<Long> SEEDS = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    final RingNetworkExtension network =
        RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).seed(9).build());

    @SeededTest(runs = 3, checkDeterminism = true)
    void hasItsSeedAndTheConfiguration(Simulation sim) throws Exception {
      assertThat(sim.config().virtualTime()).isTrue();
      assertThat(network.simulation()).isSameAs(sim);
      SEEDS.add(sim.seed());
      exchange(sim, 1_000);
    }
  }

  @Test
  void anExtensionInAFieldConfiguresTheRuns() {
    Configured.SEEDS.clear();
    kit(Configured.class)
        .execute()
        .testEvents()
        .assertStatistics(stats -> stats.started(6).succeeded(6));
    assertThat(Configured.SEEDS).containsExactly(1L, 1L, 2L, 2L, 3L, 3L);
  }

  static class TwoNetworks {
    @RegisterExtension
    final RingNetworkExtension one = RingNetworkExtension.with(SimulationConfig.builder().build());

    @RegisterExtension
    final RingNetworkExtension other =
        RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).build());

    @SeededTest(runs = 1, checkDeterminism = true)
    void eachHasATrace() throws Exception {
      exchange(one.simulation(), 1_000);
      exchange(other.simulation(), 2_000);
    }
  }

  @Test
  void theTracesOfTwoNetworksAreNotMixedUp() {
    kit(TwoNetworks.class).execute().testEvents().assertStatistics(stats -> stats.succeeded(2));
  }

  static class NoNetwork {
    @SeededTest(runs = 1)
    void never() {}
  }

  @Test
  void aTestWithoutANetworkIsToldWhatIsMissing() {
    assertThat(failures(kit(NoNetwork.class).execute().testEvents()).get(0))
        .hasMessageStartingWith("A @SeededTest needs a RingNetworkExtension");
  }

  @Test
  void whatCannotBeRunIsRefused() {
    assertThat(failures(kit(NoRuns.class).execute().containerEvents()).get(0))
        .hasMessage("runs of @SeededTest is 0, expected at least 1");
    assertThat(failures(kit(OfAClass.class).execute().containerEvents()).get(0))
        .hasMessageContaining("static field");
  }

  // -- determinism

  private static void exchange(Simulation sim, int bytes) throws Exception {
    RingHost client = sim.host("client");
    RingHost db = sim.host("db");
    sim.link(client, db).latency(Latency.uniform(Duration.ZERO, Duration.ofNanos(1_000)));
    try (ServerSocketChannel server = db.provider().openServerSocketChannel()) {
      server.bind(new InetSocketAddress(5432));
      try (SocketChannel channel = client.provider().openSocketChannel()) {
        channel.connect(new InetSocketAddress(db.address(), 5432));
        try (SocketChannel accepted = server.accept()) {
          channel.write(ByteBuffer.allocate(bytes));
          ByteBuffer read = ByteBuffer.allocate(bytes);
          while (read.hasRemaining()) {
            accepted.read(read);
          }
        }
      }
    }
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Same {
    @SeededTest(runs = 2, checkDeterminism = true)
    void same(Simulation sim) throws Exception {
      exchange(sim, 10_000);
      assertThat(sim.trace().size()).isPositive();
    }
  }

  @Test
  void equalRunsAreEqual() {
    Events tests = kit(Same.class).execute().testEvents();
    tests.assertStatistics(stats -> stats.succeeded(4));
    assertThat(names(tests)).containsExactly("seed 1", "seed 1, again", "seed 2", "seed 2, again");
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Different {
    static final AtomicInteger RUNS = new AtomicInteger();

    @SeededTest(runs = 1, checkDeterminism = true)
    void different(Simulation sim) throws Exception {
      exchange(sim, 10_000 * RUNS.incrementAndGet());
    }
  }

  @Test
  void differentRunsFailAndShowTheFirstDifference() {
    Events tests = kit(Different.class).execute().testEvents();
    tests.assertStatistics(stats -> stats.succeeded(1).failed(1));
    assertThat(failures(tests).get(0))
        .hasMessageStartingWith("Seed 1: two runs have made different decisions: ")
        .hasMessageContaining("\"from\":\"client\"")
        .hasMessageEndingWith("-Dnioring.seed=1");
  }

  // -- in parallel

  @Execution(ExecutionMode.CONCURRENT)
  @ExtendWith(RingNetworkExtension.class)
  static class Parallel {
    static final Queue<Long> SEEDS = new ConcurrentLinkedQueue<>();

    @SeededTest(runs = 20, checkDeterminism = true)
    void runs(Simulation sim) throws Exception {
      SEEDS.add(sim.seed());
      exchange(sim, 3_000);
    }
  }

  @Test
  void runsMayBeParallel() {
    kit(Parallel.class)
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
        .execute()
        .testEvents()
        .assertStatistics(stats -> stats.succeeded(40));
    assertThat(Parallel.SEEDS.stream().distinct().sorted())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).mapToObj(Long::valueOf).toList());
  }
}
