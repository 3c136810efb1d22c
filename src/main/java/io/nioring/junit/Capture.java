package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Captures what a test sends over its network, for Wireshark and similar tools: the file {@code
 * nioring-capture.pcapng} is attached to the test. On a class it is for all its tests; where these
 * share a network, they share a file, which is attached to the class.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Capture {
  /**
   * Returns whether the file is kept for failed tests only.
   *
   * @return by default true
   */
  boolean onFailure() default true;

  /**
   * Returns which connections are captured.
   *
   * @return a filter as in {@link io.nioring.observe.CaptureOptions.Builder#filter}; by default all
   */
  String filter() default "";
}
