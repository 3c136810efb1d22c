/**
 * Bound stream addresses and the listeners behind them: what connects are looked up in.
 *
 * <p>Addresses of all kinds live side by side, behind one {@link
 * io.nioring.internal.names.Namespace}: ports with the IP addresses bound on them, Unix paths, and
 * abstract names. Local ports are in use as they are in the kernel, clients' too, and one pair of
 * addresses is connected once. The kernel is asked for three things only: which addresses this
 * machine has, where a Unix path leads, and, for a port that is shared with others, who listens.
 *
 * <h2>Locks</h2>
 *
 * A lookup takes none. A {@link io.nioring.internal.names.Listener} has one lock, for its queues
 * and the decision of its requests; nobody is woken under it.
 */
package io.nioring.internal.names;
