package io.nioring.internal.channel;

import io.nioring.internal.select.RingSelectionKey;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;

/**
 * What a socket channel takes along if the kernel turns out to be its way: the socket that it was
 * bound with, its blocking mode and its keys, beside its options.
 *
 * <p>A channel has one until it is decided, and none if its network cannot reach the kernel.
 * Guarded by the channel's state lock.
 */
final class UndecidedSocket {
  private final NetworkResources network;
  private final AddressFamily family;
  private final SocketResources resources;
  private final KeysAwaitingKernel keys = new KeysAwaitingKernel();

  /** The mode as the channel's {@code implConfigureBlocking} saw it. */
  private boolean blocking = true;

  /** The kernel's socket that the channel was bound with; null if it was not. */
  private KernelSocket bound;

  UndecidedSocket(NetworkResources network, AddressFamily family, SocketResources resources) {
    this.network = network;
    this.family = family;
    this.resources = resources;
  }

  void configureBlocking(boolean block) {
    blocking = block;
  }

  void add(RingSelectionKey key) {
    keys.add(key);
  }

  /** Takes the keys out: to follow, or since the channel was closed. */
  List<RingSelectionKey> takeKeys() {
    return keys.take();
  }

  /**
   * Binds in the kernel, which keeps the name while the channel lives, whatever its way will be.
   *
   * @return the address that the kernel gave
   */
  SocketAddress bind(SocketAddress wanted, OptionValues options) throws IOException {
    KernelSocket opened = KernelSocket.open(network, family);
    try {
      opened.apply(options.explicit());
      opened.channel().bind(wanted);
      SocketAddress address = opened.channel().getLocalAddress();
      bound = opened;
      resources.owns(opened);
      return address;
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Makes the kernel's socket, with all that was set so far.
   *
   * @param local the name that the channel has; null if it was not bound
   */
  KernelSocket open(OptionValues options, SocketAddress local, boolean urgentInline)
      throws IOException {
    if (bound != null) {
      prepare(bound, options, local, urgentInline);
      return bound;
    }
    KernelSocket opened = KernelSocket.open(network, family);
    try {
      prepare(opened, options, local, urgentInline);
      resources.owns(opened);
      return opened;
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private void prepare(
      KernelSocket opened, OptionValues options, SocketAddress local, boolean urgentInline)
      throws IOException {
    opened.apply(options.explicit());
    if (bound == null && local != null && isKernelName(local)) {
      opened.channel().bind(local);
    }
    if (!family.isUnix() && urgentInline) {
      opened.socket().setOOBInline(true);
    }
    opened.channel().configureBlocking(blocking);
  }

  /** Whether the platform's channels can be bound to a name: to an abstract one they cannot. */
  private static boolean isKernelName(SocketAddress local) {
    return !(local instanceof AbstractSocketAddress);
  }
}
