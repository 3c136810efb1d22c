package io.nioring.channel;

import io.nioring.namespace.Binding;
import io.nioring.namespace.Listener;
import io.nioring.stream.Endpoint;
import java.io.IOException;
import java.nio.channels.Channel;

/**
 * What a server channel holds outside of itself: its name and its queue. Freed by the channel's
 * close, or by the registry if the channel was dropped.
 */
final class ServerResources extends ChannelRegistry.Entry {
  private final Listener listener;

  /** Written under the channel's state lock. */
  private volatile Binding binding;

  private volatile KernelServer kernel;

  ServerResources(Channel channel, NetworkResources network, Listener listener) {
    super(channel, network.registry());
    this.listener = listener;
  }

  @Override
  Endpoint endpoint() {
    return null;
  }

  /** The name; null if the channel was not bound. */
  Binding binding() {
    return binding;
  }

  void bound(Binding name) {
    binding = name;
  }

  /**
   * Frees everything but the kernel's socket, once: the name first, so that nobody connects to a
   * queue that ends.
   */
  void free() {
    if (remove()) {
      if (binding != null) {
        binding.release();
      }
      InFlight.close(listener.close());
    }
  }

  /** Notes the kernel's listening socket, which is closed with the rest; null to forget it. */
  void owns(KernelServer server) {
    kernel = server;
  }

  /** The kernel's listening socket; null if there is none. */
  KernelServer kernel() {
    return kernel;
  }

  /** Closes the kernel's listening socket, if there is one; repeatedly if asked to. */
  void freeKernel() throws IOException {
    KernelServer server = kernel;
    if (server != null) {
      server.close();
    }
  }

  @Override
  void closeAbandoned() throws IOException {
    free();
    freeKernel();
  }
}
