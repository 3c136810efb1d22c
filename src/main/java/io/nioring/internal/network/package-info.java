/**
 * What the channels of one network share: the registry of the open ones, and what is done for them
 * in the background.
 *
 * <p>{@link io.nioring.internal.network.ChannelRegistry} knows the open channels, in a few {@code
 * ChannelList}s. While there are any one thread, {@code Housekeeping}, closes those that were
 * dropped ({@code DroppedChannels}) and gives idle memory back ({@code Rounds}). Rights that were
 * in flight to a channel that closes are closed by {@link
 * io.nioring.internal.network.RightsCloser}.
 *
 * <h2>Rules</h2>
 *
 * An error in one job, or no thread to be had, ends that job only: the next round, the next channel
 * or the network's close does what is left. No code of a channel is called with a lock of this
 * package held; its monitors are the last that are taken.
 */
package io.nioring.internal.network;
