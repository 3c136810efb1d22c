package io.nioring.internal.channel;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.Acceptor;
import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.hybrid.HybridListeningSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.RightsReceiver;
import io.nioring.internal.time.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * A server channel that accepts connections made over rings: the facade of a {@link
 * ListeningSocket}. Thread-safe, as {@link ServerSocketChannel} specifies.
 */
public final class RingServerSocketChannel extends ServerSocketChannel
    implements RingSelectable, Facade, Acceptor<SocketChannel>, RightsReceiver {
  private final NetworkResources network;
  private final ListeningSocket socket;

  /** Guarded by the monitor of the poll set. */
  private ServerSocket adaptor;

  /** Null until a channel is in flight to this one; made by the housekeeping. */
  private volatile HeldChannels held;

  /** Opens an unbound channel. */
  public RingServerSocketChannel(NetworkResources network, AddressFamily family) {
    super(network.provider());
    this.network = network;
    this.socket = HybridListeningSocket.open(network, family, this);
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    ensureOpen();
    socket.bind(local, backlog);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return socket.localAddress();
  }

  /** The bound address, also after close; null before the bind. */
  public SocketAddress localAddress() {
    return socket.localAddress();
  }

  // -- accepting

  @Override
  public SocketChannel accept() throws IOException {
    return accept(Deadline.NONE);
  }

  /**
   * Accepts for the adaptor, waiting until a deadline.
   *
   * @throws java.net.SocketTimeoutException if it passed
   */
  public SocketChannel accept(Deadline deadline) throws IOException {
    return socket.accept(this, deadline, this);
  }

  @Override
  public SocketChannel overRing(Endpoint accepted, OptionValues options) {
    return RingSocketChannel.accepted(network, socket.family(), accepted, options);
  }

  @Override
  public SocketChannel throughKernel(Closeable accepted) {
    return (SocketChannel) accepted;
  }

  // -- options and the adaptor

  @Override
  public ServerSocket socket() {
    if (socket.family().isUnix()) {
      throw new UnsupportedOperationException("Not supported");
    }
    synchronized (socket.poll()) {
      if (adaptor == null) {
        adaptor = network.adaptors().of(this);
      }
      return adaptor;
    }
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    socket.options().ensureSupported(name);
    OptionValues.ensureTypeOf(name, value);
    ensureOpen();
    socket.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    socket.options().ensureSupported(name);
    ensureOpen();
    return socket.option(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return socket.options().supported();
  }

  // -- close

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    if (socket != null) { // otherwise the network is being closed, and closes the socket itself
      socket.close();
    }
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag: a ring has nothing to switch, and the kernel's
    // channel never blocks.
  }

  // -- for the socket

  @Override
  public void beginWait() {
    begin();
  }

  @Override
  public void endWait(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  // -- in flight

  @Override
  public HeldChannels heldChannels() {
    if (held == null) {
      held = new HeldChannels();
    }
    return held;
  }

  @Override
  public WeakReference<Channel> inFlight() {
    return network.registry().inFlight(this, socket);
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return socket.poll();
  }

  @Override
  public int readiness(int wanted) {
    return socket.readiness(wanted);
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.IN) != 0 ? SelectionKey.OP_ACCEPT : 0;
  }

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    socket.registered(key);
  }

  @Override
  public String toString() {
    return socket.describe(getClass().getName());
  }
}
