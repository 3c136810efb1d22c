package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;

/**
 * A test that is run with many seeds, each time with a simulation of its own; its class is extended
 * with {@link RingNetworkExtension}.
 *
 * <p>The seed stands in the display name of a run, and begins the message of its failure. With the
 * configuration parameter of JUnit {@code nioring.seed}, which may be given as a system property
 * ({@code -Dnioring.seed=42}), that seed is run alone.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public @interface SeededTest {
  /**
   * Tells how many seeds are run.
   *
   * @return at least 1
   */
  int runs() default 100;

  /**
   * Tells which seed is the first; each further one is greater by 1.
   *
   * @return any number
   */
  long seed() default 1;

  /**
   * Tells whether each seed is run twice, and fails if the two runs have made different random
   * decisions.
   *
   * @return by default false
   */
  boolean checkDeterminism() default false;
}
