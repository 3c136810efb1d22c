package io.nioring.internal.channel;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.Binder;
import io.nioring.internal.core.MessageOptions;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.core.Way;
import io.nioring.internal.hybrid.UndecidedSocket;
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
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A socket channel whose bytes go through rings: the facade of a {@link StreamSocket}.
 *
 * <p>Each method checks its arguments, asks the socket for its {@link Way}, once, and delegates.
 * The checks, their order, and the exceptions are those of the platform's socket channels.
 * Thread-safe, as {@link SocketChannel} specifies: one read and one write may go on at the same
 * time.
 *
 * <p>Where the network's mode or routes allow an address to belong to the kernel, a channel is
 * undecided until it connects. If it is connected through the kernel, its socket uses the kernel
 * from then on; the options, the blocking mode, a local bind and the registrations made so far are
 * carried over.
 */
public final class RingSocketChannel extends SocketChannel
    implements RingSelectable, Facade, RingSocket, RightsReceiver {
  private final NetworkResources network;
  private final StreamSocket socket;

  /** Guarded by this object's socket lock, the monitor of the poll set. */
  private Socket adaptor;

  /** Null until a channel is in flight to this one; made by the housekeeping. */
  private volatile HeldChannels held;

  /** Opens an unconnected channel. */
  public RingSocketChannel(NetworkResources network, AddressFamily family) {
    super(network.provider());
    this.network = network;
    this.socket = StreamSocket.open(network, family, this, UndecidedSocket.of(network, family));
  }

  private RingSocketChannel(
      NetworkResources network, AddressFamily family, Endpoint connected, OptionValues options) {
    super(network.provider());
    this.network = network;
    this.socket = StreamSocket.connected(network, family, connected, this, options);
  }

  /**
   * Makes the channel of an accepted connection.
   *
   * @param options what it inherits of the listener's options; null for the defaults
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  static RingSocketChannel accepted(
      NetworkResources network, AddressFamily family, Endpoint endpoint, OptionValues options) {
    return new RingSocketChannel(network, family, endpoint, options);
  }

  /** Makes two unnamed channels that are connected to each other (socketpair(2)). */
  public static List<SocketChannel> pair(NetworkResources network) {
    Endpoint first = new Endpoint(network.identity());
    Endpoint second = new Endpoint(network.identity());
    network.wire().connect(first, Binder.UNNAMED, second, Binder.UNNAMED);
    return List.of(
        accepted(network, AddressFamily.UNIX, first, null),
        accepted(network, AddressFamily.UNIX, second, null));
  }

  /** The socket beneath, for the adaptor. */
  public StreamSocket ringSocket() {
    return socket;
  }

  /** The present way of the socket's bytes, for the adaptor. */
  public Way way() {
    return socket.way();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // -- reading

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    return socket.way().read(this, dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    return socket.way().read(this, dsts, offset, length);
  }

  // -- writing

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    return socket.way().write(this, src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    return socket.way().write(this, srcs, offset, length);
  }

  // -- messages

  @Override
  public boolean isOnRing() {
    return socket.isOnRing();
  }

  private void ensureOnRing() {
    if (!isOnRing()) {
      throw new IllegalStateException(this + " is connected through the kernel");
    }
  }

  @Override
  public long send(ByteSource src, AncillaryData data, MessageOption... options)
      throws IOException {
    MessageOptions how = MessageOptions.ofSend(options);
    ensureOnRing();
    return socket.send(this, src, data, how);
  }

  @Override
  public long write(ByteSource src) throws IOException {
    Objects.requireNonNull(src);
    ensureOnRing();
    return socket.write(this, src);
  }

  @Override
  public ReceivedMessage receive(ByteTarget dst, MessageOption... options) throws IOException {
    MessageOptions how = MessageOptions.ofReceive(options);
    ensureOnRing();
    try {
      return socket.receive(this, dst, how);
    } finally {
      Reference.reachabilityFence(this); // it may hold what is received
    }
  }

  @Override
  public int read(ByteTarget dst) throws IOException {
    Objects.requireNonNull(dst);
    ensureOnRing();
    return socket.read(this, dst);
  }

  @Override
  public PeerCredentials peerCredentials() throws IOException {
    ensureOnRing();
    if (!socket.isConnected()) {
      ensureOpen();
      throw new NotYetConnectedException();
    }
    return socket.endpoint().peerCredentials();
  }

  @Override
  public PeerCredentials credentials() {
    ensureOnRing();
    return socket.endpoint().credentials();
  }

  @Override
  public void passCredentials(boolean on) {
    ensureOnRing();
    socket.endpoint().passCredentials(on);
  }

  @Override
  public boolean passesCredentials() {
    ensureOnRing();
    return socket.endpoint().passesCredentials();
  }

  // -- connecting

  @Override
  public boolean connect(SocketAddress remote) throws IOException {
    return connect(remote, Deadline.NONE);
  }

  /**
   * Connects, waiting until a deadline if the channel is blocking.
   *
   * @throws java.net.SocketTimeoutException if the deadline passed; the channel is closed
   */
  public boolean connect(SocketAddress remote, Deadline deadline) throws IOException {
    return socket.connect(this, socket.family().check(resolved(remote)), deadline);
  }

  /**
   * The address of a host that the network knows for an unresolved one; otherwise the same address.
   */
  public SocketAddress resolved(SocketAddress remote) {
    return network.verdicts().resolved(remote);
  }

  @Override
  public boolean finishConnect() throws IOException {
    return socket.way().finishConnect(this);
  }

  @Override
  public boolean isConnected() {
    return socket.way().isConnected();
  }

  @Override
  public boolean isConnectionPending() {
    return socket.way().isConnectionPending();
  }

  // -- names

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    socket.bind(local);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return socket.way().localAddress();
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    ensureOpen();
    return socket.way().remoteAddress();
  }

  @Override
  public Socket socket() {
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

  // -- options

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    socket.options().ensureSupported(name);
    OptionValues.ensureTypeOf(name, value);
    ensureOpen();
    socket.way().setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    socket.options().ensureSupported(name);
    ensureOpen();
    return socket.way().option(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return socket.options().supported();
  }

  // -- half-close and close

  @Override
  public SocketChannel shutdownInput() throws IOException {
    socket.way().shutdownInput();
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    socket.way().shutdownOutput();
    return this;
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    if (socket != null) { // otherwise the network is being closed, and closes the socket itself
      socket.close(isRegistered());
    }
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    socket.configureBlocking(block);
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

  @Override
  public Object monitor() {
    return blockingLock(); // which the streams of java.nio.channels.Channels hold
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
    if (socket.isConnectionPending()) {
      return (readiness & Readiness.OUT) != 0 ? SelectionKey.OP_CONNECT : 0;
    }
    return ((readiness & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0)
        | ((readiness & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0);
  }

  @Override
  public int peersHeadStart() {
    return socket.endpoint().peersHeadStart();
  }

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    socket.addKey(key);
  }

  @Override
  public String toString() {
    return socket.describe(SocketChannel.class.getName());
  }
}
