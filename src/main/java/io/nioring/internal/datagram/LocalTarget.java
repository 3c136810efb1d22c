package io.nioring.internal.datagram;

import java.net.InetSocketAddress;
import java.util.List;

/** A target whose receivers are in one list of names, and get a packet at once. Thread-safe. */
public abstract sealed class LocalTarget extends DatagramTarget
    permits ManyTarget, OtherFamilyTarget, UnicastTarget {
  private final DatagramNames names;
  private final InetSocketAddress source;

  LocalTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(address);
    this.names = names;
    this.source = source;
  }

  @Override
  public final InetSocketAddress source() {
    return source;
  }

  final DatagramNames names() {
    return names;
  }

  /** The present port; null if no socket is bound to it. */
  final DatagramPort port() {
    return names.port(address().getPort());
  }

  /**
   * Who gets a packet that arrives now: {@link DatagramInbox#offer} and {@link DatagramInbox#wake}
   * are the caller's.
   */
  public abstract List<DatagramInbox> receivers();
}
