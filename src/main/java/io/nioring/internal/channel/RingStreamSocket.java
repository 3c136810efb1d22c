package io.nioring.internal.channel;

import io.nioring.internal.names.Binding;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;

/**
 * The life of a socket channel: its state, its names, its shut sides, and its end.
 *
 * <p>{@link RingSocketChannel} is the facade on top, and the only subclass. It is a superclass, not
 * a part, since the heap of an idle connection is counted in bytes. The stream itself is the {@link
 * Endpoint}.
 */
abstract class RingStreamSocket extends SocketChannel implements RingSelectable, StreamChannel {
  /**
   * The life of a channel. States only grow.
   *
   * <pre>{@code
   * UNCONNECTED -> PENDING -> CONNECTED -> CLOSED
   *           \        \____> KERNEL _____/
   *            \_________________________/
   * }</pre>
   */
  enum State {
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

  final NetworkResources network;
  final AddressFamily family;
  final Endpoint endpoint;
  final SocketResources resources;
  final OptionValues options;

  // Written under the state lock, which is the monitor of the poll set.

  volatile State state;
  private volatile boolean inputShut;
  private volatile boolean outputShut;
  private SocketAddress localAddress;
  private SocketAddress remoteAddress;

  /** What does the work if the kernel is the way; null otherwise. */
  volatile KernelSocket kernel;

  /** What goes along to the kernel; null once that is decided, or if the kernel is out of reach. */
  UndecidedSocket undecided;

  /** Guarded by the read lock. */
  private boolean connectionReset;

  /** How the reader waits; made when it first does, under the read lock. */
  private BlockingOperation reading;

  /** How the writer waits; made when it first does, under the write lock. */
  private BlockingOperation writing;

  /**
   * Makes a channel.
   *
   * @param endpoint its end of the stream: a connected one was accepted, another one is new
   */
  RingStreamSocket(NetworkResources network, AddressFamily family, Endpoint endpoint) {
    super(network.provider());
    boolean accepted = endpoint.isConnected();
    this.network = network;
    this.family = family;
    this.endpoint = endpoint;
    this.localAddress = endpoint.localAddress();
    this.remoteAddress = endpoint.remoteAddress();
    this.state = accepted ? State.CONNECTED : State.UNCONNECTED;
    this.options =
        new OptionValues(
            family.isUnix() ? OptionValues.Kind.UNIX_STREAM : OptionValues.Kind.INET_STREAM);
    this.resources = new SocketResources(this, network, endpoint);
    this.undecided =
        accepted || !network.mayReachKernel()
            ? null
            : new UndecidedSocket(network, family, resources);
    network.registry().add(resources);
  }

  final Object stateLock() {
    return endpoint.poll();
  }

  final void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // -- connecting

