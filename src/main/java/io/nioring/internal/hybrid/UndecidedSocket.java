package io.nioring.internal.hybrid;

import io.nioring.internal.core.Binder;
import io.nioring.internal.core.KernelWay;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.core.Undecided;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.List;

/** What a stream socket carries over if it is connected through the kernel. */
public final class UndecidedSocket implements Undecided {
  private final NetworkResources network;
  private final AddressFamily family;
  private final KernelWay.Opener opener;
  private final KeysAwaitingKernel keys = new KeysAwaitingKernel();

  /** The mode as the channel's {@code implConfigureBlocking} saw it. */
  private boolean blocking = true;

  /** The kernel's socket that the socket was bound with; null if it was not. */
  private KernelWay bound;

  private UndecidedSocket(NetworkResources network, AddressFamily family, KernelWay.Opener opener) {
    this.network = network;
    this.family = family;
    this.opener = opener;
  }

  /** For the socket of a new channel; null if its network cannot reach the kernel. */
  public static Undecided of(NetworkResources network, AddressFamily family) {
    return of(network, family, new KernelSocket.Opening());
  }

  /**
   * For a new socket; null if its network cannot reach the kernel.
   *
   * @param opener makes the way through the kernel
   */
  public static Undecided of(
      NetworkResources network, AddressFamily family, KernelWay.Opener opener) {
    return network.mayReachKernel() ? new UndecidedSocket(network, family, opener) : null;
  }

  @Override
  public void configureBlocking(boolean block) {
    blocking = block;
  }

  @Override
  public boolean isBlocking() {
    return blocking;
  }

  @Override
  public void add(RingSelectionKey key) {
    keys.add(key);
  }

  @Override
  public List<RingSelectionKey> takeKeys() {
    return keys.take();
  }

  /**
   * {@inheritDoc} The kernel is asked for another port while the one that it chose is in use by a
   * ring.
   */
  @Override
  public SocketAddress bind(SocketState socket, SocketAddress wanted) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return tryBind(socket, wanted);
      } catch (BindException e) {
        if (!Binder.isAnyChoice(wanted) || attempt == Binder.MOST_CHOICES) {
          throw e;
        }
      }
    }
  }

  private SocketAddress tryBind(SocketState socket, SocketAddress wanted) throws IOException {
    KernelWay opened = opener.open(network, family);
    try {
      opened.apply(socket.options().explicit());
      opened.bind(wanted);
      SocketAddress given = opened.localAddress();
      socket.bound(Binder.bindClient(network, family, given, true, socket.options()));
      bound = opened;
      socket.owns(opened);
      return given;
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public KernelWay open(SocketState socket) throws IOException {
    if (bound != null) {
      prepare(bound, socket);
      return bound;
    }
    KernelWay opened = opener.open(network, family);
    try {
      prepare(opened, socket);
      socket.owns(opened);
      return opened;
    } catch (IOException | RuntimeException | Error e) {
      opened.close(); // otherwise the next connect would leave it behind
      throw e;
    }
  }

  private void prepare(KernelWay opened, SocketState socket) throws IOException {
    opened.apply(socket.options().explicit());
    SocketAddress local = socket.boundAddress();
    if (bound == null && local != null && isKernelName(local)) {
      opened.bind(local);
    }
    if (!family.isUnix() && socket.endpoint().takesUrgentInline()) {
      opened.takeUrgentInline(true);
    }
    opened.configureBlocking(blocking);
  }

  /** Whether the platform's channels can be bound to an address: not to an abstract name. */
  private static boolean isKernelName(SocketAddress local) {
    return !(local instanceof AbstractSocketAddress);
  }
}
