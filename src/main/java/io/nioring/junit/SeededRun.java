package io.nioring.junit;

import io.nioring.simulation.Trace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * One run of a {@link SeededTest}: gives its seed to the extension that opens the simulation, which
 * a parameter of the constructor may ask for.
 */
final class SeededRun
    implements TestTemplateInvocationContext,
        TestInstancePreConstructCallback,
        BeforeEachCallback,
        BeforeTestExecutionCallback {
  /** Which simulation of which runs a trace is of: a test may have more than one extension. */
  record Place(long seed, int simulation) {}

  /** Not an extension's own: an extension in a field is made when the run has begun. */
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SeededRun.class);

  private static final String HAS_NETWORK = "the test has an extension";

  private final long seed;
  private final boolean again;

  /** The traces of the runs that came first; null if nothing is compared. */
  private final Map<Place, Trace> traces;

  /** How many were compared; of the thread that runs the test. */
  private int compared;

  /**
   * Makes one.
   *
   * @param again whether it is the second run of its seed
   * @param traces shared by all runs of a test; null if nothing is compared
   */
  SeededRun(long seed, boolean again, Map<Place, Trace> traces) {
    this.seed = seed;
    this.again = again;
    this.traces = traces;
  }

  /** The run that a test is; null if it is not one. */
  static SeededRun of(ExtensionContext context) {
    return context.getStore(NAMESPACE).get(SeededRun.class, SeededRun.class);
  }

  @Override
  public String getDisplayName(int invocationIndex) {
    return "seed " + seed + (again ? ", again" : "");
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    return List.of(this);
  }

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext instance, ExtensionContext context) {
    beforeEach(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put(SeededRun.class, this);
  }

  /** Without a network there is nothing that the seed could choose. */
  @Override
  public void beforeTestExecution(ExtensionContext context) {
    if (context.getStore(NAMESPACE).get(HAS_NETWORK) == null) {
      throw new ExtensionConfigurationException(
          "A @SeededTest needs a RingNetworkExtension: @ExtendWith(RingNetworkExtension.class) on"
              + " the class, or a field with @RegisterExtension that is not static");
    }
  }

  /** Notes that a test has an extension that takes the seed, of whichever the turn is first. */
  static void hasNetwork(ExtensionContext context) {
    context.getStore(NAMESPACE).put(HAS_NETWORK, true);
  }

  long seed() {
    return seed;
  }

  /**
   * Compares what a run has decided with the other run of its seed, if that has ended without a
   * failure; else leaves it to that.
   *
   * @return the first difference; empty if there is none
   */
  Optional<String> compare(Trace trace) {
    Place place = new Place(seed, compared++);
    Trace other = traces == null ? null : traces.putIfAbsent(place, trace);
    return other == null ? Optional.empty() : other.firstDifference(trace);
  }
}