  /** Leaves the unconnected state, or says why not. */
  final void beginConnect(SocketAddress remote) throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      switch (state) {
        case UNCONNECTED -> {
          state = State.PENDING;
          remoteAddress = remote;
        }
        case PENDING -> throw new ConnectionPendingException();
        case CONNECTED -> throw new AlreadyConnectedException();
        case KERNEL ->
            throw kernel.channel().isConnected()
                ? new AlreadyConnectedException()
                : new ConnectionPendingException();
        case CLOSED -> throw new ClosedChannelException();
      }
    }
  }

  /** Refuses to finish a connect that is not pending. */
  final void ensurePending() throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      if (state != State.PENDING) {
        throw new NoConnectionPendingException();
      }
    }
  }

  /**
   * Ends a pending connect that went well.
   *
   * @return false if the channel was closed meanwhile
   */
  final boolean markConnected() {
    synchronized (stateLock()) {
      if (state == State.PENDING) {
        localAddress = endpoint.localAddress();
        remoteAddress = endpoint.remoteAddress();
        state = State.CONNECTED;
        resources.finished(); // after the state: see pendingReadiness
        undecided = null;
      }
      return state == State.CONNECTED;
    }
  }

  /** Makes the kernel the way, with all that was set so far. */
  final KernelSocket decideKernel() throws IOException {
    synchronized (stateLock()) {
      if (!isOpen()) {
        throw new AsynchronousCloseException();
      }
      KernelSocket decided = undecided.open(options, localAddress, endpoint.takesUrgentInline());
      state = State.KERNEL;
      kernel = decided;
      resources.finished();
      return decided;
    }
  }

  // -- names and options, under the state lock

  final SocketAddress implLocalAddress() {
    return localAddress;
  }

  final SocketAddress implRemoteAddress() {
    return remoteAddress;
  }

  final void implBindInRing(SocketAddress wanted) throws IOException {
    Binding binding = Binder.bindClient(network, family, wanted, options);
    resources.bound(binding);
    localAddress = binding == null ? Binder.UNNAMED : binding.address();
  }

  final void implBindInKernel(SocketAddress wanted) throws IOException {
    localAddress = undecided.bind(wanted, options);
  }

  /** The value of an option: what the ring or the peer is, or what was set. */
  final Object implOption(SocketOption<?> name) throws SocketException {
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

  // -- half-close and close

  final void implShutdownInput() throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      ensureConnected();
      if (inputShut) {
        return;
      }
      inputShut = true;
    }
    endpoint.shutdownInput();
  }

  final void implShutdownOutput() throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      ensureConnected();
      if (outputShut) {
        return;
      }
      outputShut = true;
    }
    endpoint.shutdownOutput();
  }

  @Override
  protected final void implCloseSelectableChannel() throws IOException {
    boolean reset = false;
    try {
      synchronized (stateLock()) {
        reset = state == State.CONNECTED && lingersNot();
        state = State.CLOSED;
        if (undecided != null) {
          undecided.takeKeys();
        }
      }
    } finally {
      freeAll(reset);
    }
  }

  private void freeAll(boolean reset) throws IOException {
    try {
      resources.free(reset);
    } finally {
      resources.freeKernel();
    }
  }

  /** Whether a close is a reset: Unix sockets have the option and do not heed it. */
  private boolean lingersNot() {
    return !family.isUnix() && options.getInt(StandardSocketOptions.SO_LINGER) == 0;
  }

  @Override
  protected final void implConfigureBlocking(boolean block) throws IOException {
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

  // -- for stream operations

  @Override
  public final Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public final void beginBlocking() {
    begin();
  }

  @Override
  public final void endBlocking(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public final BlockingOperation reading() {
    if (reading == null) {
      reading = BlockingOperation.forInput(this, network.spinning());
    }
    return reading;
  }

  @Override
  public final BlockingOperation writing() {
    if (writing == null) {
      writing = BlockingOperation.forOutput(this, network.spinning());
    }
    return writing;
  }

  @Override
  public final int peersHeadStart() {
    return endpoint.peersHeadStart();
  }

  @Override
  public final boolean maySpin() {
    return network.spinning().maySpin();
  }

  @Override
  public final long idleNanos() {
    return network.idleNanos();
  }

  @Override
  public final void ensureConnected() throws ClosedChannelException {
    if (state != State.CONNECTED) {
      ensureOpen();
      throw new NotYetConnectedException();
    }
  }

  @Override
  public final boolean isInputShut() {
    return inputShut;
  }

  final boolean isOutputShut() {
    return outputShut;
  }

  @Override
  public final void ensureNotReset() throws SocketException {
    if (connectionReset) {
      throw new SocketException("Connection reset");
    }
  }

  @Override
  public final void noteReset() {
    connectionReset = true;
  }

  @Override
  public final void ensureOutputOpen() throws ClosedChannelException {
    if (outputShut) {
      throw new ClosedChannelException();
    }
  }

  /** A pipe broken by the own shutdown, during the write, is an asynchronous close. */
  @Override
  public final IOException writeFailure(IOException failure) {
    return outputShut && !(failure instanceof ClosedChannelException)
        ? new AsynchronousCloseException()
        : failure;
  }

  @Override
  public final String toString() {
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
