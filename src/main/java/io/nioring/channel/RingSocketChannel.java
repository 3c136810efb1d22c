package io.nioring.channel;

import io.nioring.namespace.Binding;
import io.nioring.namespace.ConnectRequest;
import io.nioring.namespace.Listener;
import io.nioring.poll.PollSet;
import io.nioring.poll.Readiness;
import io.nioring.route.Mode;
import io.nioring.select.RingSelectable;
import io.nioring.select.RingSelectionKey;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import io.nioring.stream.Endpoint;
import io.nioring.stream.StreamPair;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A socket channel whose bytes go through rings.
 *
 * <p>A facade: the stream itself is the {@link Endpoint}. What a method checks, in which order, and
 * what it throws follows the platform's socket channels. Thread-safe, as {@link SocketChannel}
 * specifies: one read and one write may go on at the same time.
 *
 * <p>Where the network's mode or routes let an address be the kernel's, a channel is undecided
 * until it connects. If the kernel is its way, a {@link KernelSocket} does everything from then on;
 * the options, the blocking mode, a local bind and the registrations made so far move along.
 */
public final class RingSocketChannel extends SocketChannel
    implements RingSocket, RingSelectable, StreamChannel {
  /**
   * The life of a channel. States only grow.
   *
   * <pre>{@code
   * UNCONNECTED -> PENDING -> CONNECTED -> CLOSED
   *           \        \____> KERNEL _____/
   *            \_________________________/
   * }</pre>
   */
  private enum State {
    /** No connect was begun. */
    UNCONNECTED,
    /** A connect was begun, and its end was not seen by the caller yet. */
    PENDING,
    /** Bytes may go. */
    CONNECTED,
    /** A connect was begun by way of the kernel: the platform's channel does the rest. */
    KERNEL,
    /** Closed, for whatever reason. */
    CLOSED
  }

  private final NetworkResources network;
  private final AddressFamily family;
  private final Endpoint endpoint;
  private final SocketResources resources;
  private final OptionValues options;

  // Written under the state lock, which is the monitor of the poll set.

  private volatile State state;
  private volatile boolean inputShut;
  private volatile boolean outputShut;
  private SocketAddress localAddress;
  private SocketAddress remoteAddress;
  private SocketAdaptor adaptor;

  /** What does the work if the kernel is the way; null otherwise. */
  private volatile KernelSocket kernel;

  /** What goes along to the kernel; null once that is decided, or if the kernel is out of reach. */
  private UndecidedSocket undecided;

  /** Guarded by the read lock. */
  private boolean connectionReset;

  /** Whether the connection was counted when it was offered; guarded by both locks. */
  private boolean counted;

  /** How the reader waits; made when it first does, under the read lock. */
  private BlockingOperation reading;

  /** How the writer waits; made when it first does, under the write lock. */
  private BlockingOperation writing;

  /** Opens an unconnected channel. */
  public RingSocketChannel(NetworkResources network, AddressFamily family) {
    this(network, family, new Endpoint(network.identity()), State.UNCONNECTED);
  }

  private RingSocketChannel(
      NetworkResources network, AddressFamily family, Endpoint endpoint, State state) {
    super(network.provider());
    this.network = network;
    this.family = family;
    this.endpoint = endpoint;
    this.state = state;
    this.options =
        new OptionValues(
            family.isUnix() ? OptionValues.Kind.UNIX_STREAM : OptionValues.Kind.INET_STREAM);
    this.resources = new SocketResources(this, network, endpoint);
    this.undecided =
        state == State.UNCONNECTED && network.mayReachKernel()
            ? new UndecidedSocket(network, family, this, resources)
            : null;
    network.registry().add(resources);
  }

  /** Makes the channel of an accepted connection. */
  static RingSocketChannel accepted(
      NetworkResources network, AddressFamily family, Endpoint endpoint) {
    RingSocketChannel channel;
    try {
      channel = new RingSocketChannel(network, family, endpoint, State.CONNECTED);
    } catch (IllegalStateException e) {
      endpoint.close(true); // the network was closed after the connection left the backlog
      throw e;
    }
    channel.localAddress = endpoint.localAddress();
    channel.remoteAddress = endpoint.remoteAddress();
    return channel;
  }

  /** Makes two channels that are connected with one another, without names (socketpair(2)). */
  public static List<SocketChannel> pair(NetworkResources network) {
    Endpoint first = new Endpoint(network.identity());
    Endpoint second = new Endpoint(network.identity());
    int bytes = network.bufferBytes();
    StreamPair.connect(
        network.memory(), first, LocalNames.UNNAMED, second, LocalNames.UNNAMED, bytes, bytes);
    return List.of(
        accepted(network, AddressFamily.UNIX, first),
        accepted(network, AddressFamily.UNIX, second));
  }

  private Object stateLock() {
    return endpoint.poll();
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
    KernelSocket inKernel = kernel;
    return inKernel == null ? StreamReads.read(this, dst, 0) : inKernel.read(dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    KernelSocket inKernel = kernel;
    return inKernel == null
        ? StreamReads.readScattered(this, dsts, offset, length)
        : inKernel.read(dsts, offset, length);
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
        : inKernel.readTimed(bytes, offset, length, timeoutMillis);
  }

  /** How many bytes can be read at once, for the socket adaptor. */
  int available() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      return inKernel.available();
    }
    ensureConnected();
    return inputShut ? 0 : endpoint.available();
  }

  // -- writing

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    KernelSocket inKernel = kernel;
    return inKernel == null ? StreamWrites.write(this, src) : inKernel.write(src);
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    KernelSocket inKernel = kernel;
    return inKernel == null
        ? StreamWrites.writeGathered(this, srcs, offset, length)
        : inKernel.write(srcs, offset, length);
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
      inKernel.socket().sendUrgentData(data);
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
      Way way = connectOverRing(checked, deadline);
      wakeWaiters();
      return way == Way.KERNEL ? connectInKernel(checked, deadline) : way == Way.CONNECTED;
    } catch (IOException e) {
      close(); // a connect that failed closes the channel, as SocketChannel specifies
      throw e;
    }
  }

  /** How a connect went on. */
  private enum Way {
    /** Connected over rings. */
    CONNECTED,
    /** Waits for the listener, or for the caller to finish it. */
    PENDING,
    /** Nobody in this JVM is meant: the kernel is asked. */
    KERNEL
  }

  private Way connectOverRing(SocketAddress remote, Deadline deadline) throws IOException {
    endpoint.lockRead();
    try {
      endpoint.lockWrite();
      try {
        return connectLocked(remote, deadline);
      } finally {
        endpoint.unlockWrite();
      }
    } finally {
      endpoint.unlockRead();
    }
  }

  /**
   * Lets keys look again: another thread may have found the connect undecided, or the channel not
   * connected, and sleep since.
   */
  private void wakeWaiters() {
    VarHandle.fullFence(); // the new state before the waiters, see PollSet
    endpoint.poll().wake(Readiness.ALL);
  }

  private Way connectLocked(SocketAddress remote, Deadline deadline) throws IOException {
    ensureOpen(); // before begin: closed already is not closed asynchronously
    boolean blocking = isBlocking();
    Way way = Way.PENDING;
    if (blocking) {
      beginBlocking();
    }
    try {
      beginConnect(remote);
      if (!offer(remote, network.modeFor(remote), blocking)) {
        way = Way.KERNEL;
      } else {
        if (blocking) {
          awaitDecision(deadline);
        }
        // A non-blocking connect to an IP address is finished by finishConnect, as with TCP.
        way = (blocking || family.isUnix()) && finishIfDecided() ? Way.CONNECTED : Way.PENDING;
      }
    } finally {
      if (blocking) {
        endBlocking(way != Way.PENDING);
      }
    }
    return way;
  }

  private void beginConnect(SocketAddress remote) throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      if (kernel != null) {
        ensureKernelUnconnected();
      }
      if (state == State.CONNECTED) {
        throw new AlreadyConnectedException();
      }
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      state = State.PENDING;
      remoteAddress = remote;
    }
  }

  private void ensureKernelUnconnected() {
    if (kernel.channel().isConnected()) {
      throw new AlreadyConnectedException();
    }
    throw new ConnectionPendingException();
  }

  /**
   * Looks the address up and offers a request to who listens there.
   *
   * @return false if the kernel is to be asked instead
   */
  private boolean offer(SocketAddress remote, Mode mode, boolean blocking) throws IOException {
    if (mode == Mode.KERNEL) {
      return false;
    }
    boolean mayWait = blocking || !family.isUnix();
    ConnectRequest.State decided =
        family.isUnix()
            ? offerUnix(remote, mode, mayWait)
            : offerInet(AddressFamily.toConnect((InetSocketAddress) remote), mayWait);
    if (decided == ConnectRequest.State.WAITING && !mayWait) {
      throw new SocketException("Resource temporarily unavailable");
    }
    return decided != ConnectRequest.State.REFUSED || mode == Mode.RING;
  }

  private ConnectRequest.State offerUnix(SocketAddress remote, Mode mode, boolean mayWait)
      throws SocketException {
    return offerTo(
        lookupUnix(remote, mode),
        localAddress == null ? LocalNames.UNNAMED : localAddress,
        remote,
        mayWait);
  }

  private Listener lookupUnix(SocketAddress remote, Mode mode) throws SocketException {
    if (remote instanceof AbstractSocketAddress name) {
      return network.names().lookup(name);
    }
    UnixDomainSocketAddress path = (UnixDomainSocketAddress) remote;
    return mode == Mode.HYBRID ? network.names().lookupFile(path) : network.names().lookup(path);
  }

  private ConnectRequest.State offerInet(InetSocketAddress remote, boolean mayWait) {
    Listener listener = network.names().lookup(remote);
    SocketAddress local = listener == null ? null : clientAddress(remote);
    return offerTo(listener, local, remote, mayWait);
  }

  /** The address that the server sees: the bound one, completed, or one that is chosen. */
  private InetSocketAddress clientAddress(InetSocketAddress remote) {
    InetSocketAddress bound = (InetSocketAddress) localAddress;
    if (bound == null) {
      InetSocketAddress chosen = network.names().takeClientAddress(remote.getAddress());
      resources.tookEphemeral(chosen);
      return chosen;
    }
    return bound.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(network.names().sourceFor(remote.getAddress()), bound.getPort())
        : bound;
  }

  private ConnectRequest.State offerTo(
      Listener listener, SocketAddress local, SocketAddress remote, boolean mayWait) {
    if (listener == null) {
      resources.requested(ConnectRequest.refused(endpoint, remote), null);
      return ConnectRequest.State.REFUSED;
    }
    ConnectRequest request =
        new ConnectRequest(
            endpoint,
            local,
            remote,
            options.getInt(StandardSocketOptions.SO_SNDBUF),
            options.getInt(StandardSocketOptions.SO_RCVBUF));
    resources.requested(request, listener);
    ConnectRequest.State decided = listener.offer(request, mayWait);
    if (!isOpen()) {
      listener.cancel(request); // the close that we raced with may not have seen it
    }
    if (decided == ConnectRequest.State.CONNECTED) {
      counted = true;
      network.counters().ringConnected();
    }
    return decided;
  }

  private void awaitDecision(Deadline deadline) throws SocketTimeoutException {
    while (isOpen() && resources.request().state() == ConnectRequest.State.WAITING) {
      long left = deadline.remainingNanos();
      if (left <= 0) {
        throw new SocketTimeoutException("Connect timed out");
      }
      writing().await(left);
    }
  }

  /** Ends a pending connect that has been decided; false if it has not. */
  private boolean finishIfDecided() throws IOException {
    return switch (resources.request().state()) {
      case WAITING -> false;
      case CONNECTED -> markConnected();
      case REFUSED -> throw new ConnectException("Connection refused");
      case CANCELLED -> throw new AsynchronousCloseException();
    };
  }

  private boolean markConnected() {
    synchronized (stateLock()) {
      if (state == State.PENDING) {
        localAddress = endpoint.localAddress();
        remoteAddress = endpoint.remoteAddress();
        state = State.CONNECTED;
        resources.finished(); // after the state: see pendingReadiness
        undecided = null;
        if (!counted) {
          network.counters().ringConnected();
        }
      }
      return state == State.CONNECTED;
    }
  }

  private boolean connectInKernel(SocketAddress remote, Deadline deadline) throws IOException {
    KernelSocket decided = decideKernel();
    boolean connected = decided.connect(remote, deadline);
    attachKeys(decided);
    return connected;
  }

  /** Makes the kernel the way, with all that was set so far. */
  private KernelSocket decideKernel() throws IOException {
    synchronized (stateLock()) {
      if (!isOpen()) {
        throw new AsynchronousCloseException();
      }
      KernelSocket decided = undecided.open(options, localAddress, endpoint.takesUrgentInline());
      state = State.KERNEL;
      kernel = decided;
      resources.finished();
      network.counters().kernelConnected();
      return decided;
    }
  }

  /** Lets the keys follow: after the connect was begun, so that they do not see it unconnected. */
  private void attachKeys(KernelSocket decided) throws IOException {
    List<RingSelectionKey> following;
    synchronized (stateLock()) {
      following = undecided.takeKeys();
      undecided = null;
    }
    FollowingKeys.attachAll(following, decided.channel());
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
      FollowingKeys.attach(key, decided.channel());
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      return inKernel.finishConnect();
    }
    boolean connected;
    try {
      endpoint.lockRead();
      try {
        endpoint.lockWrite();
        try {
          if (state == State.CONNECTED) {
            return true;
          }
          connected = finishConnectLocked();
        } finally {
          endpoint.unlockWrite();
        }
      } finally {
        endpoint.unlockRead();
      }
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      close(); // as in connect
      throw e;
    }
    if (connected) {
      wakeWaiters();
    }
    return connected;
  }

  private boolean finishConnectLocked() throws IOException {
    ensureOpen(); // as in connect
    boolean blocking = isBlocking();
    boolean connected = false;
    if (blocking) {
      beginBlocking();
    }
    try {
      synchronized (stateLock()) {
        ensureOpen();
        if (state != State.PENDING) {
          throw new NoConnectionPendingException();
        }
      }
      if (blocking) {
        awaitDecision(Deadline.NONE);
      }
      connected = finishIfDecided();
    } finally {
      if (blocking) {
        endBlocking(connected);
      }
    }
    return connected;
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
    SocketAddress wanted = local == null ? null : family.check(local);
    synchronized (stateLock()) {
      ensureOpen();
      if (kernel != null) {
        kernel.channel().bind(wanted);
        return this;
      }
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      if (localAddress != null) {
        throw new AlreadyBoundException();
      }
      localAddress =
          LocalNames.modeToBind(network, family, wanted) == Mode.RING
              ? bindInRing(wanted)
              : undecided.bind(wanted, options);
    }
    return this;
  }

  private SocketAddress bindInRing(SocketAddress wanted) throws IOException {
    Binding binding = LocalNames.bindClient(network, family, wanted, options);
    resources.bound(binding);
    return binding == null ? LocalNames.UNNAMED : binding.address();
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return kernel == null ? localAddress : kernel.channel().getLocalAddress();
    }
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return kernel == null ? remoteAddress : kernel.channel().getRemoteAddress();
    }
  }

  /** The local address, also of a closed channel; null if it was neither bound nor connected. */
  SocketAddress localAddress() {
    synchronized (stateLock()) {
      return kernel == null ? localAddress : kernel.socket().getLocalSocketAddress();
    }
  }

  /** The remote address, also of a closed channel; null before a connect is begun. */
  SocketAddress remoteAddress() {
    synchronized (stateLock()) {
      return kernel == null ? remoteAddress : kernel.socket().getRemoteSocketAddress();
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
      return kernel == null ? (T) optionValue(name) : kernel.channel().getOption(name);
    }
  }

  private Object optionValue(SocketOption<?> name) throws SocketException {
    if (name == StandardSocketOptions.SO_SNDBUF) {
      return endpoint.isConnected() ? endpoint.sendCapacityBytes() : sizeOption(name);
    } else if (name == StandardSocketOptions.SO_RCVBUF) {
      return endpoint.isConnected() ? endpoint.receiveCapacityBytes() : sizeOption(name);
    } else if (ExtendedOptions.isPeerCredentials(name)) {
      if (state != State.CONNECTED) {
        throw new SocketException("Invalid argument");
      }
      return ExtendedOptions.principal(endpoint.peerCredentials());
    }
    return options.get(name);
  }

  private int sizeOption(SocketOption<?> name) {
    int asked = (int) options.get(name);
    return asked == 0 ? network.bufferBytes() : asked;
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  // -- half-close and close

  @Override
  public SocketChannel shutdownInput() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      inKernel.channel().shutdownInput();
      return this;
    }
    synchronized (stateLock()) {
      ensureConnectedForShutdown();
      if (inputShut) {
        return this;
      }
      inputShut = true;
    }
    endpoint.shutdownInput();
    return this;
  }

  @Override
  public SocketChannel shutdownOutput() throws IOException {
    KernelSocket inKernel = kernel;
    if (inKernel != null) {
      inKernel.channel().shutdownOutput();
      return this;
    }
    synchronized (stateLock()) {
      ensureConnectedForShutdown();
      if (outputShut) {
        return this;
      }
      outputShut = true;
    }
    endpoint.shutdownOutput();
    return this;
  }

  private void ensureConnectedForShutdown() throws ClosedChannelException {
    ensureOpen();
    if (state != State.CONNECTED) {
      throw new NotYetConnectedException();
    }
  }

  boolean isInputShutdown() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? inputShut : inKernel.socket().isInputShutdown();
  }

  boolean isOutputShutdown() {
    KernelSocket inKernel = kernel;
    return inKernel == null ? outputShut : inKernel.socket().isOutputShutdown();
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

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    boolean reset;
    synchronized (stateLock()) {
      reset = state == State.CONNECTED && lingersNot();
      state = State.CLOSED;
      if (undecided != null) {
        undecided.takeKeys();
      }
    }
    resources.free(reset);
    resources.freeKernel();
  }

  /** Whether a close is a reset: Unix sockets have the option and do not heed it. */
  private boolean lingersNot() {
    return !family.isUnix() && options.getInt(StandardSocketOptions.SO_LINGER) == 0;
  }

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    KernelSocket decided;
    synchronized (stateLock()) {
      if (undecided != null) {
        undecided.configureBlocking(block);
      }
      decided = kernel;
    }
    if (decided != null) { // not under the state lock: it may wait for a blocked read to end
      decided.channel().configureBlocking(block);
    }
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

  // -- for stream operations

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void beginBlocking() {
    begin();
  }

  @Override
  public void endBlocking(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public BlockingOperation reading() {
    if (reading == null) {
      reading = BlockingOperation.forInput(this, network.spinning());
    }
    return reading;
  }

  @Override
  public BlockingOperation writing() {
    if (writing == null) {
      writing = BlockingOperation.forOutput(this, network.spinning());
    }
    return writing;
  }

  @Override
  public long idleNanos() {
    return network.idleNanos();
  }

  @Override
  public void ensureConnected() throws ClosedChannelException {
    if (state != State.CONNECTED) {
      ensureOpen();
      throw new NotYetConnectedException();
    }
  }

  @Override
  public boolean isInputShut() {
    return inputShut;
  }

  @Override
  public void ensureNotReset() throws SocketException {
    if (connectionReset) {
      throw new SocketException("Connection reset");
    }
  }

  @Override
  public void noteReset() {
    connectionReset = true;
  }

  @Override
  public void ensureOutputOpen() throws ClosedChannelException {
    if (outputShut) {
      throw new ClosedChannelException();
    }
  }

  /** A pipe broken by the own shutdown, during the write, is an asynchronous close. */
  @Override
  public IOException writeFailure(IOException failure) {
    return outputShut && !(failure instanceof ClosedChannelException)
        ? new AsynchronousCloseException()
        : failure;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(SocketChannel.class.getName()).append('[');
    synchronized (stateLock()) {
      switch (state) {
        case UNCONNECTED -> text.append("unconnected");
        case PENDING -> text.append("connection-pending");
        case CONNECTED -> {
          text.append("connected");
          text.append(inputShut ? " ishut" : "").append(outputShut ? " oshut" : "");
        }
        case KERNEL -> text.append(kernel.channel());
        case CLOSED -> text.append("closed");
      }
      if (state != State.CLOSED && state != State.KERNEL) {
        text.append(localAddress == null ? "" : " local=" + localAddress);
        text.append(remoteAddress == null ? "" : " remote=" + remoteAddress);
      }
    }
    return text.append(']').toString();
  }
}
