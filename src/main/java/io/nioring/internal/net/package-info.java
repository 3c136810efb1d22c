/**
 * Plain sockets: the implementations behind {@code java.net}'s sockets, and the factories that hand
 * them to the JDK.
 *
 * <p>A {@link io.nioring.internal.net.PlainSocketImpl} is a facade of a socket in {@link
 * io.nioring.internal.core}, as a channel is, or delegates to the platform's own implementation.
 * Unlike a channel it is not closed by an interrupt, which {@link
 * io.nioring.internal.net.PlainWait} keeps from its operations, and it is closed when a program
 * drops it.
 *
 * <h2>Locks</h2>
 *
 * None except the JDK's and the monitor under which a kernel's listening socket hands its
 * connection over. No object that a thread or a peer can reach refers to a facade.
 */
package io.nioring.internal.net;
