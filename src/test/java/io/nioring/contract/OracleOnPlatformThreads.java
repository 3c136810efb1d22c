package io.nioring.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The platform's channels are tried on platform threads only: on virtual ones they are non-blocking
 * underneath, which shows (a write may be short, a Unix connect to a full queue fails, a writer
 * does not notice that its peer shut its input). Rings keep the rule on both kinds of thread.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface OracleOnPlatformThreads {}
