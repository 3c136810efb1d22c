package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the host that a test's parameter stands for, or the two hosts of a {@link
 * io.nioring.simulation.Link}. A host that the simulation does not have yet is created, in the
 * order of the parameters.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface Host {
  /**
   * The names.
   *
   * @return one name, or two for a link
   */
  String[] value();
}
