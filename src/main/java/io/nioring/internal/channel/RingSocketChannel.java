package io.nioring.internal.channel;

import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.StreamPair;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A socket channel whose bytes go through rings: the facade.
 *
 * <p>Each method checks its arguments, asks whether the kernel is the way, and hands on. What it
 * checks, in which order, and what it throws follows the platform's socket channels. Thread-safe,
 * as {@link SocketChannel} specifies: one read and one write may go on at the same time.
 *
 * <p>Where the network's mode or routes let an address be the kernel's, a channel is undecided
 * until it connects. If the kernel is its way, a {@link KernelSocket} does everything from then on;
 * the options, the blocking mode, a local bind and the registrations made so far move along.
 */
public final class RingSocketChannel extends RingStreamSocket implements RingSocket {
  /** Guarded by the state lock. */
  private SocketAdaptor adaptor;

  /** Opens an unconnected channel. */
  public RingSocketChannel(NetworkResources network, AddressFamily family) {
    this(network, family, new Endpoint(network.identity()));
  }

  private RingSocketChannel(NetworkResources network, AddressFamily family, Endpoint endpoint) {
    super(network, family, endpoint);
  }

  /** Makes the channel of an accepted connection. */
  static RingSocketChannel accepted(
      NetworkResources network, AddressFamily family, Endpoint endpoint) {
    try {
      return new RingSocketChannel(network, family, endpoint);
    } catch (IllegalStateException | OutOfMemoryError e) {
      // The network was closed after the connection left the backlog, or there is no memory.
      network.registry().rights().close(endpoint.close(true));
      throw e;
    }
  }

  /** Makes two channels that are connected with one another, without names (socketpair(2)). */
  public static List<SocketChannel> pair(NetworkResources network) {
    Endpoint first = new Endpoint(network.identity());
    Endpoint second = new Endpoint(network.identity());
    int bytes = network.bufferBytes();
    StreamPair.connect(
        network.memory(), first, Binder.UNNAMED, second, Binder.UNNAMED, bytes, bytes);
    return List.of(
        accepted(network, AddressFamily.UNIX, first),
        accepted(network, AddressFamily.UNIX, second));
  }

  // -- reading

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    KernelSocket inKernel = kernel;
    return inKernel == null ? StreamReads.read(this, dst, 0) : inKernel.read(this, dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    KernelSocket inKernel = kernel;
    return inKernel == null
        ? StreamReads.readScattered(this, dsts, offset, length)
        : inKernel.read(this, dsts, offset, length);
  }

  /**
   * Reads for the socket adaptor.
   *
   * @param timeoutMillis the longest to wait, 0 without a limit
   * @throws SocketTimeoutException if the time was over
   */
  int readTimed(byte[] bytes, int offset, int length, int timeoutMillis) throws IOException {
    KernelSocket inKernel = kernel;
    return inKernel == null
        ? StreamReads.read(this, ByteBuffer.wrap(bytes, offset, length), timeoutMillis)
        : inKernel.readTimed(this, bytes, offset, length, timeoutMillis);
  }

