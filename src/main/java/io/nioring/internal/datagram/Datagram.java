package io.nioring.internal.datagram;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * A packet in a {@link DatagramInbox}, and at the same time the node of its queue.
 *
 * <p>Made by the sender for each inbox that it reaches; several may share the bytes, which are
 * never changed.
 */
public final class Datagram {
  /** No handle, whose first call takes memory: a packet that is not linked ends its queue. */
  private static final AtomicReferenceFieldUpdater<Datagram, Datagram> NEXT =
      AtomicReferenceFieldUpdater.newUpdater(Datagram.class, Datagram.class, "next");

  private InetSocketAddress source;
  private byte[] bytes;

  private volatile Datagram next;

  /**
   * Makes a packet.
   *
   * @param source where a reply is to be sent
   * @param bytes the payload, which belongs to the packet from now on
   */
  public Datagram(InetSocketAddress source, byte[] bytes) {
    this.source = source;
    this.bytes = bytes;
  }

  /** The address that the packet was sent from. */
  public InetSocketAddress source() {
    return source;
  }

  /** The payload; it must not be changed. */
  public byte[] bytes() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  /** Releases the content of a received packet, since the queue keeps the node. */
  public void clear() {
    source = null;
    bytes = null;
  }

  Datagram nextAcquire() {
    return next; // pairs with setNextRelease
  }

  void setNextRelease(Datagram later) {
    NEXT.lazySet(this, later); // pairs with nextAcquire
  }
}
