package io.nioring.internal.channel;

import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.stream.Rights;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.Right;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;

/**
 * The messages of a socket whose way is the ring: who may send what, and who owns the rights.
 *
 * <p>An operation takes the endpoint's lock, has {@link StreamMessages} send or receive under it,
 * unlocks, and then wakes the peer.
 */
final class SocketMessages {
  private SocketMessages() {}

  /**
   * Sends a message, see {@link io.nioring.socket.RingSocket}: its rights are duplicated for the
   * peer, and closed again if they do not pass to it.
   */
  static long send(StreamChannel socket, ByteSource src, AncillaryData data, MessageOptions how)
      throws IOException {
    PeerCredentials named = differing(socket.endpoint(), data);
    List<Right> rights = Rights.duplicate(data.rights());
    OutgoingMessage message = new OutgoingMessage(src, rights, named);
    try {
      boolean empty = !message.hasRemaining();
      long count = send(socket, message, how);
      if (empty) {
        Rights.close(rights); // no byte to go with: as in the kernel they are lost
      }
      return count;
    } finally {
      if (!message.isSent()) {
        Rights.closeDescriptors(rights);
      }
    }
  }

  /**
   * The credentials that a message names, if they are not the sender's own anyway.
   *
   * @throws SocketException "Operation not permitted" if the sender may not name them (unix(7))
   */
  private static PeerCredentials differing(Endpoint sender, AncillaryData data)
      throws SocketException {
    PeerCredentials named = data.credentials().orElse(null);
    if (named == null || named.equals(sender.credentials())) {
      return null;
    }
    if (!named.sameIds(sender.credentials()) && sender.credentials().uid() != 0) {
      throw new SocketException("Operation not permitted");
    }
    return named;
  }

  /** Writes as {@link StreamWrites} does, from a source of another kind. */
  static long write(StreamChannel socket, ByteSource src) throws IOException {
    return send(socket, new OutgoingMessage(src, List.of(), null), MessageOptions.PLAIN);
  }

  private static long send(StreamChannel socket, OutgoingMessage message, MessageOptions how)
      throws IOException {
    Endpoint endpoint = socket.endpoint();
    long count;
    endpoint.lockWriteForCallbacks();
    try {
      socket.ensureConnected();
      socket.ensureOutputOpen();
      count = implSend(socket, message, how);
    } catch (IOException e) {
      throw socket.writeFailure(e);
    } finally {
      endpoint.unlockWrite();
      message.closeUndeliverable();
    }
    if (count > 0) {
      endpoint.wakePeerReader();
    }
    return count;
  }

  private static long implSend(StreamChannel socket, OutgoingMessage message, MessageOptions how)
      throws IOException {
    if (!message.hasRemaining() && how == MessageOptions.PLAIN) {
      return 0;
    }
    try {
      return StreamMessages.send(socket, message, how);
    } finally {
      socket.endpoint().endSend(message);
    }
  }

  /** Receives bytes and what belongs to them, see {@link io.nioring.socket.RingSocket}. */
  static ReceivedMessage receive(StreamChannel socket, ByteTarget dst, MessageOptions how)
      throws IOException {
    Endpoint endpoint = socket.endpoint();
    ReceivedMessage received;
    endpoint.lockReadForCallbacks();
    try {
      socket.ensureConnected();
      received = implReceive(socket, dst, how);
    } finally {
      endpoint.unlockRead();
    }
    if (received.bytes() > 0 && !how.peeks()) {
      endpoint.wakePeerWriter();
    }
    return received;
  }

  private static ReceivedMessage implReceive(
      StreamChannel socket, ByteTarget dst, MessageOptions how) throws IOException {
    if (dst.remaining() == 0) {
      return ReceivedMessage.plain(0);
    }
    int count;
    try {
      count = StreamMessages.receive(socket, dst, how);
    } catch (SocketException e) {
      socket.noteReset(); // for reads, which repeat it
      throw e;
    }
    return how.peeks()
        ? socket.endpoint().peeked(count, how.rightsRoom())
        : socket.endpoint().received(count, how.rightsRoom());
  }

  /** Reads as {@link StreamReads} does, into a target of another kind. */
  static int read(StreamChannel socket, ByteTarget dst) throws IOException {
    Endpoint endpoint = socket.endpoint();
    int count;
    endpoint.lockReadForCallbacks();
    try {
      socket.ensureConnected();
      count =
          StreamReads.isAtEnd(socket) ? -1 : implReceive(socket, dst, MessageOptions.PLAIN).bytes();
    } catch (SocketException e) {
      count = StreamReads.endedByReset(socket, e);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }
}
