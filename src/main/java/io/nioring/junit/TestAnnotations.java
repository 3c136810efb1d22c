package io.nioring.junit;

import java.lang.annotation.Annotation;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Finds the annotations that hold for a test: its own, its class's, those of enclosing classes. */
final class TestAnnotations {
  private TestAnnotations() {}

  /** The nearest annotation of a type. */
  static <A extends Annotation> Optional<A> find(ExtensionContext context, Class<A> type) {
    return AnnotationSupport.findAnnotation(context.getTestMethod(), type)
        .or(() -> context.getTestClass().flatMap(tests -> find(context, tests, type)));
  }

  private static <A extends Annotation> Optional<A> find(
      ExtensionContext context, Class<?> tests, Class<A> type) {
    return AnnotationSupport.findAnnotation(tests, type, context.getEnclosingTestClasses());
  }
}
