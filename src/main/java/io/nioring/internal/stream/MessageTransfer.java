package io.nioring.internal.stream;

import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.Right;
import java.io.IOException;
import java.util.List;

/**
 * Sends and receives bytes with their ancillary data, for one end of a stream.
 *
 * <p>Called by the thread that holds the end's write lock, or its read lock, as for {@link
 * Endpoint#write} and {@link Endpoint#read}. It has no state of its own: that of a message is in
 * {@link OutgoingMessage}, and what was received in the direction.
 */
public final class MessageTransfer {
  private MessageTransfer() {}

  // -- with the write lock

  /**
   * Sends what there is room for of a message, as {@link Endpoint#write}. After the last call for a
   * message the caller calls {@link #end}.
   *
   * @return the number of bytes taken, 0 if the ring is full
   * @throws IOException as {@link Endpoint#write}
   */
  public static int send(Endpoint end, OutgoingMessage message) throws IOException {
    Direction direction = end.outgoing();
    if (direction.isShut()) {
      int count = sendToShut(end, message, false);
      if (count < 0) {
        throw end.refusedWrite();
      }
      return count;
    }
    return send(end, direction, message);
  }

  /** Sends more after a {@link #send} that took some bytes, as {@link Endpoint#writeMore} does. */
  public static int sendMore(Endpoint end, OutgoingMessage message) {
    Direction direction = end.outgoing();
    if (direction.isShut()) {
      return sendToShut(end, message, true);
    }
    try {
      return send(end, direction, message);
    } catch (IOException e) {
      return -1; // there is no memory: the next write reports it
    }
  }

  private static int send(Endpoint end, Direction direction, OutgoingMessage message)
      throws IOException {
    int count;
    try {
      count = direction.send(message);
    } catch (RuntimeException | Error e) { // the source failed: the bytes before that are published
      sent(end, direction, message);
      throw e;
    }
    if (count > 0) {
      sent(end, direction, message);
    }
    return count;
  }

  private static int sendToShut(Endpoint end, OutgoingMessage message, boolean more) {
    int wanted = (int) Math.min(message.bytes().remaining(), Integer.MAX_VALUE);
    int count = wanted == 0 ? -1 : end.admittedToShut(wanted, more);
    if (count > 0) {
      message.drop(count);
    }
    return count;
  }

  private static void sent(Endpoint end, Direction direction, OutgoingMessage message) {
    // A peer that leaves by a close or by being dropped sees our rights, or we see that it leaves.
    if (end.published() || direction.isReaderAway()) {
      message.undeliverable(direction.discardRights());
    }
  }

  /** Ends a message with the part that was sent. */
  public static void end(Endpoint end, OutgoingMessage message) {
    end.outgoing().endSend(message);
  }

  // -- with the read lock

  /**
   * Receives the available bytes, as {@link Endpoint#read} does. Their ancillary data is requested
   * by {@link #received} or {@link #peeked} before the lock is released; otherwise its rights are
   * closed then.
   *
   * @param dst where the bytes go, with room for at least one
   * @param peek whether the bytes stay
   * @return as {@link Endpoint#read}
   */
  public static int receive(Endpoint end, ByteTarget dst, boolean peek) throws IOException {
    return end.incoming().receive(dst, peek);
  }

  /**
   * The result of a receive that took its bytes.
   *
   * @param count the bytes
   * @param room for how many rights there is room; the others are closed once the lock is released,
   *     and all if this fails
   */
  public static ReceivedMessage received(Endpoint end, int count, int room) {
    if (isPlain(end, count)) {
      return ReceivedMessage.plain(count);
    }
    Direction incoming = end.incoming();
    List<Right> taken = incoming.rightsReceived();
    boolean truncated = taken.size() > room;
    ReceivedMessage message =
        message(end, count, truncated ? taken.subList(0, room) : taken, truncated);
    incoming.handedOut(room);
    return message;
  }

  /**
   * The result of a receive that peeked.
   *
   * @throws IOException if descriptors cannot be duplicated
   */
  public static ReceivedMessage peeked(Endpoint end, int count, int room) throws IOException {
    if (isPlain(end, count)) {
      return ReceivedMessage.plain(count);
    }
    Direction incoming = end.incoming();
    List<Right> shown = incoming.show(room);
    boolean complete = false;
    try {
      ReceivedMessage message = message(end, count, shown, incoming.rightsMet() > room);
      complete = true;
      return message;
    } finally {
      if (!complete) {
        Rights.closeDescriptors(shown);
      }
    }
  }

  private static boolean isPlain(Endpoint end, int count) {
    return count <= 0 || (!end.passesCredentials() && !end.incoming().hasAncillary());
  }

  private static ReceivedMessage message(
      Endpoint end, int count, List<Right> rights, boolean truncated) {
    AncillaryData.Builder data = AncillaryData.builder();
    rights.forEach(data::right);
    if (end.passesCredentials()) {
      PeerCredentials named = end.incoming().credentialsReceived();
      data.credentials(named == null ? end.peerCredentials() : named);
    }
    return new ReceivedMessage(count, data.build(), truncated);
  }
}
