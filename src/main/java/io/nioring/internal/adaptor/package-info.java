/**
 * The {@code java.net} sockets that the {@code socket()} methods of channels return.
 *
 * <p>An adaptor does everything through its channel and the socket beneath it, and turns what they
 * throw into what {@code java.net} throws. It takes no lock.
 */
package io.nioring.internal.adaptor;
