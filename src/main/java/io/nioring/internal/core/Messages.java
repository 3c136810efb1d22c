package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.stream.Rights;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;

/** The messages of a socket over rings: what may be sent, and who owns the rights. */
final class Messages {
  private Messages() {}

  /**
   * Sends a message, see {@link io.nioring.socket.RingSocket}: its rights are duplicated for the
   * peer, and the duplicates are closed if they are not transferred.
   */
  static long send(
      StreamSocket socket, Facade facade, ByteSource src, AncillaryData data, MessageOptions how)
      throws IOException {
    PeerCredentials named = differing(socket.endpoint(), data);
    List<Right> rights = Rights.duplicate(data.rights());
    OutgoingMessage message = null;
    try {
      message = new OutgoingMessage(src, rights, named);
      boolean empty = !message.hasRemaining();
      long count = send(socket, facade, message, how);
      if (empty) {
        Rights.close(rights); // no byte to carry them: as in the kernel, they are dropped
      }
      return count;
    } finally {
      if (message == null || !message.isSent()) {
        Rights.closeDescriptors(rights);
      }
    }
  }

  /**
   * The credentials that a message names, if they differ from the sender's own.
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

  /** Writes bytes without ancillary data. */
  static long write(StreamSocket socket, Facade facade, ByteSource src) throws IOException {
    OutgoingMessage message = new OutgoingMessage(src, List.of(), null);
    return send(socket, facade, message, MessageOptions.PLAIN);
  }

  private static long send(
      StreamSocket socket, Facade facade, OutgoingMessage message, MessageOptions how)
      throws IOException {
    try {
      return socket.write(facade, new Send(message, how));
    } finally {
      message.closeUndeliverable(); // without a lock
    }
  }
}
