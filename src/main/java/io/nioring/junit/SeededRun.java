package io.nioring.junit;

import io.nioring.simulation.Trace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/**
 * One run of a {@link SeededTest}: gives its seed to the extension that opens the simulation, which
 * a parameter of the constructor may ask for.
 */
final class SeededRun
    implements TestTemplateInvocationContext, TestInstancePreConstructCallback, BeforeEachCallback {
  private final ExtensionContext.Namespace namespace;
  private final long seed;
  private final boolean again;

  /** The traces of the runs that came first, by seeds; null if nothing is compared. */
  private final Map<Long, Trace> traces;

  /**
   * Makes one.
   *
   * @param again whether it is the second run of its seed
   * @param traces shared by all runs of a test; null if nothing is compared
   */
  SeededRun(
      ExtensionContext.Namespace namespace, long seed, boolean again, Map<Long, Trace> traces) {
    this.namespace = namespace;
    this.seed = seed;
    this.again = again;
    this.traces = traces;
  }

  /** The run that a test is; null if it is not one. */
  static SeededRun of(ExtensionContext context, ExtensionContext.Namespace namespace) {
    return context.getStore(namespace).get(SeededRun.class, SeededRun.class);
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
    context.getStore(namespace).put(SeededRun.class, this);
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
    Trace other = traces == null ? null : traces.putIfAbsent(seed, trace);
    return other == null ? Optional.empty() : other.firstDifference(trace);
  }
}
