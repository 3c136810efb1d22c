/**
 * Bound datagram addresses and the inboxes behind them: where a packet goes, and where it waits to
 * be received.
 *
 * <p>{@link io.nioring.internal.datagram.DatagramNames} is the UDP half of a namespace. A sender
 * asks it once for the {@link io.nioring.internal.datagram.DatagramTarget} of an address and sends
 * there from then on; the target looks up the receivers for each packet, so that a bind or a close
 * takes effect at once. A packet that finds no receiver or no room in the {@link
 * io.nioring.internal.datagram.DatagramInbox} is dropped, as it is by the kernel.
 *
 * <h2>Locks</h2>
 *
 * A port's list of bindings changes inside the map's {@code compute} and is read without a lock. No
 * lock is held while a packet is handed over. An inbox replaces its list of memberships as a whole,
 * under its own monitor, which is the last lock.
 */
package io.nioring.internal.datagram;
