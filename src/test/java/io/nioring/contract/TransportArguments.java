package io.nioring.contract;

import io.nioring.testkit.ThreadKind;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Gives a test a {@link TestTransport} of each kind that its annotation names, and where the test
 * takes a second parameter of type {@link ThreadKind}, each kind of thread with each of them. JUnit
 * closes the transport after the test.
 */
final class TransportArguments implements ArgumentsProvider {
  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    Method test = context.getRequiredTestMethod();
    TransportKind[] kinds =
        AnnotationSupport.findAnnotation(test, Kinds.class).orElseThrow().value();
    boolean takesThreadKind = Arrays.asList(test.getParameterTypes()).contains(ThreadKind.class);
    if (!takesThreadKind) {
      return Arrays.stream(kinds).map(kind -> Arguments.of(TestTransport.open(kind)));
    }
    boolean oracleOnPlatformThreads = test.isAnnotationPresent(OracleOnPlatformThreads.class);
    return Arrays.stream(kinds)
        .flatMap(
            kind ->
                ThreadKind.available().stream()
                    .filter(
                        thread ->
                            thread == ThreadKind.PLATFORM
                                || kind.isRing()
                                || !oracleOnPlatformThreads)
                    .map(thread -> Arguments.of(TestTransport.open(kind), thread)));
  }

  /** The kinds of transport that an annotation of the suite stands for. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.ANNOTATION_TYPE)
  @interface Kinds {
    TransportKind[] value();
  }
}
