package io.nioring.channel;

import io.nioring.namespace.Binding;
import io.nioring.namespace.ConnectRequest;
import io.nioring.namespace.Listener;
import io.nioring.poll.PollSet;
import io.nioring.poll.Readiness;
import io.nioring.select.RingSelectable;
import io.nioring.stream.Endpoint;
import java.io.IOException;
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
import java.util.Objects;
import java.util.Set;

/**
 * A socket channel whose bytes go through rings.
 *
 * <p>A facade: the stream itself is the {@link Endpoint}. What a method checks, in which order, and
 * what it throws follows the platform's socket channels. Thread-safe, as {@link SocketChannel}
 * specifies: one read and one write may go on at the same time.
 */
public final class RingSocketChannel extends SocketChannel
    implements RingSelectable, StreamChannel {
  /**
   * The life of a channel. States only grow.
   *
   * <pre>{@code
   *   UNCONNECTED -> PENDING -> CONNECTED -> CLOSED
   *             \________\_________________/
   * }</pre>
   */
  private enum State {
    /** No connect was begun. */
    UNCONNECTED,
    /** A connect was begun, and its end was not seen by the caller yet. */
    PENDING,
    /** Bytes may go. */
    CONNECTED,
    /** Closed, for whatever reason. */
    CLOSED
  }

  private static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

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

  /** Guarded by the read lock. */
  private boolean connectionReset;

  /** How the reader waits; made when it first does, under the read lock. */
  private BlockingOperation reading;

  /** How the writer waits; made when it first does, under the write lock. */
  private BlockingOperation writing;

  /** Opens an unconnected channel. */
  public RingSocketChannel(NetworkResources network, AddressFamily family) {
    this(network, family, new Endpoint(), State.UNCONNECTED);
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
    network.registry().add(resources);
  }

  /** Makes the channel of an accepted connection. */
  static RingSocketChannel accepted(
      NetworkResources network, AddressFamily family, Endpoint endpoint) {
    var channel = new RingSocketChannel(network, family, endpoint, State.CONNECTED);
    channel.localAddress = endpoint.localAddress();
    channel.remoteAddress = endpoint.remoteAddress();
    return channel;
  }

  private Object stateLock() {
    return endpoint.poll();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  private void ensureOpenAndConnected() throws ClosedChannelException {
    State now = state;
    if (now != State.CONNECTED) {
      ensureOpen();
      throw new NotYetConnectedException();
    }
  }

  // -- reading

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    int count;
    endpoint.lockRead();
    try {
      ensureOpenAndConnected();
      count = readLocked(dst, Deadline.NONE);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }

  private int readLocked(ByteBuffer dst, Deadline deadline) throws IOException {
    ensureNotReset();
    if (inputShut) {
      return -1;
    }
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    if (!dst.hasRemaining()) {
      return 0;
    }
    try {
      return StreamReads.read(this, dst, deadline, network.idleNanos());
    } catch (SocketException e) {
      return endedByReset(e);
    }
  }

  /** A reset is remembered, so that later reads fail too; an own shutdown wins. */
  private int endedByReset(SocketException reset) throws SocketException {
    connectionReset = true;
    if (inputShut) {
      return -1;
    }
    throw reset;
  }

  private void ensureNotReset() throws SocketException {
    if (connectionReset && !inputShut) {
      throw new SocketException("Connection reset");
    }
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    long count;
    endpoint.lockRead();
    try {
      ensureOpenAndConnected();
      count = readScatteredLocked(dsts, offset, length);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }

  private long readScatteredLocked(ByteBuffer[] dsts, int offset, int length) throws IOException {
    ensureNotReset();
    if (inputShut) {
      return -1;
    }
    for (int i = offset; i < offset + length; i++) {
      if (dsts[i].isReadOnly()) {
        throw new IllegalArgumentException("Read-only buffer");
      }
    }
    try {
      return StreamReads.readScattered(this, dsts, offset, length, network.idleNanos());
    } catch (SocketException e) {
      return endedByReset(e);
    }
  }

  /**
   * Reads for the socket adaptor: waits whatever the channel's mode was at the start.
   *
   * @throws SocketTimeoutException if the deadline passed
   */
  int readUntil(ByteBuffer dst, Deadline deadline) throws IOException {
    int count;
    endpoint.lockRead();
    try {
      ensureOpenAndConnected();
      count = readLocked(dst, deadline);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }

  /** How many bytes can be read at once, for the socket adaptor. */
  int available() throws IOException {
    ensureOpenAndConnected();
    return inputShut ? 0 : endpoint.available();
  }

  // -- writing

  @Override
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    int count;
    endpoint.lockWrite();
    try {
      ensureOpenAndConnected();
      ensureOutputOpen();
      count = StreamWrites.write(this, src);
    } catch (IOException e) {
      throw writeFailure(e);
    } finally {
      endpoint.unlockWrite();
    }
    if (count > 0) {
      endpoint.wakePeerReader();
    }
    return count;
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    long count;
    endpoint.lockWrite();
    try {
      ensureOpenAndConnected();
      ensureOutputOpen();
      count = StreamWrites.writeGathered(this, srcs, offset, length);
    } catch (IOException e) {
      throw writeFailure(e);
    } finally {
      endpoint.unlockWrite();
    }
    if (count > 0) {
      endpoint.wakePeerReader();
    }
    return count;
  }

  private void ensureOutputOpen() throws ClosedChannelException {
    if (outputShut) {
      throw new ClosedChannelException();
    }
  }

  /** A pipe broken by the own shutdown, during the write, is an asynchronous close. */
  private IOException writeFailure(IOException failure) {
    return outputShut && !(failure instanceof ClosedChannelException)
        ? new AsynchronousCloseException()
        : failure;
  }

  /**
   * Writes a byte of urgent data: in band if the peer asked for that, and otherwise not at all.
   *
   * @throws IOException "Socket buffer full" if there is no room
   */
  void writeUrgent(byte data) throws IOException {
    int count;
    endpoint.lockWrite();
    try {
      ensureOpenAndConnected();
      ensureOutputOpen();
      count = endpoint.writeUrgent(data);
    } finally {
      endpoint.unlockWrite();
    }
    if (count == 0) {
      throw new IOException("Socket buffer full");
    }
    endpoint.wakePeerReader();
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
      endpoint.lockRead();
      try {
        endpoint.lockWrite();
        try {
          return connectLocked(checked, deadline);
        } finally {
          endpoint.unlockWrite();
        }
      } finally {
        endpoint.unlockRead();
      }
    } catch (IOException e) {
      close(); // a connect that failed closes the channel, as SocketChannel specifies
      throw e;
    }
  }

  private boolean connectLocked(SocketAddress remote, Deadline deadline) throws IOException {
    boolean blocking = isBlocking();
    boolean connected = false;
    if (blocking) {
      beginBlocking();
    }
    try {
      offer(remote, blocking);
      if (blocking) {
        awaitDecision(deadline);
      }
      connected = (blocking || family.isUnix()) && finishIfDecided();
    } finally {
      if (blocking) {
        endBlocking(connected);
      }
    }
    return connected;
  }

  /** Looks the address up and offers a request to who listens there. */
  private void offer(SocketAddress remote, boolean blocking) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (state == State.CONNECTED) {
        throw new AlreadyConnectedException();
      }
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      state = State.PENDING;
      remoteAddress = remote;
    }
    boolean mayWait = blocking || !family.isUnix();
    ConnectRequest.State decided =
        family.isUnix()
            ? offerUnix((UnixDomainSocketAddress) remote, mayWait)
            : offerInet(AddressFamily.toConnect((InetSocketAddress) remote), mayWait);
    if (decided == ConnectRequest.State.WAITING && !mayWait) {
      throw new SocketException("Resource temporarily unavailable");
    }
  }

  private ConnectRequest.State offerUnix(UnixDomainSocketAddress remote, boolean mayWait)
      throws SocketException {
    Listener listener = network.names().lookup(remote);
    Binding own = resources.binding();
    SocketAddress local = own == null ? UNNAMED : own.address();
    return offerTo(listener, local, remote, mayWait);
  }

  private ConnectRequest.State offerInet(InetSocketAddress remote, boolean mayWait) {
    Listener listener = network.names().lookup(remote);
    if (listener == null) {
      return offerTo(null, null, remote, mayWait);
    }
    return offerTo(listener, clientAddress(remote), remote, mayWait);
  }

  /** The address that the server sees: the bound one, completed, or one that is chosen. */
  private InetSocketAddress clientAddress(InetSocketAddress remote) {
    Binding own = resources.binding();
    if (own == null) {
      InetSocketAddress chosen = network.names().takeClientAddress(remote.getAddress());
      resources.tookEphemeral(chosen);
      return chosen;
    }
    InetSocketAddress bound = (InetSocketAddress) own.address();
    return bound.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(
            network.names().sourceFor(remote.getAddress()), bound.getPort())
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
    return listener.offer(request, mayWait);
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
        network.counters().ringConnected();
      }
      return state == State.CONNECTED;
    }
  }

  @Override
  public boolean finishConnect() throws IOException {
    try {
      endpoint.lockRead();
      try {
        endpoint.lockWrite();
        try {
          return state == State.CONNECTED || finishConnectLocked();
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
  }

  private boolean finishConnectLocked() throws IOException {
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
    return state == State.CONNECTED;
  }

  @Override
  public boolean isConnectionPending() {
    return state == State.PENDING;
  }

  // -- names

  @Override
  public SocketChannel bind(SocketAddress local) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      if (localAddress != null) {
        throw new AlreadyBoundException();
      }
      if (family.isUnix()) {
        bindUnix(local);
      } else {
        SocketAddress wanted = local == null ? family.anyAddress() : family.check(local);
        resources.bound(
            network
                .names()
                .bind(
                    family.toBind((InetSocketAddress) wanted),
                    family == AddressFamily.INET,
                    options.getBoolean(StandardSocketOptions.SO_REUSEPORT)));
      }
      localAddress = resources.binding() == null ? null : resources.binding().address();
    }
    return this;
  }

  /** Binds a Unix client; null and the empty path leave it unnamed. */
  private void bindUnix(SocketAddress local) throws IOException {
    if (local != null) {
      UnixDomainSocketAddress wanted = (UnixDomainSocketAddress) family.check(local);
      if (!wanted.getPath().toString().isEmpty()) {
        resources.bound(network.names().bind(wanted));
      }
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return localAddress;
    }
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return remoteAddress;
    }
  }

  /** The local address, also of a closed channel; null if it was neither bound nor connected. */
  SocketAddress localAddress() {
    synchronized (stateLock()) {
      return localAddress;
    }
  }

  /** The remote address, also of a closed channel; null before a connect is begun. */
  SocketAddress remoteAddress() {
    synchronized (stateLock()) {
      return remoteAddress;
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
      options.set(name, value);
    }
    return this;
  }

  @Override
  @SuppressWarnings("unchecked") // the value was checked against the option's type when it was set
  public <T> T getOption(SocketOption<T> name) throws IOException {
    options.ensureSupported(name);
    synchronized (stateLock()) {
      ensureOpen();
      return (T) optionValue(name);
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
      return ExtendedOptions.credentialsOfProcess();
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

  boolean isInputShut() {
    return inputShut;
  }

  boolean isOutputShut() {
    return outputShut;
  }

  @Override
  protected void implCloseSelectableChannel() {
    boolean reset;
    synchronized (stateLock()) {
      reset = state == State.CONNECTED && options.getInt(StandardSocketOptions.SO_LINGER) == 0;
      state = State.CLOSED;
    }
    resources.free(reset);
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag; a ring has nothing to switch.
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return endpoint.poll();
  }

  @Override
  public int readiness() {
    return switch (state) {
      case CONNECTED -> endpoint.readiness();
      case PENDING -> pendingReadiness();
      case UNCONNECTED, CLOSED -> Readiness.OUT | Readiness.HUP;
    };
  }

  private int pendingReadiness() {
    ConnectRequest request = resources.request();
    if (request == null || request.state() == ConnectRequest.State.WAITING) {
      return 0;
    }
    return request.state() == ConnectRequest.State.CONNECTED
        ? endpoint.readiness()
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
      reading = BlockingOperation.forInput(this, network.spinNanos());
    }
    return reading;
  }

  @Override
  public BlockingOperation writing() {
    if (writing == null) {
      writing = BlockingOperation.forOutput(this, network.spinNanos());
    }
    return writing;
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
        case CLOSED -> text.append("closed");
      }
      if (state != State.CLOSED) {
        text.append(localAddress == null ? "" : " local=" + localAddress);
        text.append(remoteAddress == null ? "" : " remote=" + remoteAddress);
      }
    }
    return text.append(']').toString();
  }
}
