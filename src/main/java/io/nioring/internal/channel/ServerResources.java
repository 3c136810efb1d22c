package io.nioring.internal.channel;

import io.nioring.internal.names.Binding;
import io.nioring.internal.names.Listener;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.network.ChannelRegistry;
import java.io.IOException;
import java.nio.channels.Channel;

/**
 * What a server channel holds outside of itself: its name and its queue. Freed by the channel's
 * close, or by the registry if the channel was dropped.
 */
final class ServerResources extends ChannelRegistry.Entry {
  private final NetworkResources network;
  private final Listener listener;

  /** Written under the channel's state lock. */
  private volatile Binding binding;

  private volatile KernelServer kernel;

  ServerResources(Channel channel, NetworkResources network, Listener listener) {
    super(channel, network.registry());
    this.network = network;
    this.listener = listener;
  }

  @Override
  public Endpoint endpoint() {
    return null;
  }

  /** The name; null if the channel was not bound. */
  Binding binding() {
    return binding;
  }

  void bound(Binding name) {
    binding = name;
  }

  /** Notes the kernel's listening socket, which is closed with the rest; null to forget it. */
  void owns(KernelServer server) {
    kernel = server;
  }

  /** The kernel's listening socket; null if there is none. */
  KernelServer kernel() {
    return kernel;
  }

  /**
   * Frees all, what the rings have once, the kernel's socket repeatedly if asked to.
   *
   * <p>The kernel's socket comes first: while it is open, a client of this JVM that finds nobody
   * over a ring any more asks the kernel, and there a TCP connect that meets the close may be left
   * connected with nobody, for ever. Then the name, so that nobody connects to a queue that ends.
   */
  void free() throws IOException {
    try {
      KernelServer server = kernel;
      if (server != null) {
        server.close();
      }
    } finally {
      if (remove()) {
        freeRings();
      }
    }
  }

  private void freeRings() {
    try {
      if (binding != null) {
        binding.release();
      }
    } finally {
      network.registry().rights().close(listener.close());
    }
  }

  @Override
  public void closeAbandoned() throws IOException {
    free();
  }
}
