/**
 * How an operation of a socket waits on behalf of its facade.
 *
 * <p>{@link io.nioring.internal.blocking.Facade} states whether an operation waits and what an
 * interrupt means to it; {@link io.nioring.internal.blocking.BlockingOperation} spins for a while
 * and then parks until the socket, a {@link io.nioring.internal.blocking.Waitable}, is ready or
 * closed.
 *
 * <h2>Locks</h2>
 *
 * The caller holds the lock of its side (an endpoint's read or write lock, or a listening socket's
 * accept lock), which admits one waiting thread. A monitor that the program holds around the
 * operation is released while the thread waits. No lock is taken here.
 */
package io.nioring.internal.blocking;
