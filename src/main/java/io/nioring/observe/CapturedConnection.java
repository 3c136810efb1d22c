package io.nioring.observe;

import io.nioring.internal.stream.Endpoint;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection of a capture: its conversation, and the state needed to end it. Filled by the
 * thread that found it; only the capture's thread uses the conversation and the fields marked as
 * its own.
 */
final class CapturedConnection {
  private final long key;
  private final Endpoint client;
  private final TcpConversation conversation;
  private final CaptureAddresses addresses;
  private final AtomicInteger directionsLeft = new AtomicInteger();

  /** The position of its last record in the queue; written before it is published. */
  private long overAt;

  // Of the capture's thread.

  /** Whether its names are in the file. */
  boolean named;

  /** Whether an acknowledgement is pending, and since when. */
  boolean pending;

  long pendingSince;

  /**
   * Makes one.
   *
   * @param key by which records name it
   * @param client the connecting end; null for a connect that was refused
   */
  CapturedConnection(
      long key, Endpoint client, TcpConversation conversation, CaptureAddresses addresses) {
    this.key = key;
    this.client = client;
    this.conversation = conversation;
    this.addresses = addresses;
    this.directionsLeft.set(client != null && client.peer() == client ? 1 : 2);
  }

  long key() {
    return key;
  }

  TcpConversation conversation() {
    return conversation;
  }

  CaptureAddresses addresses() {
    return addresses;
  }

  /**
   * One direction has added its last record.
   *
   * @param position where in the queue the next record stands
   * @return whether that was the last one
   */
  boolean directionIsOver(long position) {
    boolean last = directionsLeft.decrementAndGet() == 0;
    if (last) {
      overAt = position;
    }
    return last;
  }

  /** The position in the queue after its last record. */
  long overAt() {
    return overAt;
  }

  /** Removes an owner's taps. */
  void removeTaps(Object owner) {
    if (client != null) {
      client.removeTap(owner);
      client.peer().removeTap(owner);
    }
  }
}
