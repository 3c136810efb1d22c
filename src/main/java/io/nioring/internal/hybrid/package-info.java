/**
 * The same sockets through the kernel, for networks that reach it.
 *
 * <p>{@link io.nioring.internal.hybrid.UndecidedSocket} keeps a socket's settings until its connect
 * is decided, and then makes the {@code KernelSocket} that becomes its way. {@link
 * io.nioring.internal.hybrid.HybridListeningSocket} listens over rings and in the kernel at once.
 * The platform's channels are closed with the socket that owns them; it never refers to its facade.
 *
 * <h2>Locks</h2>
 *
 * The selecting lock of a kernel server is taken in an accept, under the accept lock; a close waits
 * for it for at most a tenth of a second. Keys are attached without a lock of the socket, since
 * that takes the selector's.
 */
package io.nioring.internal.hybrid;
