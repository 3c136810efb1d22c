package io.nioring.junit;

import io.nioring.RingNetwork;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.IncompleteExecutionException;

/**
 * Gives tests a simulated network, and checks at their end that all its channels are closed and all
 * faults that were described are installed.
 *
 * <pre>{@code
 * @ExtendWith(RingNetworkExtension.class)
 * class FailoverTest {
 *   @SeededTest(runs = 200)
 *   void survives(Simulation sim, @Host("client") RingHost client, @Host("db") RingHost db) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>Parameters of test methods, of {@code @BeforeEach} and {@code @AfterEach} methods, and of the
 * constructor may be a {@link Simulation}, a {@link RingNetwork}, a {@link
 * java.nio.channels.spi.SelectorProvider}; and with {@link Host} a {@link
 * io.nioring.simulation.RingHost}, the {@code SelectorProvider}, the {@link
 * java.nio.channels.spi.AsynchronousChannelProvider} or the {@link java.net.InetAddress} of a host,
 * or the {@link io.nioring.simulation.Link} of two.
 *
 * <p>Each test has a network of its own, so that tests which run in parallel do not meet; each
 * repetition and each set of arguments is a test. Where the extension is held in a static field,
 * all tests of the class and of the classes nested in it share one, which {@code @BeforeAll} and
 * {@code @AfterAll} methods get too:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final RingNetworkExtension NETWORK =
 *     RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).build());
 * }</pre>
 *
 * <p>With {@code @TestInstance(PER_CLASS)} there is one instance for the class, so that any field
 * does as a static one does.
 *
 * <p>When a test fails, the report of its simulation is added to the failure as a suppressed
 * exception, and attached to the test with the trace, as {@code nioring-report.txt} and {@code
 * nioring-trace.jsonl}; with {@link Capture} what was sent is attached too.
 */
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public final class RingNetworkExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final ExtensionContext.Namespace namespace =
      ExtensionContext.Namespace.create(RingNetworkExtension.class, this);
  private final SimulationConfig config;

  /** Whether it is held in a field, so that the class has a network if that is the class's. */
  private final boolean ofField;

  /** The contexts that now have a network which {@link #simulation()} may mean, by their ids. */
  private final Map<String, ExtensionContext> current = new ConcurrentHashMap<>();

  /** Makes an extension for {@code @ExtendWith}, with the default configuration. */
  public RingNetworkExtension() {
    this(SimulationConfig.builder().build(), false);
  }

  private RingNetworkExtension(SimulationConfig config, boolean ofField) {
    this.config = config;
    this.ofField = ofField;
  }

  /**
   * Makes an extension for a field with {@code @RegisterExtension}. If the field is static, or the
   * tests have one instance for the class, they share a network; else each has its own.
   *
   * @param config the configuration of the simulations; it is always recorded where channels are
   *     opened
   * @return the extension
   */
  public static RingNetworkExtension with(SimulationConfig config) {
    return new RingNetworkExtension(Objects.requireNonNull(config, "config"), true);
  }

  /**
   * Returns the simulation, for an extension in a field.
   *
   * @return the simulation of the class if its tests share one, else of the test that runs
   * @throws IllegalStateException if no test runs, or several at a time that do not share one, or
   *     the extension is not in a field
   */
  public Simulation simulation() {
    if (!ofField) {
      throw new IllegalStateException("only an extension made by with(...) has one");
    }
    List<ExtensionContext> contexts = List.copyOf(current.values());
    if (contexts.size() != 1) {
      throw new IllegalStateException(
          contexts.isEmpty() ? "no test runs" : "several classes run: take it as a parameter");
    }
    return running(contexts.get(0)).simulation();
  }

  /**
   * Returns the network of {@link #simulation()}.
   *
   * @return the network
   * @throws IllegalStateException as {@link #simulation()} does
   */
  public RingNetwork network() {
    return simulation().network();
  }

  // -- one simulation a test, or a class

  @Override
  public void beforeAll(ExtensionContext context) {
    JUnitVersion.ensureNewEnough(ExtensionContext.class.getClassLoader());
    if (ofField && find(context) == null) {
      current.put(context.getUniqueId(), context);
      open(context, SeedProvider.seed(context).orElse(config.seed()));
      SeedProvider.networkIsShared(context);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    JUnitVersion.ensureNewEnough(
        ExtensionContext.class.getClassLoader()); // no beforeAll in a field
    SeededRun.hasNetwork(context);
    if (ofField && find(context) == null) {
      current.put(context.getUniqueId(), context);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    end(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    end(context);
  }

  private RunningSimulation find(ExtensionContext context) {
    return context.getStore(namespace).get(RunningSimulation.class, RunningSimulation.class);
  }

  private RunningSimulation running(ExtensionContext context) {
    RunningSimulation running = find(context);
    if (running != null) {
      return running;
    }
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "Each test has a network of its own. To share one, hold the extension in a field:"
              + " @RegisterExtension static final RingNetworkExtension NETWORK ="
              + " RingNetworkExtension.with(SimulationConfig.builder().build())");
    }
    SeededRun run = SeededRun.of(context);
    return open(
        context, run == null ? SeedProvider.seed(context).orElse(config.seed()) : run.seed());
  }

  private RunningSimulation open(ExtensionContext context, long seed) {
    Simulation simulation =
        Simulation.open(config.toBuilder().seed(seed).recordOpenings(true).build());
    try {
      RunningSimulation running =
          new RunningSimulation(
              simulation, RunningCapture.start(context, simulation), context.getUniqueId());
      context.getStore(namespace).put(RunningSimulation.class, running);
      return running;
    } catch (RuntimeException e) {
      simulation.close();
      throw e;
    }
  }

  private void end(ExtensionContext context) {
    current.remove(context.getUniqueId());
    RunningSimulation running = find(context);
    if (running == null || !running.endsWith(context.getUniqueId())) {
      return; // or it belongs to the class, and does not end with this test
    }
    context.getStore(namespace).remove(RunningSimulation.class);
    try (Simulation simulation = running.simulation()) {
      endChecked(context, running, simulation);
    }
  }

  private void endChecked(
      ExtensionContext context, RunningSimulation running, Simulation simulation) {
    boolean right = false;
    try {
      if (context.getExecutionException().isEmpty() && !running.hasFailed()) {
        check(context, simulation);
        right = true;
      }
    } finally {
      if (!right) {
        running.failed();
      }
      running.endCapture(context);
    }
  }

  // -- what is checked at the end

  private void check(ExtensionContext context, Simulation simulation) {
    SeededRun run = SeededRun.of(context);
    try {
      checkFaults(context, simulation);
      if (TestAnnotations.find(context, AllowLeaks.class).isEmpty()) {
        simulation.checkNoLeaks(GRACE);
      }
    } catch (AssertionError e) {
      Reports.publish(context, simulation);
      throw (AssertionError) Reports.explained(e, context, simulation, run);
    }
    Optional<String> difference = run == null ? Optional.empty() : run.compare(simulation.trace());
    if (difference.isPresent()) {
      throw Reports.different(difference.get(), context, run);
    }
  }

  private static void checkFaults(ExtensionContext context, Simulation simulation) {
    simulation.checkFaultsInstalled();
    if (TestAnnotations.find(context, StrictFaults.class).isPresent()) {
      simulation.checkFaultsFired();
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  private Throwable explained(ExtensionContext context, Throwable failure) {
    RunningSimulation running = find(context);
    if (running == null
        || failure instanceof VirtualMachineError
        || failure instanceof IncompleteExecutionException) {
      return failure;
    }
    running.failed();
    Reports.publish(context, running.simulation());
    return Reports.explained(failure, context, running.simulation(), SeededRun.of(context));
  }

  // -- parameters

  /** A parameter of the constructor is of the test that the instance is made for. */
  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return RunningSimulation.supports(parameter.getParameter());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running(context).valueOf(parameter.getParameter());
  }
}
