/**
 * What a ring socket can do beyond java.nio: the rest of a Unix stream socket.
 *
 * <p>{@link io.nioring.socket.RingSocket} is implemented by the socket channels of a ring provider
 * and reached by {@link io.nioring.socket.RingSocket#of}. It sends and receives messages with
 * {@link io.nioring.socket.AncillaryData}: {@link io.nioring.socket.Right}s, that is open channels
 * and file descriptors that are handed over, and {@link io.nioring.socket.PeerCredentials}. It
 * peeks, reads into and writes from Netty's buffers, and reports its raw readiness. {@link
 * io.nioring.socket.AbstractSocketAddress} is a Unix address without a file.
 *
 * <p>The rules are those of unix(7) and of Linux, for connections of every ring address, IP
 * addresses too. The lowest package: it imports no other one of nioring.
 *
 * <h2>Terms</h2>
 *
 * <ul>
 *   <li><em>message</em>: the bytes of one send, and the ancillary data that came with them
 *   <li><em>boundary</em>: the end of a message with rights; a receive stops there
 *   <li><em>in flight</em>: sent, and not received yet
 *   <li><em>discarded</em>: given up without a receiver, which closes the right
 * </ul>
 */
package io.nioring.socket;
