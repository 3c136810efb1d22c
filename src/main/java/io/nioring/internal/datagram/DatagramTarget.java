package io.nioring.internal.datagram;

import java.net.InetSocketAddress;

/**
 * Where the packets go that one socket sends to one address.
 *
 * <p>Made when it sends there for the first time and kept, so that sending again looks nothing up
 * while the names of the port stay the same. Thread-safe.
 */
public abstract sealed class DatagramTarget permits UnicastTarget, GroupTarget, BroadcastTarget {
  private final DatagramNames names;
  private final InetSocketAddress address;
  private final InetSocketAddress source;

  DatagramTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    this.names = names;
    this.address = address;
    this.source = source;
  }

  /** The address. */
  public final InetSocketAddress address() {
    return address;
  }

  /** The address that the packets bear. */
  final InetSocketAddress source() {
    return source;
  }

  /** The port now; null if nobody is bound to it. */
  final DatagramPort port() {
    return names.port(address.getPort());
  }

  final DatagramBinding[] bindings() {
    DatagramPort port = port();
    return port == null ? DatagramPort.NOBODY : port.bindings();
  }

  /** Whether the sender needs {@code SO_BROADCAST} (socket(7)). */
  public boolean isBroadcast() {
    return false;
  }

  /**
   * Delivers a packet and wakes its receivers; the caller holds no lock.
   *
   * @param bytes the payload, which is not the caller's any more
   * @return whether there was somebody, as far as the kernel would notice
   */
  public abstract boolean send(byte[] bytes);
}
