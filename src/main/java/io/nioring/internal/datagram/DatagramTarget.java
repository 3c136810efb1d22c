package io.nioring.internal.datagram;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;

/**
 * The destination of the packets that one socket sends to one address.
 *
 * <p>Made at the first send and cached, so that later sends need no lookup while the names of the
 * port stay the same. Thread-safe.
 */
public abstract class DatagramTarget {
  private final InetSocketAddress address;

  /** Makes the target of an address. */
  protected DatagramTarget(InetSocketAddress address) {
    this.address = address;
  }

  /** The address. */
  public final InetSocketAddress address() {
    return address;
  }

  /** The source address of the packets. */
  public abstract InetSocketAddress source();

  /**
   * Refuses packets that the kernel would not take, and a connect to the address too.
   *
   * @param mayBroadcast whether the sender has {@code SO_BROADCAST} (socket(7))
   * @throws BindException "Permission denied" if that is required and not set
   * @throws IOException if there is no way to the address
   */
  public abstract void ensureSendable(boolean mayBroadcast) throws IOException;

  /**
   * Delivers a packet and wakes its receivers; the caller holds no lock. If the packet of a
   * connected socket finds no receiver, the socket's next operation reports it.
   *
   * @param bytes the payload, which the caller no longer owns
   * @return whether there was a receiver, as far as the kernel would notice at once
   */
  public abstract boolean send(byte[] bytes);
}
