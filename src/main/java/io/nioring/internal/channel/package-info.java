/**
 * The channels of java.nio: facades of the sockets in {@link io.nioring.internal.core}.
 *
 * <p>A facade checks its arguments and delegates to its socket. It follows the protocol of {@link
 * java.nio.channels.spi.AbstractInterruptibleChannel}, by which a close or an interrupt ends
 * blocked operations, and implements the selectors' side. The socket refers to it weakly.
 *
 * <h2>Locks</h2>
 *
 * None except the JDK's; the adaptor is made under the monitor of the poll set. A datagram channel
 * has a receive lock, which is taken before that monitor; its sends take neither.
 */
package io.nioring.internal.channel;
