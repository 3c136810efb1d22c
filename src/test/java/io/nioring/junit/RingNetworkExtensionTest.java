package io.nioring.junit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;

import io.nioring.RingNetwork;
import io.nioring.simulation.Link;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What tests get of the extension, and what it makes of their ends. */
class RingNetworkExtensionTest {
  private static EngineTestKit.Builder kit(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests));
  }

  private static Events run(Class<?> tests) {
    return kit(tests).execute().testEvents();
  }

  private static Throwable failureOf(Events tests) {
    return tests.failed().stream()
        .map(each -> each.getRequiredPayload(TestExecutionResult.class))
        .map(result -> result.getThrowable().orElseThrow())
        .findFirst()
        .orElseThrow();
  }

  private static SocketChannel connected(RingHost client, RingHost db) throws IOException {
    try (ServerSocketChannel server = db.provider().openServerSocketChannel()) {
      server.bind(new InetSocketAddress(5432));
      SocketChannel channel = client.provider().openSocketChannel();
      channel.connect(new InetSocketAddress(db.address(), 5432));
      server.accept().close();
      return channel;
    }
  }

  // -- parameters and scope

  @ExtendWith(RingNetworkExtension.class)
  static class Parameters {
    private Simulation before;

    @BeforeEach
    void take(Simulation sim) {
      before = sim;
    }

    @AfterEach
    void check(Simulation sim) {
      assertThat(sim).isSameAs(before);
      assertThat(sim.openChannels()).isEmpty();
    }

    @Test
    void all(
        Simulation sim,
        RingNetwork network,
        SelectorProvider provider,
        @Host("client") RingHost client,
        @Host("db") RingHost db,
        @Host("db") SelectorProvider ofDb,
        @Host("db") AsynchronousChannelProvider asynchronous,
        @Host("db") InetAddress address,
        @Host({"client", "db"}) Link link)
        throws IOException {
      assertThat(sim).isSameAs(before);
      assertThat(network).isSameAs(sim.network());
      assertThat(provider).isSameAs(network.provider());
      assertThat(client.name()).isEqualTo("client");
      assertThat(ofDb).isSameAs(db.provider());
      assertThat(address).isEqualTo(db.address());
      try (var listener = asynchronous.openAsynchronousServerSocketChannel(null)) {
        listener.bind(new InetSocketAddress(address, 80));
      }
      assertThat(link).hasToString("client<->db");
      connected(client, db).close();
    }
  }

  @Test
  void parametersAreOfOneSimulation() {
    run(Parameters.class).assertStatistics(stats -> stats.started(1).succeeded(1));
  }

  @ExtendWith(RingNetworkExtension.class)
  static class WrongParameters {
    @Test
    void hostWithoutName(RingHost host) {
      requireNonNull(host);
    }

    @Test
    void linkOfOne(@Host("a") Link link) {
      requireNonNull(link);
    }

    @Test
    void hostOfAnotherType(@Host("a") String host) {
      requireNonNull(host);
    }
  }

  @Test
  void wrongParametersAreRefused() {
    Events tests = run(WrongParameters.class);
    tests.assertStatistics(stats -> stats.started(3).failed(3));
    assertThat(tests.failed().stream())
        .allSatisfy(
            each ->
                assertThat(
                        each.getRequiredPayload(TestExecutionResult.class)
                            .getThrowable()
                            .orElseThrow())
                    .isInstanceOf(ParameterResolutionException.class)
                    .hasMessageContaining("@Host"));
  }

  @ExtendWith(RingNetworkExtension.class)
  static class ClassWithoutField {
    @BeforeAll
    static void take(Simulation sim) {
      requireNonNull(sim);
    }

    @Test
    void never() {}
  }

  @Test
  void aBeforeAllMethodNeedsAStaticField() {
    kit(ClassWithoutField.class)
        .execute()
        .containerEvents()
        .assertThatEvents()
        .haveExactly(1, event(finishedWithFailure(instanceOf(ParameterResolutionException.class))));
  }

  /** Two tests that are inside at the same time, with the same host and port. */
  @Execution(ExecutionMode.CONCURRENT)
  @ExtendWith(RingNetworkExtension.class)
  static class Parallel {
    static final CyclicBarrier BOTH = new CyclicBarrier(2);
    static final Set<Simulation> SIMULATIONS = ConcurrentHashMap.newKeySet();

    @Test
    void one(Simulation sim, @Host("db") RingHost db) throws Exception {
      bind(sim, db);
    }

    @Test
    void other(Simulation sim, @Host("db") RingHost db) throws Exception {
      bind(sim, db);
    }

    private static void bind(Simulation sim, RingHost db) throws Exception {
      SIMULATIONS.add(sim);
      try (ServerSocketChannel server = db.provider().openServerSocketChannel()) {
        server.bind(new InetSocketAddress(db.address(), 5432));
        BOTH.await(20, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void parallelTestsDoNotMeet() {
    kit(Parallel.class)
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
        .execute()
        .testEvents()
        .assertStatistics(stats -> stats.succeeded(2));
    assertThat(Parallel.SIMULATIONS).hasSize(2);
  }

  static class OneForAClass {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    static final RingNetworkExtension NETWORK =
        RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).seed(9).build());

    @BeforeAll
    static void before(Simulation sim) {
      SEEN.add(sim);
    }

    @Test
    void first(Simulation sim) {
      SEEN.add(sim);
    }

    @Test
    void second() {
      assertThat(NETWORK.network()).isSameAs(NETWORK.simulation().network());
      SEEN.add(NETWORK.simulation());
    }

    @Nested
    class Inside {
      @Test
      void third(Simulation sim) {
        assertThat(sim.config().virtualTime()).isTrue();
        assertThat(sim.seed()).isEqualTo(9);
        SEEN.add(sim);
      }
    }
  }

  @Test
  void aStaticFieldIsOneForTheClass() {
    kit(OneForAClass.class).execute().allEvents().assertStatistics(stats -> stats.failed(0));
    assertThat(OneForAClass.SEEN).hasSize(4);
    assertThat(Set.copyOf(OneForAClass.SEEN)).hasSize(1);
  }

  static class OneForATest {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    final RingNetworkExtension network =
        RingNetworkExtension.with(SimulationConfig.builder().build());

    @Test
    void first(Simulation sim) {
      assertThat(network.simulation()).isSameAs(sim);
      SEEN.add(sim);
    }

    @Test
    void second() {
      SEEN.add(network.simulation());
    }
  }

  @Test
  void anInstanceFieldIsOneForATest() {
    run(OneForATest.class).assertStatistics(stats -> stats.succeeded(2));
    assertThat(Set.copyOf(OneForATest.SEEN)).hasSize(2);
  }

  // -- leaks

  @ExtendWith(RingNetworkExtension.class)
  static class Leaking {
    static final Queue<SocketChannel> LEAKED = new ConcurrentLinkedQueue<>();

    @Test
    void leaks(@Host("client") RingHost client, @Host("db") RingHost db) throws IOException {
      LEAKED.add(connected(client, db));
    }
  }

  @Test
  void aLeakFailsTheTestAndNamesWhoOpenedIt() {
    Events tests = run(Leaking.class);
    tests.assertStatistics(stats -> stats.failed(1));
    assertThat(failureOf(tests))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("1 channel was not closed:")
        .hasMessageContaining("of host client")
        .hasMessageContaining(Thread.currentThread().getName())
        .hasMessageContaining(RingNetworkExtensionTest.class.getName() + ".connected(");
    assertThat(Leaking.LEAKED).noneMatch(SocketChannel::isOpen);
  }

  @ExtendWith(RingNetworkExtension.class)
  static class LeakingLawfully {
    @AllowLeaks
    @Test
    void leaks(@Host("client") RingHost client, @Host("db") RingHost db) throws IOException {
      requireNonNull(connected(client, db));
    }
  }

  @Test
  void leaksMayBeAllowed() {
    run(LeakingLawfully.class).assertStatistics(stats -> stats.succeeded(1));
  }

  @ExtendWith(RingNetworkExtension.class)
  static class ClosingLater {
    @Test
    void closesOnAnotherThread(@Host("client") RingHost client, @Host("db") RingHost db)
        throws IOException {
      SocketChannel channel = connected(client, db);
      client.executor().execute(() -> closeLater(channel));
    }

    /** Waits for the end of the test, as the other end of a connection does. */
    private static void closeLater(SocketChannel channel) {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
      while (System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void whatAnotherThreadClosesIsGivenTime() {
    run(ClosingLater.class).assertStatistics(stats -> stats.succeeded(1));
  }

  // -- faults

  @ExtendWith(RingNetworkExtension.class)
  static class Forgetful {
    @Test
    void describesAFault(Simulation sim, @Host("db") RingHost db) {
      requireNonNull(sim.faults().to(db, 5432).refuse());
    }
  }

  @Test
  void aFaultThatIsNeverInstalledFailsTheTest() {
    assertThat(failureOf(run(Forgetful.class)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("1 fault was described and never installed:")
        .hasMessageContaining("to db, port 5432, refuse, described at ")
        .hasMessageContaining("Forgetful.describesAFault(");
  }

  static class FaultsOfNoUse {
    @ExtendWith(RingNetworkExtension.class)
    static class Told {
      @Test
      void resetsBeyondTheAnswer(Simulation sim, @Host("client") RingHost client)
          throws IOException {
        useless(sim, client);
      }
    }

    @StrictFaults
    static class Refused extends Told {
      @Test
      void andInstallsOneThatFires(
          Simulation sim, @Host("client") RingHost client, @Host("db") RingHost db)
          throws IOException {
        sim.faults().to(db, 5432).sliceReads(1, 0).install();
        connected(client, db).close();
      }
    }

    private static void useless(Simulation sim, RingHost client) throws IOException {
      RingHost db = sim.host("db");
      sim.faults().to(db, 5432).resetAfterBytes(117).install();
      connected(client, db).close();
    }
  }

  @Test
  void aFaultThatHasNoEffectFailsStrictTests() {
    run(FaultsOfNoUse.Told.class).assertStatistics(stats -> stats.succeeded(1));
    Events strict = run(FaultsOfNoUse.Refused.class);
    strict.assertStatistics(stats -> stats.succeeded(1).failed(1));
    assertThat(failureOf(strict))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("1 fault was installed and had no effect:")
        .hasMessageContaining("to db, port 5432, resetAfterBytes 117: never fired, installed at ")
        .hasMessageContaining("FaultsOfNoUse.useless(");
  }

  // -- failures

  @ExtendWith(RingNetworkExtension.class)
  static class Failing {
    @Test
    void fails(@Host("client") RingHost client, @Host("db") RingHost db) throws IOException {
      connected(client, db);
      throw new IllegalStateException("as told");
    }
  }

  @Test
  void aFailureIsToldWithTheReport() {
    Events tests = run(Failing.class);
    Throwable failure = failureOf(tests);
    assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("as told");
    assertThat(failure.getSuppressed()).hasSize(1);
    assertThat(failure.getSuppressed()[0])
        .hasMessageContaining("seed 0")
        .hasMessageContaining("client")
        .hasMessageContaining("1 open channel:")
        .hasMessageContaining("random decisions, hash ");
    tests.assertStatistics(stats -> stats.reportingEntryPublished(1));
  }

  @Test
  void theReportIsAttachedAsFiles(@TempDir Path output) {
    Events tests =
        kit(Failing.class).outputDirectoryCreator(new OneDirectory(output)).execute().testEvents();
    tests.assertStatistics(stats -> stats.fileEntryPublished(2).reportingEntryPublished(0));
    assertThat(output.resolve("nioring-report.txt"))
        .content()
        .contains("seed 0", "1 open channel:", ".connected(");
    assertThat(output.resolve("nioring-trace.jsonl")).exists();
  }

  /** All files go into one directory. */
  private record OneDirectory(Path path) implements OutputDirectoryCreator {
    @Override
    public Path getRootDirectory() {
      return path;
    }

    @Override
    public Path createOutputDirectory(TestDescriptor test) {
      return path;
    }
  }
}
