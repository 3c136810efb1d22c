/**
 * Bound stream addresses and the listeners behind them: connects are looked up here.
 *
 * <p>Addresses of all kinds are found through one {@link io.nioring.internal.names.Namespace}:
 * ports with the IP addresses bound on them, Unix paths, and abstract names. Local ports, clients'
 * included, are in use as they are in the kernel, and a pair of addresses is connected at most
 * once. The kernel is asked for three things only: which addresses this machine has, where a Unix
 * path leads, and, for a port that is shared with other processes, which sockets listen.
 *
 * <h2>Locks</h2>
 *
 * A lookup takes none. A {@link io.nioring.internal.names.Listener} has one lock, for its queues
 * and the decision of its requests; nobody is woken under it.
 */
package io.nioring.internal.names;
