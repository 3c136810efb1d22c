package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run with many seeds, each time with a simulation of its own; its class is extended
 * with {@link RingNetworkExtension}, or has one in a field that is not static, which sets the
 * configuration.
 *
 * <p>The seed is part of the display name of a run, and begins the message of its failure. With the
 * configuration parameter of JUnit {@code nioring.seed}, which may be given as a system property
 * ({@code -Dnioring.seed=42}), only that seed is run.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeedProvider.class)
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public @interface SeededTest {
  /**
   * Returns how many seeds are run.
   *
   * @return at least 1
   */
  int runs() default 100;

  /**
   * Returns the first seed; each further one is greater by 1.
   *
   * @return any number
   */
  long seed() default 1;

  /**
   * Returns whether each seed is run twice; the test then fails if the two runs make different
   * random decisions.
   *
   * @return by default false
   */
  boolean checkDeterminism() default false;
}
