/**
 * The java.nio facade: channels, their adaptors, and how an operation blocks.
 *
 * <h2>A socket channel</h2>
 *
 * {@code RingSocketChannel} has java.nio's methods and asks, once in each, whether the kernel is
 * the way. Its superclass {@code RingStreamSocket} holds the state. What is done over rings is done
 * by classes that hold nothing and are handed the channel, so that an idle connection does not pay
 * for them: {@code StreamReads}, {@code StreamWrites}, {@code SocketMessages}, {@code
 * RingConnects}. {@code SocketResources} holds what a channel that is dropped leaves behind, and
 * {@code UndecidedSocket} what goes along to the kernel.
 *
 * <h2>Locks</h2>
 *
 * In this order: an endpoint's read lock, its write lock, the channel's state lock (the monitor of
 * its poll set). A server channel has an accept lock instead of the first two. Closing takes the
 * state lock alone, so that it never waits for an operation. Nobody is woken under the state lock.
 */
package io.nioring.internal.channel;
