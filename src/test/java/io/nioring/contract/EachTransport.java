package io.nioring.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** A test of what holds on every transport. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@ParameterizedTest
@ArgumentsSource(TransportArguments.class)
@TransportArguments.Kinds({
  TransportKind.PLATFORM_INET4,
  TransportKind.PLATFORM_UNIX,
  TransportKind.RING_INET4,
  TransportKind.SIMULATED_INET4,
  TransportKind.RING_INET6,
  TransportKind.RING_UNIX,
  TransportKind.HYBRID_INET4,
  TransportKind.HYBRID_UNIX
})
@Timeout(180)
@interface EachTransport {}
