package io.nioring.observe;

import io.nioring.internal.stream.Endpoint;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection of a capture: what is told of it, and what it takes to end that. Filled by the
 * thread that found it; the capture's thread alone uses the conversation and what is said to be
 * its.
 */
final class CapturedConnection {
  private final long key;
  private final Endpoint client;
  private final TcpConversation conversation;
  private final CaptureAddresses addresses;
  private final AtomicInteger directionsLeft = new AtomicInteger();

  /** Where in the queue its last record stands; written before it is handed on. */
  private long overAt;

  // Of the capture's thread.

  /** Whether its names are in the file. */
  boolean named;

  /** Whether it waits among those that owe an acknowledgement, and since when. */
  boolean pending;

  long pendingSince;

  /**
   * Makes one.
   *
   * @param key by which records name it
   * @param client the end that has connected; null of a connect that was refused
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
   * One direction has told all that it will tell.
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

  /** Where in the queue it is over. */
  long overAt() {
    return overAt;
  }

  /** Takes an owner's taps off. */
  void removeTaps(Object owner) {
    if (client != null) {
      client.removeTap(owner);
      client.peer().removeTap(owner);
    }
  }
}
