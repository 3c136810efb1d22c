package io.nioring.internal.core;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Waitable;
import io.nioring.internal.names.Binding;
import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.route.Mode;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.List;

/**
 * The life of a stream socket: its state, its names and options, its shut sides, what it holds, and
 * its end.
 *
 * <p>{@link StreamSocket}, the only subclass, adds the operations. Both are one object, which is
 * also the socket's entry in the registry, since the heap of an idle connection is counted in
 * bytes. So nothing in here may refer to the facade. The stream itself is the {@link Endpoint}.
 */
public abstract class SocketState extends ChannelRegistry.Entry implements Way, Waitable {
  /**
   * The life of a socket. States only grow.
   *
   * <pre>{@code
   * UNCONNECTED -> PENDING -> CONNECTED -> CLOSED
   *           \        \____> KERNEL _____/
   *            \_________________________/
   * }</pre>
   */
  enum State {
    /** No connect has begun. */
    UNCONNECTED,
    /** A connect has begun, and the caller has not seen its completion yet. */
    PENDING,
    /** Bytes may be sent and received. */
    CONNECTED,
    /** A connect has begun through the kernel, whose way does everything else. */
    KERNEL,
    /** Closed, for whatever reason. */
    CLOSED
  }

  private static final int INPUT = 1;
  private static final int OUTPUT = 2;

  /** Here, so that its class is there when the first socket is closed for lack of memory. */
  private static final Closing ORDERLY = Closing.ORDERLY;

