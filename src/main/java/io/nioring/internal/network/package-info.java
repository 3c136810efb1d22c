/**
 * What one network shares: the registry of open channels, where addresses lead, counters.
 *
 * <p>{@link io.nioring.internal.network.NetworkResources} is handed to every socket. {@link
 * io.nioring.internal.network.Verdicts} decides each connect, in one place. {@link
 * io.nioring.internal.network.ChannelRegistry} refers to channels weakly: nothing in here, nor
 * anything that an entry of it refers to, keeps a channel reachable.
 *
 * <h2>Locks</h2>
 *
 * A list of the registry has a monitor, under which no other lock is taken and nobody is called but
 * an endpoint for its sums. Verdicts take no lock.
 */
package io.nioring.internal.network;
