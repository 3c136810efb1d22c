package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Captures what a test sends over its network, for Wireshark and its like: the file {@code
 * nioring-capture.pcapng} is attached to the test. On a class it is for all its tests; where these
 * share a network, they share a file, which is attached to the class.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Capture {
  /**
   * Tells whether the file is kept of failed tests alone.
   *
   * @return by default true
   */
  boolean onFailure() default true;

  /**
   * Tells which connections are captured.
   *
   * @return an expression as {@link io.nioring.observe.CaptureOptions.Builder#filter} has it; by
   *     default all
   */
  String filter() default "";
}