  private static final VarHandle STATE;
  private static final VarHandle SETUP;
  private static final VarHandle OPTIONS_SET;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(SocketState.class, "state", State.class);
      SETUP = lookup.findVarHandle(SocketState.class, "setup", Setup.class);
      OPTIONS_SET = lookup.findVarHandle(SocketState.class, "optionsSet", OptionValues.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final NetworkResources network;
  final AddressFamily family;
  final Endpoint endpoint;

  // Written under the state lock, which is the monitor of the poll set.

  volatile State state;

  /** The way through the kernel, once that has been decided; null over a ring. */
  private volatile KernelWay kernelWay;

  /** What it has until it is connected over a ring; null from then on. */
  private volatile Setup setup;

  /** Which directions were shut: {@link #INPUT} and {@link #OUTPUT}. One byte: see the class. */
  private volatile byte shut;

  /** The options set; null if there are none, which spares a new socket a fence. */
  private volatile OptionValues optionsSet;

  private Binding binding;

  /** The kernel's part of this socket, which is closed with the rest; null if there is none. */
  private volatile Closeable inKernel;

  /** Guarded by this object's monitor, with the flag below. */
  private SocketAddress ephemeralAddress;

  private boolean freed;

  /** Guarded by the read lock. */
  private boolean connectionReset;

  /** How the reader waits; made at its first wait, under the read lock. */
  private BlockingOperation reading;

  /** How the writer waits; made at its first wait, under the write lock. */
  private BlockingOperation writing;

  /**
   * Makes a socket.
   *
   * @param facade the object that the program holds; referenced weakly
   * @param endpoint its end of the stream: a connected one was accepted, another one is new
   * @param undecided the state to carry over to the kernel; null if the network does not reach it
   * @param options those that it has from the beginning; null for the defaults
   */
  SocketState(
      NetworkResources network,
      AddressFamily family,
      Endpoint endpoint,
      Channel facade,
      Undecided undecided,
      OptionValues options) {
    super(facade, network.registry());
    this.network = network;
    this.family = family;
    this.endpoint = endpoint;
    boolean connected = endpoint.isConnected();
    STATE.set(this, connected ? State.CONNECTED : State.UNCONNECTED); // unpublished
    SETUP.set(this, connected ? null : new Setup(undecided)); // the same
    OPTIONS_SET.set(this, options); // the same
  }

  @Override
  public final Namespace names() {
    return network.names();
  }

  @Override
  public final Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public final PollSet poll() {
    return endpoint.poll();
  }

  final Object stateLock() {
    return endpoint.poll();
  }

  /** What is carried over to the kernel; null if there is nothing. With the state lock held. */
  private Undecided undecided() {
    Setup present = setup;
    return present == null ? null : present.undecided;
  }

  /**
   * The socket itself, which goes over a ring; or the way through the kernel, once that has been
   * decided.
   */
  public final Way way() {
    KernelWay decided = kernelWay;
    return decided == null ? this : decided;
  }

  /** Whether the socket goes over a ring, or may still do so. */
  public final boolean isOnRing() {
    return kernelWay == null;
  }

  /** Which addresses it takes. */
  public final AddressFamily family() {
    return family;
  }

  @Override
  public final boolean isOpen() {
    return state != State.CLOSED;
  }

  final void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  final void ensureConnected() throws ClosedChannelException {
    if (state != State.CONNECTED) {
      ensureOpen();
      throw new NotYetConnectedException();
    }
  }

  // -- connecting

  /**
   * Leaves the unconnected state, or throws.
   *
   * @return the address that the socket is bound to; null if it is unbound
   */
  final SocketAddress beginConnect(SocketAddress remote) throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureOpen();
      boolean viaKernel = state == State.KERNEL;
      if (state == State.CONNECTED || (viaKernel && kernelWay.isConnected())) {
        throw new AlreadyConnectedException();
      } else if (state == State.PENDING || viaKernel) {
        throw new ConnectionPendingException();
      }
      state = State.PENDING;
      setup.remoteAddress = remote;
      return setup.localAddress;
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

  /** Stores the connect that has begun; the listener is null if none was asked. */
  final void requested(ConnectRequest offered, Listener to) {
    Setup present = setup;
    present.listener = to;
    present.request = offered;
  }

  /** The pending connect; null if there is none. */
  final ConnectRequest request() {
    Setup present = setup;
    return present == null ? null : present.request;
  }

  /** Reads each field once: the connect may be finished, and the request dropped, meanwhile. */
  final void cancelRequest() {
    Setup present = setup;
    ConnectRequest pending = present == null ? null : present.request;
    if (pending == null) {
      return;
    }
    Listener offeredTo = present.listener;
    boolean cancelled = offeredTo == null ? pending.cancel() : offeredTo.cancel(pending);
    if (cancelled) {
      network.wire().withdrawn(pending.clientAddress(), pending.serverAddress());
    }
    Observer told = network.wire().observer();
    if (cancelled && told != null && pending.attempt() != null) { // the connect itself has returned
      SocketAddress asked = pending.serverAddress();
      told.connectEnded(pending.attempt(), endpoint, asked, Observer.Outcome.CLOSED);
    }
  }

  /**
   * Completes a pending connect that has succeeded, and drops the request.
   *
   * <p>A close may be in progress: it needs the request only to cancel it, and cancelling does
   * nothing once it is decided. So it does not matter whether {@link #free} finds the request. Nor
   * does it matter to a thread that asks for the readiness without a lock: the state is changed
   * first, and a thread that finds no request reads the state again.
   *
   * @return false if the socket was closed meanwhile
   */
  final boolean markConnected() {
    synchronized (stateLock()) {
      if (state == State.PENDING) {
        state = State.CONNECTED;
        setup = null; // after the state: see pendingReadiness
      }
      return state == State.CONNECTED;
    }
  }

  /** Hands the socket over to the kernel, with all that was set so far. */
  final KernelWay decideKernel() throws IOException {
    synchronized (stateLock()) {
      if (!isOpen()) {
        throw new AsynchronousCloseException();
      }
      KernelWay decided = setup.undecided.open(this);
      state = State.KERNEL;
      kernelWay = decided;
      setup.request = null;
      setup.listener = null;
      return decided;
    }
  }

  /** Gives the kernel's socket the facade's blocking mode, also if that changes right now. */
  final void followBlockingMode(KernelWay decided) throws IOException {
    synchronized (stateLock()) {
      Undecided present = undecided();
      if (present != null) {
        decided.configureBlocking(present.isBlocking());
      }
    }
  }

  /**
   * Attaches the keys to the kernel's socket: after the connect has begun, so that they do not see
   * it unconnected.
   */
  final void attachKeys(Way decided) throws IOException {
    List<RingSelectionKey> following;
    synchronized (stateLock()) {
      Undecided present = undecided();
      following = present == null ? List.of() : present.takeKeys();
      setup.undecided = null;
    }
    for (RingSelectionKey key : following) {
      if (key.isValid()) {
        decided.registered(key);
      }
    }
  }

  /**
   * Notifies the socket of a new key, which is attached to the kernel's socket if that is or
   * becomes the way.
   */
  public final void addKey(RingSelectionKey key) throws IOException {
    if (!network.mayReachKernel()) {
      return;
    }
    key.prepareKernel();
    synchronized (stateLock()) {
      Undecided present = undecided();
      if (present != null) {
        present.add(key);
        return;
      }
    }
    way().registered(key);
  }

  @Override
  public final void registered(RingSelectionKey key) {
    // A ring notifies through the poll set.
  }

  @Override
  public final boolean isConnected() {
    return state == State.CONNECTED;
  }

  @Override
  public final boolean isConnectionPending() {
    return state == State.PENDING;
  }

  // -- names

  @Override
  public final void bind(SocketAddress local) throws IOException {
    Way decided;
    synchronized (stateLock()) {
      ensureOpen();
      decided = kernelWay;
      if (decided == null) {
        implBind(local);
        return;
      }
    }
    decided.bind(local); // not under the state lock: it may wait for a blocked read to end
  }

  private void implBind(SocketAddress local) throws IOException {
    if (state == State.PENDING) {
      throw new ConnectionPendingException();
    }
    if (boundAddress() != null) {
      throw new AlreadyBoundException();
    }
    SocketAddress wanted = local == null ? null : family.check(local);
    if (Binder.modeToBind(network, family, wanted) == Mode.RING) {
      binding = Binder.bindClient(network, family, wanted, false, options());
      setup.localAddress = binding == null ? Binder.UNNAMED : binding.address();
    } else {
      setup.localAddress = setup.undecided.bind(this, wanted);
    }
  }

  /**
   * The address that the socket was bound to or connected from over a ring; null if there is none.
   */
  public final SocketAddress boundAddress() {
    synchronized (stateLock()) {
      return setup == null ? endpoint.localAddress() : setup.localAddress;
    }
  }

  @Override
  public final SocketAddress localAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return boundAddress();
    }
  }

  @Override
  public final SocketAddress remoteAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return lastRemoteAddress();
    }
  }

  @Override
  public final SocketAddress lastLocalAddress() {
    return boundAddress();
  }

  @Override
  public final SocketAddress lastRemoteAddress() {
    synchronized (stateLock()) {
      return setup == null ? endpoint.remoteAddress() : setup.remoteAddress;
    }
  }

  // -- options

  /** The options set so far, while the socket has not been handed over to the kernel. */
  public final OptionValues options() {
    OptionValues set = optionsSet;
    return set == null ? OptionValues.ofStream(family) : set;
  }

  @Override
  public final <T> void setOption(SocketOption<T> name, T value) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (isOnRing()) {
        optionsSet = options().with(name, value);
        endpoint.optionSet();
        if (Binder.isSharing(name)) {
          shareName(name, value);
        }
        return;
      }
    }
    way().setOption(name, value); // decided since
  }

  /** Decides again who else may bind the address of the socket, in the kernel too. */
  private <T> void shareName(SocketOption<T> name, T value) throws IOException {
    if (inKernel instanceof KernelWay bound) {
      bound.setOption(name, value);
    }
    Binder.share(binding, options());
  }

  @Override
  @SuppressWarnings("unchecked") // the value was checked against the option's type when it was set
  public final <T> T option(SocketOption<T> name) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return (T) implOption(name);
    }
  }

  /** The value of an option: a property of the ring or the peer, or the value set. */
  private Object implOption(SocketOption<?> name) throws SocketException {
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
    return options().get(name);
  }

  private int sizeOption(SocketOption<?> name) {
    int asked = (int) options().get(name);
    return network.bufferBytes(asked);
  }

  @Override
  public final void takeUrgentInline(boolean on) {
    endpoint.takeUrgentInline(on);
  }

  @Override
  public final void configureBlocking(boolean block) throws IOException {
    Way decided;
    synchronized (stateLock()) {
      Undecided present = undecided();
      if (present != null) {
        present.configureBlocking(block);
      }
      decided = kernelWay;
    }
    if (decided != null) { // not under the state lock: it may wait for a blocked read to end
      decided.configureBlocking(block);
    }
  }

  // -- half-close

  @Override
  public final void shutdownInput() throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureConnected();
      if (isInputShut()) {
        return;
      }
      shut = (byte) (shut | INPUT);
    }
    endpoint.shutdownInput();
  }

  @Override
  public final void shutdownOutput() throws ClosedChannelException {
    synchronized (stateLock()) {
      ensureConnected();
      if (isOutputShut()) {
        return;
      }
      shut = (byte) (shut | OUTPUT);
    }
    endpoint.shutdownOutput();
  }

  @Override
  public final boolean isInputShut() {
    return (shut & INPUT) != 0;
  }

  @Override
  public final boolean isOutputShut() {
    return (shut & OUTPUT) != 0;
  }

  // -- for operations, under the lock of their side

  final void ensureNotReset() throws SocketException {
    if (connectionReset) {
      throw new SocketException("Connection reset");
    }
  }

  final void noteReset() {
    connectionReset = true;
  }

  final BlockingOperation reading() {
    if (reading == null) {
      reading = BlockingOperation.forInput(this, network);
    }
    return reading;
  }

  final BlockingOperation writing() {
    if (writing == null) {
      writing = BlockingOperation.forOutput(this, network);
    }
    return writing;
  }

  // -- readiness

  /**
   * The bits of {@link Readiness} that hold now.
   *
   * @param wanted as {@link Endpoint#readiness}
   */
  @Override
  public final int readiness(int wanted) {
    State now = state;
    return now == State.CONNECTED ? endpoint.readiness(wanted) : readinessOf(now);
  }

  /**
   * No switch: its table is in a class of its own, which a selector would first meet when something
   * was closed for lack of memory, and which would be lost to the JVM then.
   */
  private int readinessOf(State now) {
    if (now == State.UNCONNECTED || now == State.CLOSED) {
      return Readiness.OUT | Readiness.HUP;
    } else if (now == State.PENDING) {
      return pendingReadiness();
    }
    return now == State.CONNECTED
        ? endpoint.readiness(Readiness.ALL)
        : 0; // the kernel's selector reports it
  }

  private int pendingReadiness() {
    ConnectRequest present = request();
    if (present == null) { // not offered yet, or finished since we read the state
      return state == State.PENDING ? 0 : readiness(Readiness.ALL);
    }
    return switch (present.state()) {
      case WAITING -> 0;
      case CONNECTED -> endpoint.readiness(Readiness.ALL);
      case REFUSED, CANCELLED ->
          Readiness.IN | Readiness.OUT | Readiness.ERR | Readiness.HUP | Readiness.RDHUP;
    };
  }

  // -- what it holds, and the end

  /** Stores the name that the socket has in the namespace; null if there is none. */
  public final void bound(Binding taken) {
    binding = taken;
  }

  /** The name that the socket was bound to in the namespace; null if there is none. */
  final Binding binding() {
    synchronized (stateLock()) {
      return binding;
    }
  }

  /** Stores the kernel's part of this socket, to be closed with the rest. */
  public final void owns(Closeable ofKernel) {
    inKernel = ofKernel;
  }

  /**
   * Stores a port that was chosen for a connect; it is released at once if the socket was freed
   * meanwhile. One stored earlier, for an offer that was refused, is released too.
   */
  final synchronized void tookEphemeral(SocketAddress address) {
    giveBack(freed ? address : ephemeralAddress);
    ephemeralAddress = freed ? null : address;
  }

  private void giveBack(SocketAddress address) {
    if (address != null) {
      network.names().giveClientAddress(address);
    }
  }

  private synchronized void giveEphemeralBack() {
    freed = true;
    giveBack(ephemeralAddress);
  }

  /** Ends the socket; called by its facade, which has been marked as closed. */
  public final void close() throws IOException {
    close(false);
  }

  /**
   * Ends the socket; called by its facade, which has been marked as closed.
   *
   * @param outputFirst whether the platform shuts the output first, as it does for a plain socket
   *     and for a channel that is registered with a selector
   */
  public final void close(boolean outputFirst) throws IOException {
    Closing how = ORDERLY;
    try {
      synchronized (stateLock()) {
        how = closing(outputFirst);
        state = State.CLOSED;
        Undecided present = undecided();
        if (present != null) {
          present.takeKeys();
        }
      }
    } finally {
      freeAll(how);
    }
  }

  private void freeAll(Closing how) throws IOException {
    try {
      free(how);
    } finally {
      freeKernel();
    }
  }

  /**
   * How the platform closes a socket. A connected channel that is registered is only shut down
   * until it has left its selectors, and a plain socket is shut down too, unless the linger time is
   * 0. Unix sockets have that option and ignore it.
   */
  private Closing closing(boolean outputFirst) {
    if (!family.isUnix() && options().lingerSeconds() == 0) {
      return Closing.RESET;
    }
    boolean shutsFirst = outputFirst && !network.verdicts().isProcessEnding();
    return state == State.CONNECTED && shutsFirst ? Closing.OUTPUT_FIRST : ORDERLY;
  }

  /** Frees everything except the kernel's part, once. */
  private void free(Closing how) {
    if (!remove()) {
      return;
    }
    try { // each part, even if the previous one failed
      cancelRequest();
    } finally {
      try {
        network.registry().rights().close(endpoint, how);
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

  /** Closes the kernel's part; may be called repeatedly. */
  private void freeKernel() throws IOException {
    Closeable ofKernel = inKernel;
    if (ofKernel != null) {
      ofKernel.close();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A connection stays open to its peer, as on the platform, which sees silence and no end. All
   * is freed when the peer has closed or was dropped too. A socket whose way is the kernel stays as
   * it is, and one that is not connected yet is freed at once. A plain socket is closed, and so is
   * a channel that was in flight.
   */
  @Override
  public final boolean freeDropped() throws IOException {
    if (isClosedWhenDropped()) {
      closeAbandoned();
      return true;
    }
    if (state == State.KERNEL && kernelWay.isOpen()) {
      return false;
    }
    if (!endpoint.isConnected() || endpoint.isPeerAway()) {
      closeAbandoned();
      return true;
    }
    if (!endpoint.isAbandoned()) {
      try {
        endpoint.leaveSilently();
      } finally {
        network.registry().rights().close(endpoint.rightsInFlight());
      }
    }
    return false;
  }

  @Override
  public final void closeAbandoned() throws IOException {
    boolean inFlight = family.isUnix() && isClosedWhenDropped(); // plain sockets have no Unix names
    freeAll(inFlight ? Closing.COLLECTED : Closing.DROPPED);
  }

  /**
   * A snapshot of the socket; null if it was closed.
   *
   * @param reused is filled in and returned if the socket is connected over a ring, as one of
   *     thousands; made here, or by another such socket
   */
  public final SocketSnapshot snapshot(SocketSnapshot reused) {
    State now = state;
    if (now == State.CLOSED) {
      return null;
    }
    SocketSnapshot row = now == State.CONNECTED ? reused : new SocketSnapshot();
    if (now == State.CONNECTED) {
      row.take(endpoint);
    } else {
      takeUnconnected(row, now);
    }
    row.unix = family.isUnix();
    row.ageNanos = ageNanos();
    row.optionsSet = optionsSet;
    row.takeWaiting(poll(), reading, writing, readiness(Readiness.ALL));
    return row;
  }

  private void takeUnconnected(SocketSnapshot row, State now) {
    Way decided = way();
    row.kernel = now == State.KERNEL;
    row.client = row.kernel || now == State.PENDING;
    row.local = decided.lastLocalAddress();
    row.remote = decided.lastRemoteAddress();
    if (row.kernel && decided.isConnected()) {
      row.state = SocketSnapshot.State.ESTAB;
    } else if (row.client) {
      row.state = SocketSnapshot.State.SYN_SENT;
    }
  }

  /**
   * A description of the socket with its state and addresses, for a facade's {@code toString}.
   *
   * @param name the name of the facade's class
   */
  public final String describe(String name) {
    StringBuilder text = new StringBuilder(name).append('[');
    synchronized (stateLock()) {
      switch (state) {
        case UNCONNECTED -> text.append("unconnected");
        case PENDING -> text.append("connection-pending");
        case CONNECTED -> {
          text.append("connected");
          text.append(isInputShut() ? " ishut" : "").append(isOutputShut() ? " oshut" : "");
        }
        case KERNEL -> {
          return kernelWay.toString();
        }
        case CLOSED -> text.append("closed");
      }
      if (state != State.CLOSED) {
        SocketAddress local = boundAddress();
        SocketAddress remote = lastRemoteAddress();
        text.append(local == null ? "" : " local=" + local);
        text.append(remote == null ? "" : " remote=" + remote);
      }
    }
    return text.append(']').toString();
  }
}
