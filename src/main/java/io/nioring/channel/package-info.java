/**
 * The java.nio facade: channels, their adaptors, and how an operation blocks.
 *
 * <h2>Locks</h2>
 *
 * In this order: an endpoint's read lock, its write lock, the channel's state lock (the monitor of
 * its poll set). A server channel has an accept lock instead of the first two. Closing takes the
 * state lock alone, so that it never waits for an operation. Nobody is woken under the state lock.
 */
package io.nioring.channel;
