package io.nioring.internal.channel;

import io.nioring.internal.names.Binding;
import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.network.ChannelRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;

/**
 * What a socket channel holds outside of itself: its end of the stream, its name, its place in a
 * listener's queue. Freed by the channel's close, or by the registry if the channel was dropped.
 */
final class SocketResources extends ChannelRegistry.Entry {
  private final NetworkResources network;
  private final Endpoint endpoint;

  // Written under the channel's state lock, or when nobody can reach the channel any more.

  private Binding binding;

  /** The connect that was begun and not finished yet; null if there is none. */
  private volatile ConnectRequest request;

  /** Where the request was offered; null if nobody listened. Written before the request. */
  private Listener listener;

  private volatile KernelSocket kernel;

  /** Guarded by this object's monitor, with the flag below. */
  private InetSocketAddress ephemeralAddress;

  private boolean freed;

  SocketResources(Channel channel, NetworkResources network, Endpoint endpoint) {
    super(channel, network.registry());
    this.network = network;
    this.endpoint = endpoint;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The name that the channel was bound to; null if it was not. */
  Binding binding() {
    return binding;
  }

  void bound(Binding name) {
    binding = name;
  }

  /**
   * Notes a port that was chosen for a connect; it goes back at once if all was freed meanwhile.
   * One that was noted before, for an offer that was refused, goes back too.
   */
  synchronized void tookEphemeral(InetSocketAddress address) {
    giveBack(freed ? address : ephemeralAddress);
    ephemeralAddress = freed ? null : address;
  }

  private void giveBack(InetSocketAddress address) {
    if (address != null) {
      network.names().giveClientAddress(address);
    }
  }

  /** Notes a request that is about to be offered to a listener. */
  void requested(ConnectRequest offered, Listener to) {
    listener = to;
    request = offered;
  }

  /** The connect that was begun and not finished yet; null if there is none. */
  ConnectRequest request() {
    return request;
  }

  /**
   * Forgets the request, which has been decided and whose outcome the channel's state tells.
   *
   * <p>A close may be under way: it needs the request only to cancel it, and cancelling does
   * nothing once it is decided. So it does not matter whether {@link #free} finds the request, or
   * half of it, or nothing. Nor does it matter to whoever asks for the readiness without a lock:
   * the state was changed first, and who finds no request looks at the state again.
   */
  void finished() {
    request = null;
    listener = null;
  }

  /** Notes a socket of the kernel's, which is closed with the rest. */
  void owns(KernelSocket socket) {
    kernel = socket;
  }

  /** Closes the kernel's socket, if there is one; repeatedly if asked to. */
  void freeKernel() throws IOException {
    KernelSocket socket = kernel;
    if (socket != null) {
      socket.close();
    }
  }

  /**
   * Frees everything but the kernel's socket, once.
   *
   * @param reset whether the peer's end is a reset
   */
  void free(boolean reset) {
    if (!remove()) {
      return;
    }
    try { // each part, whatever happens to the one before
      cancelRequest();
    } finally {
      try {
        network.registry().rights().close(endpoint.close(reset));
      } finally {
        freeNames();
      }
    }
  }

  private void freeNames() {
    try {
      if (binding != null) {
        binding.release();
      }
    } finally {
      giveEphemeralBack();
    }
  }

  /** Takes each field once: the connect may be finished, and the request forgotten, meanwhile. */
  private void cancelRequest() {
    ConnectRequest pending = request;
    Listener offeredTo = listener;
    if (pending != null && offeredTo != null) {
      offeredTo.cancel(pending);
    }
  }

  private synchronized void giveEphemeralBack() {
    freed = true;
    giveBack(ephemeralAddress);
  }

  @Override
  public void closeAbandoned() throws IOException {
    try {
      free(false);
    } finally {
      freeKernel();
    }
  }
}
