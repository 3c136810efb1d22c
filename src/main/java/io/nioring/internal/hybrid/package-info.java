/**
 * The same sockets through the kernel, for networks that reach it.
 *
 * <p>{@link io.nioring.internal.hybrid.UndecidedSocket} keeps what a socket takes along until its
 * connect is decided, and then makes the {@code KernelSocket} that is its way. {@link
 * io.nioring.internal.hybrid.HybridListeningSocket} listens over rings and in the kernel at once.
 * The platform's channels are closed with the socket that owns them, which never leads to its
 * facade.
 *
 * <h2>Locks</h2>
 *
 * A kernel server's selecting lock is taken in an accept, under the accept lock; a close waits for
 * it a tenth of a second at most. Keys are attached without a lock of the socket, since that takes
 * the selector's.
 */
package io.nioring.internal.hybrid;
