package io.nioring.internal.net;

import io.nioring.internal.core.SocketState;
import io.nioring.internal.core.Undecided;
import io.nioring.internal.core.Way;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/** What a plain socket takes along if it is connected through the kernel. */
final class UndecidedPlainSocket implements Undecided {
  private final NetworkResources network;

  /** The kernel's socket that the socket was bound with; null if it was not. */
  private KernelWay bound;

  private UndecidedPlainSocket(NetworkResources network) {
    this.network = network;
  }

  /** For a new socket; null if its network cannot reach the kernel. */
  static Undecided of(NetworkResources network) {
    return network.mayReachKernel() ? new UndecidedPlainSocket(network) : null;
  }

  @Override
  public void configureBlocking(boolean block) {
    // A plain socket always blocks.
  }

  @Override
  public void add(RingSelectionKey key) {
    throw new UnsupportedOperationException("a plain socket has no keys");
  }

  @Override
  public List<RingSelectionKey> takeKeys() {
    return List.of();
  }

  @Override
  public SocketAddress bind(SocketState socket, SocketAddress wanted) throws IOException {
    KernelWay opened = open();
    try {
      opened.apply(socket.options().explicit());
      opened.bind(wanted);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    bound = opened;
    socket.owns(opened);
    return opened.localAddress();
  }

  @Override
  public Way open(SocketState socket) throws IOException {
    KernelWay opened = bound == null ? open() : bound;
    socket.owns(opened);
    opened.apply(socket.options().explicit());
    SocketAddress local = socket.boundAddress();
    if (bound == null && local != null) {
      opened.bind(local);
    }
    if (socket.endpoint().takesUrgentInline()) {
      opened.takeUrgentInline(true);
    }
    return opened;
  }

  private KernelWay open() throws IOException {
    return new KernelWay(new PlatformSocket(), network.counters());
  }
}
