package io.nioring.junit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The extension in each lifecycle of JUnit, and with each kind of test. */
class ExtensionLifecyclesTest {
  private static EngineTestKit.Builder kit(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests));
  }

  private static List<Throwable> failures(Events events) {
    return events.failed().stream()
        .map(each -> each.getRequiredPayload(TestExecutionResult.class))
        .map(result -> result.getThrowable().orElseThrow())
        .toList();
  }

  private static void allSucceed(Class<?> tests, long count) {
    EngineExecutionResults results = kit(tests).execute();
    assertThat(failures(results.allEvents())).isEmpty();
    results.testEvents().assertStatistics(stats -> stats.succeeded(count));
  }

  // -- kinds of tests

  @ExtendWith(RingNetworkExtension.class)
  static class Kinds {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    /** Fails where the port is taken, by a test that has the same network. */
    private static void listen(Simulation sim, RingHost db) throws IOException {
      SEEN.add(sim);
      try (ServerSocketChannel server = db.listen(5432)) {
        assertThat(sim.openChannels()).hasSize(1);
        assertThat(server.isOpen()).isTrue();
      }
    }

    @RepeatedTest(3)
    void repeated(Simulation sim, @Host("db") RingHost db) throws IOException {
      listen(sim, db);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "other"})
    void parameterized(String name, Simulation sim, @Host("db") RingHost db) throws IOException {
      assertThat(sim.hosts()).extracting(RingHost::name).containsExactly("localhost", "db");
      sim.host(name);
      listen(sim, db);
    }

    @TestFactory
    Stream<DynamicTest> dynamic(Simulation sim, @Host("db") RingHost db) {
      return Stream.of("first", "second")
          .map(name -> DynamicTest.dynamicTest(name, () -> listen(sim, db)));
    }
  }

  @Test
  void eachRepetitionAndEachSetOfArgumentsHasItsOwn() {
    Kinds.SEEN.clear();
    allSucceed(Kinds.class, 7);
    assertThat(Kinds.SEEN).hasSize(7);
    assertThat(Set.copyOf(Kinds.SEEN)).as("the dynamic tests share one").hasSize(6);
  }

  // -- constructors

  @ExtendWith(RingNetworkExtension.class)
  static class Constructed {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    private final Simulation sim;
    private final RingHost db;

    Constructed(Simulation sim, @Host("db") RingHost db) {
      this.sim = sim;
      this.db = db;
      SEEN.add(sim);
    }

    @BeforeEach
    void isTheSame(Simulation own) {
      assertThat(own).isSameAs(sim);
    }

    @Test
    void test(@Host("db") RingHost own) {
      assertThat(own).isSameAs(db);
    }

    @SeededTest(runs = 2, seed = 7)
    void seeded(Simulation own) {
      assertThat(own).isSameAs(sim);
      assertThat(own.seed()).isBetween(7L, 8L);
    }

    @Nested
    class Inside {
      private final Simulation inner;

      Inside(Simulation inner) {
        this.inner = inner;
      }

      @Test
      void sharesTheInstanceAround(Simulation own) {
        assertThat(own).isSameAs(inner).isSameAs(sim);
      }
    }
  }

  @Test
  void aConstructorGetsWhatItsTestGets() {
    Constructed.SEEN.clear();
    allSucceed(Constructed.class, 4);
    assertThat(Set.copyOf(Constructed.SEEN)).hasSize(4);
  }

  @ExtendWith(RingNetworkExtension.class)
  static class FailsToBeMade {
    static final Queue<ServerSocketChannel> OPENED = new ConcurrentLinkedQueue<>();

    FailsToBeMade(@Host("db") RingHost db) throws IOException {
      OPENED.add(db.listen(80));
      throw new IllegalStateException("as told");
    }

    @Test
    void never() {}
  }

  @Test
  void whatAConstructorLeavesIsClosedWithTheNetwork() {
    assertThat(failures(kit(FailsToBeMade.class).execute().testEvents()))
        .singleElement()
        .satisfies(each -> assertThat(each).hasStackTraceContaining("as told"));
    assertThat(FailsToBeMade.OPENED).hasSize(1).noneMatch(ServerSocketChannel::isOpen);
  }

  // -- one instance for the class

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @ExtendWith(RingNetworkExtension.class)
  static class OneInstance {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    @Test
    void first(Simulation sim) {
      SEEN.add(sim);
    }

    @SeededTest(runs = 2, seed = 7)
    void seeded(Simulation sim) {
      assertThat(sim.seed()).isBetween(7L, 8L);
      SEEN.add(sim);
    }
  }

  @Test
  void testsOfOneInstanceHaveNetworksOfTheirOwn() {
    OneInstance.SEEN.clear();
    allSucceed(OneInstance.class, 3);
    assertThat(Set.copyOf(OneInstance.SEEN)).hasSize(3);
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @ExtendWith(RingNetworkExtension.class)
  static class OneInstanceThatAsks {
    OneInstanceThatAsks(Simulation sim) {
      requireNonNull(sim);
    }

    @Test
    void never() {}
  }

  @Test
  void anInstanceOfTheClassIsToldHowToShare() {
    assertThat(failures(kit(OneInstanceThatAsks.class).execute().containerEvents()))
        .singleElement()
        .satisfies(
            each ->
                assertThat(each)
                    .hasMessageContaining("@RegisterExtension static final RingNetworkExtension"));
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class FieldOfOneInstance {
    static final Queue<Simulation> SEEN = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    final RingNetworkExtension network =
        RingNetworkExtension.with(SimulationConfig.builder().seed(5).build());

    @BeforeAll
    void before(Simulation sim) {
      SEEN.add(sim);
    }

    @Test
    void first(Simulation sim) {
      assertThat(network.simulation()).isSameAs(sim);
      SEEN.add(sim);
    }

    @RepeatedTest(2)
    void repeated() {
      SEEN.add(network.simulation());
    }

    @AfterAll
    void after(@Host("db") RingHost db) throws IOException {
      db.listen(80).close();
    }
  }

  @Test
  void aFieldOfOneInstanceIsOneForTheClass() {
    FieldOfOneInstance.SEEN.clear();
    allSucceed(FieldOfOneInstance.class, 3);
    assertThat(FieldOfOneInstance.SEEN).hasSize(4);
    assertThat(Set.copyOf(FieldOfOneInstance.SEEN)).hasSize(1);
  }

  // -- nested classes, and failures of classes

  @AllowLeaks
  @StrictFaults
  @ExtendWith(RingNetworkExtension.class)
  static class Around {
    @Nested
    class Inside {
      @Test
      void leaks(@Host("db") RingHost db) throws IOException {
        requireNonNull(db.listen(80));
      }

      @Test
      void installsAFaultOfNoUse(Simulation sim) {
        requireNonNull(sim.faults().refuse().install());
      }
    }
  }

  @Test
  void annotationsHoldForNestedClasses() {
    Events tests = kit(Around.class).execute().testEvents();
    tests.assertStatistics(stats -> stats.succeeded(1).failed(1));
    assertThat(failures(tests))
        .singleElement()
        .satisfies(
            each -> assertThat(each).hasMessageStartingWith("1 fault was installed and had no"));
  }

  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class SharedAndFailing {
    @RegisterExtension
    static final RingNetworkExtension NETWORK =
        RingNetworkExtension.with(SimulationConfig.builder().build());

    @Test
    void fails(@Host("db") RingHost db) throws IOException {
      requireNonNull(db.listen(80));
      throw new IllegalStateException("as told");
    }

    @Test
    void goesOn(@Host("client") RingHost client, @Host("db") RingHost db) throws IOException {
      client.connect(db, 80).close();
    }
  }

  @Test
  void whatAFailedTestLeftOpenIsNoFurtherFailure() {
    EngineExecutionResults results = kit(SharedAndFailing.class).execute();
    assertThat(failures(results.allEvents()))
        .singleElement()
        .satisfies(each -> assertThat(each).hasMessage("as told"));
  }

  static class FailsBeforeAll {
    @RegisterExtension
    static final RingNetworkExtension NETWORK =
        RingNetworkExtension.with(SimulationConfig.builder().seed(11).build());

    @BeforeAll
    static void connect(@Host("client") RingHost client, @Host("db") RingHost db)
        throws IOException {
      client.connect(db, 80).close();
    }

    @Test
    void never() {}
  }

  @Test
  void aFailureOfTheClassIsToldWithTheReport() {
    assertThat(failures(kit(FailsBeforeAll.class).execute().containerEvents()))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each).isInstanceOf(ConnectException.class);
              assertThat(each.getSuppressed()[0]).hasMessageContaining("seed 11");
            });
  }
}
