package io.nioring.junit;

import io.nioring.simulation.Trace;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Runs a {@link SeededTest} with its seeds. The annotation registers it; there is no need to name
 * it.
 *
 * <p>JUnit asks for the runs of a test before it makes the test's instance, when an extension in a
 * field that is not static does not exist yet. So {@link RingNetworkExtension} cannot tell them.
 */
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public final class SeedProvider implements TestTemplateInvocationContextProvider {
  private static final String SEED = "nioring.seed";
  private static final String SHARED = "the tests of the class share a network";
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SeedProvider.class);

  /** Made by JUnit. */
  public SeedProvider() {}

  /** The seed that all tests have, if one is configured. */
  static Optional<Long> seed(ExtensionContext context) {
    return context.getConfigurationParameter(SEED).map(SeedProvider::parsedSeed);
  }

  private static long parsedSeed(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(
          SEED + "=" + text + " is not valid: expected a number of 64 bits", e);
    }
  }

  /** Notes that there is one network for all tests of a class, and so one seed. */
  static void networkIsShared(ExtensionContext ofClass) {
    ofClass.getStore(NAMESPACE).put(SHARED, true);
  }

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getTestMethod(), SeededTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    SeededTest test =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), SeededTest.class)
            .orElseThrow();
    if (test.runs() < 1) {
      throw new ExtensionConfigurationException(
          "runs of @SeededTest is " + test.runs() + ", expected at least 1");
    }
    if (context.getStore(NAMESPACE).get(SHARED) != null) {
      throw new ExtensionConfigurationException(
          "A @SeededTest needs a network for each run: the class has one in a static field, or in"
              + " a field with @TestInstance(PER_CLASS). Make the field an instance's");
    }
    Map<SeededRun.Place, Trace> traces = test.checkDeterminism() ? new ConcurrentHashMap<>() : null;
    return seed(context)
        .map(LongStream::of)
        .orElseGet(() -> LongStream.range(0, test.runs()).map(i -> test.seed() + i))
        .boxed()
        .flatMap(seed -> runs(seed, traces));
  }

  private static Stream<TestTemplateInvocationContext> runs(
      long seed, Map<SeededRun.Place, Trace> traces) {
    SeededRun once = new SeededRun(seed, false, traces);
    return traces == null ? Stream.of(once) : Stream.of(once, new SeededRun(seed, true, traces));
  }
}
