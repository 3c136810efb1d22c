package io.nioring.internal.stream;

import io.nioring.socket.ByteSource;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A message on its way into a ring: the state of one send call across its waits.
 *
 * <p>Used by one thread, which holds the write lock of the sending end in {@link
 * MessageTransfer#send} and {@link MessageTransfer#end}.
 */
public final class OutgoingMessage {
  private static final int MOST_DROPPED_AT_ONCE = 8 * 1024;

  private final ByteSource bytes;
  private final List<Right> rights;
  private final PeerCredentials credentials;
  private AncillaryQueue.Entry entry;
  private boolean begun;
  private final List<Right> undeliverable = new ArrayList<>();

  /**
   * Makes a message.
   *
   * @param bytes its bytes
   * @param rights rights that own their channels and descriptors
   * @param credentials what it carries instead of the sending end's own credentials, or null
   */
  public OutgoingMessage(ByteSource bytes, List<Right> rights, PeerCredentials credentials) {
    this.bytes = bytes;
    this.rights = rights;
    this.credentials = credentials;
  }

  /** Whether bytes are left to send. */
  public boolean hasRemaining() {
    return bytes.remaining() > 0;
  }

  /** Whether any of it was sent, so that the rights were transferred; known once it has ended. */
  public boolean isSent() {
    return begun;
  }

  /** Closes the rights that the peer left behind while it was sent; without a lock. */
  public void closeUndeliverable() {
    Rights.close(undeliverable);
  }

  ByteSource bytes() {
    return bytes;
  }

  List<Right> rights() {
    return rights;
  }

  PeerCredentials credentials() {
    return credentials;
  }

  boolean isPlain() {
    return rights.isEmpty() && credentials == null;
  }

  AncillaryQueue.Entry entry() {
    return entry;
  }

  void prepared(AncillaryQueue.Entry as) {
    entry = as;
  }

  void sent() {
    begun = true;
  }

  /**
   * Takes bytes that will not be read, at least one, and the rights with the first of them.
   *
   * @param count how many, not above what remains
   */
  void drop(int count) {
    ByteBuffer scratch = ByteBuffer.allocate(Math.min(count, MOST_DROPPED_AT_ONCE));
    for (int left = count; left > 0; left -= scratch.limit()) {
      bytes.transferTo(scratch.clear().limit(Math.min(left, scratch.capacity())));
    }
    if (!begun && (entry == null || !entry.isQueued())) {
      undeliverable.addAll(rights);
    }
    begun = true;
  }

  void undeliverable(List<Right> inFlight) {
    undeliverable.addAll(inFlight);
  }
}
