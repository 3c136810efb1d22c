/**
 * Simulated networks for tests with JUnit 5 and later: {@link
 * io.nioring.junit.RingNetworkExtension} gives each test a network of its own, {@link
 * io.nioring.junit.SeededTest} runs it with many seeds.
 *
 * <p>JUnit is an optional dependency of the library: only tests that use this package need it.
 * Without JUnit, {@link io.nioring.simulation.SeededRuns} does the same.
 */
package io.nioring.junit;
