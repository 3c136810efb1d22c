/**
 * What the sockets of one network share: the registry of open channels, the background work for
 * them, the rules for where addresses lead, and counters.
 *
 * <p>{@link io.nioring.internal.network.NetworkResources} is handed to every socket. {@link
 * io.nioring.internal.network.Verdicts} decides each connect, in one place. {@link
 * io.nioring.internal.network.ChannelRegistry} refers to channels weakly: neither this package nor
 * anything that an entry of the registry refers to keeps a channel reachable.
 *
 * <p>While there are channels, one thread, {@code Housekeeping}, closes those that were dropped
 * ({@code DroppedChannels}) and releases idle memory ({@code Rounds}). Rights that were in flight
 * to a channel that is closed are closed by {@link io.nioring.internal.network.RightsCloser}. An
 * error in one job, or a lack of threads, ends that job only: the next round, the next channel or
 * the network's close does what is left.
 *
 * <h2>Locks</h2>
 *
 * A list of the registry has a monitor, under which no other lock is taken and nothing is called
 * except an endpoint, for its sums. Verdicts take no lock.
 */
package io.nioring.internal.network;
