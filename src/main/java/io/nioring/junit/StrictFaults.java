package io.nioring.junit;

import io.nioring.simulation.Simulation;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets a test, or all tests of a class, fail when a fault was installed and had no effect: see
 * {@link Simulation#checkFaultsFired()}. Where tests share a network it is checked at the end of
 * their class.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface StrictFaults {}
