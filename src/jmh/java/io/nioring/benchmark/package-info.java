/**
 * Benchmarks of rings against the platform's kernel sockets, always whole java.nio channels and,
 * unless a name says otherwise, whole selector loops: {@code select}, the selected keys one by one,
 * {@code remove}, {@code read}, {@code write}.
 *
 * <p>Every workload is one JMH class whose {@code transport} parameter names where its channels
 * come from (see {@link io.nioring.benchmark.Transport}). {@link io.nioring.benchmark.Benchmarks}
 * runs them in rounds, so that the figures which are divided by one another were taken within
 * seconds of each other, and prints the ratios. What JMH cannot measure, such as the memory of a
 * connection that does nothing, is a small main program: {@link
 * io.nioring.benchmark.IdleConnections}. {@link io.nioring.benchmark.Charts} draws what the runs
 * left behind.
 *
 * <p>Sockets keep the options they are born with, as in a program that sets none.
 */
package io.nioring.benchmark;
