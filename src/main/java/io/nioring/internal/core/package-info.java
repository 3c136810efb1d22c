/**
 * The socket without a facade: its state, connecting, reading, writing, options.
 *
 * <p>A facade (a channel, an end of a pipe, a {@code java.net.Socket}) checks its arguments and
 * delegates to a {@link io.nioring.internal.core.StreamSocket} or a {@link
 * io.nioring.internal.core.ListeningSocket}. It is passed to each operation as a {@link
 * io.nioring.internal.blocking.Facade}, and not kept: sockets are entries of the registry, and a
 * dropped facade must be detected. The {@link io.nioring.internal.core.Way} of a socket is itself,
 * or its counterpart in the kernel, about which this package knows nothing more.
 *
 * <h2>Locks</h2>
 *
 * In this order: an endpoint's read lock, its write lock, the socket's state lock (the monitor of
 * its poll set). A listening socket has an accept lock instead of the first two. Closing takes the
 * state lock alone, so that it never waits for an operation. No thread is woken under the state
 * lock. User code is called with the read lock or the write lock held where it is the source or the
 * target of bytes; the lock is taken reentrantly then.
 */
package io.nioring.internal.core;
