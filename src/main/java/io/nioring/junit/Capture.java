package io.nioring.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Captures the packets of a test's network, or of those of all tests of a class, and attaches the
 * file to the test as {@code nioring-capture.pcapng}; see {@link io.nioring.observe.Capture}.
 *
 * <pre>{@code
 * @Test
 * @Capture(onFailure = true, host = "db")
 * void survivesAPartition(Simulation sim) {
 *   ...
 * }
 * }</pre>
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Capture {
  /**
   * Which connections are captured, in the words of {@link io.nioring.observe.SocketFilter}.
   *
   * @return such as {@code port 5432}; empty for all
   */
  String value() default "";

  /**
   * The host that the capture is made at; see {@link io.nioring.observe.CaptureOptions#host()}.
   *
   * @return the host's name; empty to capture each connection once
   */
  String host() default "";

  /**
   * Whether the file is kept only if the test fails.
   *
   * @return false to keep it always
   */
  boolean onFailure() default false;
}
