package io.nioring.internal.hybrid;

import io.nioring.internal.core.DatagramSocketCore;
import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.channels.Channel;

/**
 * The resources of a datagram channel: its address, and the kernel's socket if it has one. Freed by
 * the channel's close, or by the registry if the channel was dropped.
 */
public final class DatagramResources extends ChannelRegistry.Entry {
  private final DatagramSocketCore core;
  private final Namespace names;

  /** Written once, under the channel's state lock. */
  private volatile KernelDatagrams kernel;

  /** Makes an entry, which the channel adds to the registry. */
  public DatagramResources(Channel channel, NetworkResources network, DatagramSocketCore core) {
    super(channel, network.registry());
    this.core = core;
    this.names = network.names();
  }

  @Override
  public Namespace names() {
    return names;
  }

  @Override
  public Endpoint endpoint() {
    return null;
  }

  /** Stores the kernel's socket, which is closed with the rest. */
  public void owns(KernelDatagrams socket) {
    kernel = socket;
  }

  /** The kernel's socket; null if there is none. */
  public KernelDatagrams kernel() {
    return kernel;
  }

  /** The present state as a row of the table of sockets; null once it is closed. */
  public SocketSnapshot snapshot() {
    SocketSnapshot row = core.snapshot();
    if (row != null) {
      row.hybrid = kernel != null;
      row.ageNanos = ageNanos();
    }
    return row;
  }

  /** Frees all; may be called repeatedly. The registry frees what an error leaves. */
  public void free() throws IOException {
    try {
      core.close();
    } finally {
      KernelDatagrams socket = kernel;
      if (socket != null) {
        socket.close();
      }
    }
    remove();
  }

  @Override
  public void closeAbandoned() throws IOException {
    free();
  }
}