  /** Prepares for what the socket adaptor's input stream asks for. */
  void openInput() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      inKernel.input();
    }
  }

  /** How many bytes can be read at once, for the socket adaptor. */
  int available() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      return inKernel.available();
    }
    ensureConnected();
    return isInputShut() ? 0 : endpoint.available();
  }

  // -- writing

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    KernelSocket inKernel = kernel;
    return inKernel == null ? StreamWrites.write(this, src) : inKernel.write(this, src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    KernelSocket inKernel = kernel;
    return inKernel == null
        ? StreamWrites.writeGathered(this, srcs, offset, length)
        : inKernel.write(this, srcs, offset, length);
  }

  /**
   * Writes a byte of urgent data: in band if the peer asked for that, and otherwise not at all.
   *
   * @throws IOException "Socket buffer full" if there is no room
   */
  void writeUrgent(byte data) throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel == null) {
      StreamWrites.writeUrgent(this, data);
    } else {
      inKernel.writeUrgent(this, data);
    }
  }

  // -- messages

  @Override
  public boolean isOnRing() {
    return kernel == null;
  }

  private void ensureOnRing() {
    if (kernel != null) {
      throw new IllegalStateException("the kernel is the way of " + this);
    }
  }

  @Override
  public long send(ByteSource src, AncillaryData data, MessageOption... options)
      throws IOException {
    MessageOptions how = MessageOptions.ofSend(options);
    ensureOnRing();
    return SocketMessages.send(this, src, data, how);
  }

  @Override
  public long write(ByteSource src) throws IOException {
    Objects.requireNonNull(src);
    ensureOnRing();
    return SocketMessages.write(this, src);
  }

  @Override
  public ReceivedMessage receive(ByteTarget dst, MessageOption... options) throws IOException {
    MessageOptions how = MessageOptions.ofReceive(options);
    ensureOnRing();
    return SocketMessages.receive(this, dst, how);
  }

  @Override
  public int read(ByteTarget dst) throws IOException {
    Objects.requireNonNull(dst);
    ensureOnRing();
    return SocketMessages.read(this, dst);
  }

  @Override
  public PeerCredentials peerCredentials() throws IOException {
    ensureOnRing();
    ensureConnected();
    return endpoint.peerCredentials();
  }

  @Override
  public PeerCredentials credentials() {
    ensureOnRing();
    return endpoint.credentials();
  }

  @Override
  public void passCredentials(boolean on) {
    ensureOnRing();
    endpoint.passCredentials(on);
  }

  @Override
  public boolean passesCredentials() {
    ensureOnRing();
    return endpoint.passesCredentials();
  }

  // -- connecting

  @Override
  public boolean connect(SocketAddress remote) throws IOException {
    return connect(remote, Deadline.NONE);
  }

  /**
   * Connects, waiting until a deadline if the channel is blocking.
   *
   * @throws SocketTimeoutException if the deadline passed; the channel is closed
   */
  boolean connect(SocketAddress remote, Deadline deadline) throws IOException {
    SocketAddress checked = family.check(remote);
    try {
      boolean connected = RingConnects.connect(this, checked, deadline);
      KernelSocket decided = kernel;
      if (decided != null) {
        attachKeys(decided);
      }
      return connected;
    } catch (IOException | UnsupportedOperationException e) { // the latter without a platform
      close(); // a connect that failed closes the channel, as SocketChannel specifies
      throw e;
    }
  }

  /** Lets the keys follow: after the connect was begun, so that they do not see it unconnected. */
  private void attachKeys(KernelSocket decided) throws IOException {
    List<RingSelectionKey> following;
    synchronized (stateLock()) {
      following = undecided.takeKeys();
      undecided = null;
    }
    KeysAwaitingKernel.attachAll(following, decided.channel());
  }

  @Override
  public void registered(RingSelectionKey key) {
    if (!network.mayReachKernel()) {
      return;
    }
    KernelSocket decided;
    synchronized (stateLock()) {
      if (undecided != null) {
        undecided.add(key);
        return;
      }
      decided = kernel;
    }
    if (decided != null) {
      KeysAwaitingKernel.attach(key, decided.channel());
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      return inKernel.finishConnect(this);
    }
    try {
      boolean connected = RingConnects.finish(this);
      inKernel = kernel; // decided by a connect that the above has waited for
      return inKernel == null ? connected : inKernel.finishConnect(this);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      close(); // as in connect
      throw e;
    }
  }

  @Override
  public boolean isConnected() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? state == State.CONNECTED : inKernel.channel().isConnected();
  }

  @Override
  public boolean isConnectionPending() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? state == State.PENDING : inKernel.channel().isConnectionPending();
  }

  // -- names

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    KernelSocket decided;
    synchronized (stateLock()) {
      ensureOpen();
      decided = kernel;
      if (decided == null) {
        implBind(local);
      }
    }
    if (decided != null) { // not under the state lock: it may wait for a blocked read to end
      decided.channel().bind(local);
    }
    return this;
  }

  private void implBind(SocketAddress local) throws IOException {
    if (state == State.PENDING) {
      throw new ConnectionPendingException();
    }
    if (implLocalAddress() != null) {
      throw new AlreadyBoundException();
    }
    SocketAddress wanted = local == null ? null : family.check(local);
    if (Binder.modeToBind(network, family, wanted) == Mode.RING) {
      implBindInRing(wanted);
    } else {
      implBindInKernel(wanted);
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return kernel == null ? implLocalAddress() : kernel.channel().getLocalAddress();
    }
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return kernel == null ? implRemoteAddress() : kernel.channel().getRemoteAddress();
    }
  }

  /** The local address, also of a closed channel; null if it was neither bound nor connected. */
  SocketAddress localAddress() {
    synchronized (stateLock()) {
      return kernel == null ? implLocalAddress() : kernel.socket().getLocalSocketAddress();
    }
  }

  /** The remote address, also of a closed channel; null before a connect is begun. */
  SocketAddress remoteAddress() {
    synchronized (stateLock()) {
      return kernel == null ? implRemoteAddress() : kernel.socket().getRemoteSocketAddress();
    }
  }

  @Override
  public Socket socket() {
    if (family.isUnix()) {
      throw new UnsupportedOperationException("Not supported");
    }
    synchronized (stateLock()) {
      if (adaptor == null) {
        adaptor = SocketAdaptor.of(this);
      }
      return adaptor;
    }
  }

  // -- options

  @Override
  public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    options.ensureSupported(name);
    synchronized (stateLock()) {
      ensureOpen();
      if (kernel != null) {
        kernel.channel().setOption(name, value);
      } else {
        options.set(name, value);
      }
    }
    return this;
  }

  @Override
  @SuppressWarnings("unchecked") // the value was checked against the option's type when it was set
  public <T> T getOption(SocketOption<T> name) throws IOException {
    options.ensureSupported(name);
    synchronized (stateLock()) {
      ensureOpen();
      return kernel == null ? (T) implOption(name) : kernel.channel().getOption(name);
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  // -- half-close

  @Override
  public SocketChannel shutdownInput() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel == null) {
      implShutdownInput();
    } else {
      inKernel.channel().shutdownInput();
    }
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel == null) {
      implShutdownOutput();
    } else {
      inKernel.channel().shutdownOutput();
    }
    return this;
  }

  boolean isInputShutdown() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? isInputShut() : inKernel.socket().isInputShutdown();
  }

  boolean isOutputShutdown() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? isOutputShut() : inKernel.socket().isOutputShutdown();
  }

  void takeUrgentInline(boolean on) throws SocketException {
    endpoint.takeUrgentInline(on);
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      inKernel.socket().setOOBInline(on);
    }
  }

  boolean takesUrgentInline() {
    return endpoint.takesUrgentInline();
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return endpoint.poll();
  }

  @Override
  public int readiness(int wanted) {
    return switch (state) {
      case CONNECTED -> endpoint.readiness(wanted);
      case PENDING -> pendingReadiness();
      case UNCONNECTED, CLOSED -> Readiness.OUT | Readiness.HUP;
      case KERNEL -> 0; // the inner key tells
    };
  }

  private int pendingReadiness() {
    ConnectRequest request = resources.request();
    if (request == null) { // not offered yet, or finished since we looked at the state
      return state == State.PENDING ? 0 : readiness();
    }
    if (request.state() == ConnectRequest.State.WAITING) {
      return 0;
    }
    return request.state() == ConnectRequest.State.CONNECTED
        ? endpoint.readiness(Readiness.ALL)
        : Readiness.IN | Readiness.OUT | Readiness.ERR | Readiness.HUP | Readiness.RDHUP;
  }

  @Override
  public int readyOps(int readiness) {
    if (state == State.PENDING) {
      return (readiness & Readiness.OUT) != 0 ? SelectionKey.OP_CONNECT : 0;
    }
    return ((readiness & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0)
        | ((readiness & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0);
  }
}
