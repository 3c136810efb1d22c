package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * A socket channel of a ring provider with all that Unix sockets can do (unix(7), recv(2)).
 *
 * <pre>{@code
 * RingSocket worker = RingSocket.of(channelToWorker);
 * worker.send(ByteBuffer.wrap(name), AncillaryData.ofChannels(accepted)); // accepted is theirs now
 * }</pre>
 *
 * <h2>Messages</h2>
 *
 * The bytes of a send and its ancillary data are a message. Ancillary data arrives with the first
 * byte of its message. A receive stops after the last byte of a message that carries rights, and
 * runs across the bounds of other messages. If it takes only part of a message with rights it gets
 * all the rights, and the remaining bytes are received as if they had come without. A receive
 * without room for rights discards them, and {@link SocketChannel#read(ByteBuffer)} is one.
 * Discarded rights are closed, as are those in flight when the receiving end closes: channels of
 * the latter kind shortly afterwards, on a separate thread.
 *
 * <p>Whether an operation waits is the channel's blocking mode, unless {@link
 * MessageOption#DONT_WAIT} is given. A send that waits returns when all is sent. Sends are atomic
 * with respect to other sends and writes, receives with respect to other receives and reads.
 *
 * <h2>Who owns a right</h2>
 *
 * A send that returns more than 0 has taken the rights over. A send of no bytes discards them: no
 * byte, no message. A send that returns 0 although there were bytes (it would have to wait), or
 * that throws an exception, leaves them with the sender. A received right is the receiver's.
 *
 * <p>Thread-safe. Exceptions are those of {@link SocketChannel}'s methods unless stated otherwise.
 * Once the channel is connected through the kernel, every method except {@link #isOnRing()} and
 * those of {@link Channel} throws {@link IllegalStateException}.
 */
public interface RingSocket extends Channel, ReadinessSource {

  /**
   * The ring socket that a channel is.
   *
   * @param channel a channel that a ring provider opened or its server accepted
   * @return the same object
   * @throws IllegalArgumentException if it is another provider's
   * @throws IllegalStateException if it is connected through the kernel
   */
  static RingSocket of(SocketChannel channel) {
    if (!(channel instanceof RingSocket socket)) {
      throw new IllegalArgumentException(
          "not a channel of a ring provider, but " + channel.getClass().getName());
    }
    if (!socket.isOnRing()) {
      throw new IllegalStateException(channel + " is connected through the kernel");
    }
    return socket;
  }

  /**
   * {@return whether the channel goes over a ring, or may still do so; false if it goes through the
   * kernel}
   */
  boolean isOnRing();

  /**
   * Sends a message.
   *
   * @param src its bytes
   * @param data its ancillary data
   * @param options {@link MessageOption#DONT_WAIT} or a {@linkplain MessageOption#timeout timeout}
   * @return how many bytes were sent; fewer than there were only if the channel does not wait, the
   *     time was over, or the connection or the channel ended meanwhile
   * @throws java.net.SocketTimeoutException if the time was over and nothing was sent
   * @throws java.net.SocketException "Operation not permitted" if the data names credentials that
   *     the sender may not name; "Bad file descriptor" if a right is not open
   * @throws UnsupportedOperationException if a descriptor cannot be duplicated on this system
   * @throws java.nio.channels.IllegalBlockingModeException if a timeout is given and the channel is
   *     non-blocking
   * @throws IOException as {@link SocketChannel#write(ByteBuffer)}
   */
  long send(ByteSource src, AncillaryData data, MessageOption... options) throws IOException;

  /**
   * Receives bytes and the ancillary data that belongs to them. Unlike a read, this gives what is
   * queued even after this end's {@link SocketChannel#shutdownInput()}, and reports a reset once,
   * as the kernel does.
   *
   * @param dst where the bytes go; without room nothing is received
   * @param options any
   * @return what came
   * @throws java.net.SocketTimeoutException if the time was over
   * @throws java.nio.channels.IllegalBlockingModeException if a timeout is given and the channel is
   *     non-blocking
   * @throws IOException as {@link SocketChannel#read(ByteBuffer)}
   */
  ReceivedMessage receive(ByteTarget dst, MessageOption... options) throws IOException;

  /**
   * Writes as {@link SocketChannel#write(ByteBuffer)} does.
   *
   * @param src the bytes
   * @return how many were written
   * @throws IOException as {@link SocketChannel#write(ByteBuffer)}
   */
  long write(ByteSource src) throws IOException;

  /**
   * Reads as {@link SocketChannel#read(ByteBuffer)} does.
   *
   * @param dst where the bytes go
   * @return how many were read, 0 if none are there or fit, -1 at the end of the stream
   * @throws IOException as {@link SocketChannel#read(ByteBuffer)}
   */
  int read(ByteTarget dst) throws IOException;

  /**
   * Sends a message whose bytes are those of one buffer; see {@link #send(ByteSource,
   * AncillaryData, MessageOption...)}.
   *
   * @param src its bytes
   * @param data its ancillary data
   * @param options as there
   * @return how many bytes were sent
   * @throws IOException as there
   */
  default int send(ByteBuffer src, AncillaryData data, MessageOption... options)
      throws IOException {
    return (int) send(ByteSource.of(src), data, options);
  }

  /**
   * Receives into one buffer; see {@link #receive(ByteTarget, MessageOption...)}.
   *
   * @param dst where the bytes go
   * @param options as there
   * @return what came
   * @throws IOException as there
   */
  default ReceivedMessage receive(ByteBuffer dst, MessageOption... options) throws IOException {
    return receive(ByteTarget.of(dst), options);
  }

  /**
   * Writes from a Netty buffer, without an intermediate buffer: its reader index moves by what was
   * written. The buffer stays the caller's: its reference count is not changed.
   *
   * @param src the bytes, in a buffer of any kind
   * @return how many were written
   * @throws IOException as {@link SocketChannel#write(ByteBuffer)}
   */
  default int write(ByteBuf src) throws IOException {
    return (int) write(ByteSource.of(src));
  }

  /**
   * Reads into a Netty buffer, without an intermediate buffer: its writer index moves by what was
   * read. The buffer does not grow, stays the caller's, and its reference count is not changed.
   *
   * @param dst where the bytes go, up to its {@linkplain ByteBuf#writableBytes() writable bytes}
   * @return how many were read, 0 if none are there or fit, -1 at the end of the stream
   * @throws IOException as {@link SocketChannel#read(ByteBuffer)}
   */
  default int read(ByteBuf dst) throws IOException {
    return read(ByteTarget.of(dst));
  }

  /**
   * Who the peer was when the connection was made ({@code SO_PEERCRED}): for the server, the one
   * that connected; for the client, the one that began to listen. Available even after the peer has
   * closed.
   *
   * @return the credentials
   * @throws java.nio.channels.NotYetConnectedException if the channel is not connected
   * @throws java.nio.channels.ClosedChannelException if it is closed
   */
  PeerCredentials peerCredentials() throws IOException;

  /** {@return who this end is to its peer} */
  PeerCredentials credentials();

  /**
   * Requests the sender's credentials with every receive ({@code SO_PASSCRED}); off by default.
   * While it is on, bytes that were sent with different credentials are never received together.
   *
   * @param on whether to receive credentials
   */
  void passCredentials(boolean on);

  /** {@return whether receives give the sender's credentials} */
  boolean passesCredentials();

  /** {@return the readiness of this channel now, a new set} */
  default Set<ReadinessBit> readinessBits() {
    if (!isOnRing()) {
      throw new IllegalStateException("this channel is connected through the kernel");
    }
    return ReadinessBit.setOf(readiness());
  }
}
