/**
 * A network to test with: hosts, links with latency and bandwidth, faults, partitions, and virtual
 * time, all inside the JVM and all from one seed.
 *
 * <p>A {@link io.nioring.simulation.Simulation} has a {@link io.nioring.RingNetwork} of its own.
 * The programs under test use its channels as they would use any others; a test says what happens
 * to their connections. Simulations are isolated from one another, and a network without a
 * simulation uses nothing of this package: a simulated one makes other kinds of wires, directions
 * and listeners.
 *
 * <h2>How it works</h2>
 *
 * <pre>{@code
 * writer -> ring (at once, against the bound)      what has arrived -> reader
 *              |                                         ^
 *              +-> Transit: when which byte arrives -----+  an event of the Timeline
 * }</pre>
 *
 * A {@code SimulatedDirection} leaves the bytes in the ring and moves a mark: the reader sees what
 * has arrived. The end of a direction is an entry behind the last byte. So a stream never loses,
 * duplicates or reorders bytes, and no thread of a program sleeps for a delay.
 *
 * <p>The {@code World}'s one lock guards hosts, links, rules and what is on the way; a connection
 * without faults passes without it, since its mark says that all has arrived. Under the lock no
 * thread is woken and nothing in other packages that takes a lock is called: that is deferred until
 * the lock is released.
 */
package io.nioring.simulation;
