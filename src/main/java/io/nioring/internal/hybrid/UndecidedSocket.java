package io.nioring.internal.hybrid;

import io.nioring.internal.core.SocketState;
import io.nioring.internal.core.Undecided;
import io.nioring.internal.core.Way;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/** What a socket of java.nio takes along if it is connected through the kernel. */
public final class UndecidedSocket implements Undecided {
  private final NetworkResources network;
  private final AddressFamily family;
  private final KeysAwaitingKernel keys = new KeysAwaitingKernel();

  /** The mode as the channel's {@code implConfigureBlocking} saw it. */
  private boolean blocking = true;

  /** The kernel's socket that the socket was bound with; null if it was not. */
  private KernelSocket bound;

  private UndecidedSocket(NetworkResources network, AddressFamily family) {
    this.network = network;
    this.family = family;
  }

  /** For a new socket; null if its network cannot reach the kernel. */
  public static Undecided of(NetworkResources network, AddressFamily family) {
    return network.mayReachKernel() ? new UndecidedSocket(network, family) : null;
  }

  @Override
  public void configureBlocking(boolean block) {
    blocking = block;
  }

  @Override
  public void add(RingSelectionKey key) {
    keys.add(key);
  }

  @Override
  public List<RingSelectionKey> takeKeys() {
    return keys.take();
  }

  @Override
  public SocketAddress bind(SocketState socket, SocketAddress wanted) throws IOException {
    KernelSocket opened = KernelSocket.open(network, family);
    try {
      opened.apply(socket.options().explicit());
      opened.channel().bind(wanted);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    bound = opened;
    socket.owns(opened);
    return opened.channel().getLocalAddress();
  }

  @Override
  public Way open(SocketState socket) throws IOException {
    KernelSocket opened = bound == null ? KernelSocket.open(network, family) : bound;
    socket.owns(opened);
    opened.apply(socket.options().explicit());
    SocketAddress local = socket.boundAddress();
    if (bound == null && local != null && isKernelName(local)) {
      opened.channel().bind(local);
    }
    if (!family.isUnix() && socket.endpoint().takesUrgentInline()) {
      opened.takeUrgentInline(true);
    }
    opened.channel().configureBlocking(blocking);
    return opened;
  }

  /** Whether the platform's channels can be bound to a name: to an abstract one they cannot. */
  private static boolean isKernelName(SocketAddress local) {
    return !(local instanceof AbstractSocketAddress);
  }
}
