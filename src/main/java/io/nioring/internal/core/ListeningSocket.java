package io.nioring.internal.core;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.blocking.Waitable;
import io.nioring.internal.names.Binding;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.time.Deadline;
import io.nioring.internal.time.TurnLock;
import io.nioring.route.Mode;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.Reference;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;

/**
 * A listening socket over rings, without a facade: binding, listening, accepting, and closing.
 *
 * <p>Queue and backlog are the {@link Listener}'s. The socket is its own entry in the registry: it
 * does not refer to its facade. A network that reaches the kernel has a subclass that listens there
 * too. Thread-safe; one thread at a time accepts.
 */
public class ListeningSocket extends ChannelRegistry.Entry implements Waitable {
  /** Counts a connection over a ring each time it is run. */
  private record RingCount(TrafficCounters counters) implements Runnable {
    @Override
    public void run() {
      counters.ringConnected();
    }
  }

  private static final int DEFAULT_BACKLOG = 50;

  private final NetworkResources network;
  private final AddressFamily family;
  private final Listener listener;

  /** Admits one accepting thread at a time. */
  private final TurnLock acceptLock = new TurnLock();

  /** How the accepting thread waits; made at its first wait, under the accept lock. */
  private BlockingOperation accepting;

  // Written under the state lock, which is the monitor of the poll set.

  private volatile OptionValues options;
  private volatile SocketAddress localAddress;
  private volatile Binding binding;
  private volatile boolean closed;

  /**
   * Makes an unbound socket, which {@link #open} adds to the registry.
   *
   * @param facade the object that the program will hold; referenced weakly
   * @param options the supported options, none of them set
   */
  public ListeningSocket(
      NetworkResources network, AddressFamily family, Channel facade, OptionValues options) {
    super(facade, network.registry());
    this.network = network;
    this.family = family;
    this.listener =
        network
            .verdicts()
            .listener(network.wire(), network.identity(), new RingCount(network.counters()));
    this.options = options;
  }

  /**
   * Adds the socket to its network.
   *
   * @return the same object
   * @throws IllegalStateException if the network was closed
   */
  public final ListeningSocket open() {
    network.registry().add(this);
    return this;
  }

  @Override
  public final Namespace names() {
    return network.names();
  }

  /** The network of the socket. */
  protected final NetworkResources network() {
    return network;
  }

  /** Which addresses it takes. */
  public final AddressFamily family() {
    return family;
  }

  /** The state lock; nothing that waits or wakes is called with it held. */
  protected final Object stateLock() {
    return listener.poll();
  }

  @Override
  public final PollSet poll() {
    return listener.poll();
  }

  /** The present {@link io.nioring.internal.poll.Readiness} of the ring's queue. */
  @Override
  public int readiness(int wanted) {
    return listener.readiness();
  }

  @Override
  public final boolean isOpen() {
    return !closed;
  }

  private void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public final Endpoint endpoint() {
    return null;
  }

  // -- binding

  /**
   * Binds the socket and begins to listen.
   *
   * @param local the address; null for any
   * @param backlog how many connections may be queued; less than one for the default
   */
  public final void bind(SocketAddress local, int backlog) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (localAddress != null) {
        throw new AlreadyBoundException();
      }
      SocketAddress wanted = local == null ? null : family.check(local);
      localAddress = implBind(wanted, backlog < 1 ? DEFAULT_BACKLOG : backlog);
    }
    bound();
  }

  /**
   * Binds the socket, under the state lock.
   *
   * @return the bound address
   */
  protected SocketAddress implBind(SocketAddress wanted, int backlog) throws IOException {
    return listenInRing(wanted, Mode.RING, backlog);
  }

  /** Called after the bind, without a lock. */
  protected void bound() throws IOException {}

  /** Takes the address in the namespace and listens there. */
  protected final SocketAddress listenInRing(SocketAddress wanted, Mode mode, int backlog)
      throws IOException {
    Binding taken = Binder.bindServer(network, family, wanted, mode, options);
    if (taken == null) {
      return wanted; // a file that cannot be identified: only the kernel listens
    }
    try {
      listener.listen(backlog, taken.address());
      taken.listen(listener);
      binding = taken;
      return taken.address();
    } catch (RuntimeException | Error e) {
      taken.release();
      throw e;
    }
  }

  /** Whether the socket is bound for rings, rather than unbound or bound only in the kernel. */
  protected final boolean isBoundInRing() {
    return binding != null;
  }

  /** The bound address; null before the bind. */
  public final SocketAddress localAddress() {
    return localAddress;
  }

  // -- accepting

  /**
   * Accepts a connection, or waits for one if the facade waits.
   *
   * @param deadline when the wait ends
   * @param acceptor makes the result
   * @return null if there is none and the facade is non-blocking
   * @throws SocketTimeoutException if the deadline passed
   */
  public final <T extends Closeable> T accept(
      Facade facade, Deadline deadline, Acceptor<T> acceptor) throws IOException {
    if (!network.clock().lock(acceptLock, deadline)) {
      throw new SocketTimeoutException("Accept timed out");
    }
    try {
      return acceptLocked(facade, deadline, acceptor);
    } finally {
      acceptLock.unlock();
      Reference.reachabilityFence(facade); // it may hold the channels in flight to the accepted one
    }
  }

  private <T extends Closeable> T acceptLocked(
      Facade facade, Deadline deadline, Acceptor<T> acceptor) throws IOException {
    ensureOpen(); // before the wait: closed already is not closed asynchronously
    boolean waits = facade.isBlocking();
    if (waits && Thread.currentThread().isInterrupted()) {
      facade.beginInterrupted();
    }
    if (localAddress == null) {
      throw new NotYetBoundException();
    }
    T accepted = acceptNow(acceptor, !waits);
    return accepted == null && waits ? awaitConnection(facade, deadline, acceptor) : accepted;
  }

  private <T extends Closeable> T awaitConnection(
      Facade facade, Deadline deadline, Acceptor<T> acceptor) throws IOException {
    T accepted = null;
    facade.beginWait();
    try {
      while (accepted == null && isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Accept timed out");
        }
        boolean elsewhere = await(facade, left);
        accepted = isOpen() ? acceptNow(acceptor, elsewhere) : null;
      }
    } finally {
      endAccept(facade, accepted);
    }
    return accepted;
  }

  /**
   * Ends the wait; if the thread was interrupted, a connection that was just accepted is closed.
   */
  private static void endAccept(Facade facade, Closeable accepted) throws IOException {
    boolean given = false;
    try {
      facade.endWait(accepted != null);
      given = true;
    } finally {
      if (!given && accepted != null) {
        accepted.close();
      }
    }
  }

  /**
   * A queued connection; null if there is none.
   *
   * @param everywhere whether to check the kernel too, not only the ring's queue; that has a cost
   */
  protected <T extends Closeable> T acceptNow(Acceptor<T> acceptor, boolean everywhere)
      throws IOException {
    return acceptOverRing(acceptor);
  }

  /** A connection from the ring's queue; null if there is none. */
  protected final <T extends Closeable> T acceptOverRing(Acceptor<T> acceptor) throws IOException {
    listener.beforeAccept();
    Endpoint accepted = listener.accept();
    if (accepted == null) {
      return null;
    }
    try {
      network.counters().ringAccepted();
      tellAccepted(accepted);
      accepted.stopHolding();
      return opened(accepted, acceptor.overRing(accepted, options.inherited()));
    } catch (IllegalStateException e) {
      throw new AsynchronousCloseException(); // the network was closed, and this socket with it
    } catch (RuntimeException | Error e) {
      network.registry().rights().close(accepted, Closing.RESET);
      throw e;
    }
  }

  /** Whoever ends all sockets of a host at once does not see one that an accept is making. */
  private <T extends Closeable> T opened(Endpoint accepted, T made) throws IOException {
    if (accepted.isClosed() && !isOpen()) {
      made.close();
      throw new AsynchronousCloseException();
    }
    return made;
  }

  private void tellAccepted(Endpoint accepted) {
    Observer told = network.wire().observer();
    if (told != null) {
      try {
        told.accepted(accepted, listener.pending());
      } catch (VirtualMachineError | LinkageError e) {
        // The report is lost, but the connection is not.
      }
    }
  }

  /**
   * Waits until there is a connection, the socket is closed, or the time is over.
   *
   * @return whether a connection waits in the kernel
   */
  protected boolean await(Facade facade, long nanos) throws IOException {
    waiting().await(facade, nanos);
    return false;
  }

  /** How the accepting thread waits for the ring's queue; under the accept lock. */
  protected final BlockingOperation waiting() {
    if (accepting == null) {
      accepting = BlockingOperation.forInput(this, network);
    }
    return accepting;
  }

  // -- options

  /** The options set so far. */
  public final OptionValues options() {
    return options;
  }

  /** Sets a supported option. */
  public final <T> void setOption(SocketOption<T> name, T value) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      options = options.with(name, value);
      listener.receiveBufferBytes(network.sizeWish(options.receiveBytes()));
      optionSet(name, value);
      if (Binder.isSharing(name)) {
        Binder.share(binding, options);
      }
    }
  }

  /** Called when an option was set, under the state lock. */
  protected <T> void optionSet(SocketOption<T> name, T value) throws IOException {}

  /** The value of a supported option. */
  public final <T> T option(SocketOption<T> name) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return implOption(name);
    }
  }

  /** The value of an option, under the state lock. */
  @SuppressWarnings("unchecked") // the value was checked against the option's type when it was set
  protected <T> T implOption(SocketOption<T> name) throws IOException {
    Object value = options.get(name);
    boolean isSize = name == StandardSocketOptions.SO_RCVBUF;
    return (T) (isSize ? (Object) network.bufferBytes((int) value) : value);
  }

  /** Notifies the socket of a new key; called without a lock. */
  public void registered(RingSelectionKey key) throws IOException {}

  // -- the end

  /** Closes the socket; called by its facade, which has been marked as closed. */
  public final void close() throws IOException {
    synchronized (stateLock()) {
      closed = true; // a bind that found the socket open is over: its name is freed below
    }
    free();
  }

  /** Frees all it holds: the parts of the rings once, the rest at each call. */
  protected void free() throws IOException {
    if (remove()) {
      try {
        if (binding != null) {
          binding.release(); // first, so that no client connects to a queue that is being closed
        }
      } finally {
        try {
          listener.close();
        } finally {
          network.registry().rights().closeAll(listener.rightsInFlight());
        }
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A bound one goes on listening, as on the platform: clients can still reach it. A plain
   * server socket is closed, and so is a channel that was in flight.
   */
  @Override
  public final boolean freeDropped() throws IOException {
    if (localAddress != null && !isClosedWhenDropped()) {
      return false;
    }
    closeAbandoned();
    return true;
  }

  @Override
  public final void closeAbandoned() throws IOException {
    free();
  }

  @Override
  protected final boolean hasChannelsToHold() {
    return listener.hasChannelsToHold();
  }

  @Override
  protected final void holdChannels(HeldChannels holder) {
    listener.holdChannels(holder);
  }

  /** A snapshot of the socket; null if it was closed. */
  public final SocketSnapshot snapshot() {
    if (closed) {
      return null;
    }
    SocketSnapshot row = new SocketSnapshot();
    row.local = localAddress;
    row.unix = family.isUnix();
    row.ageNanos = ageNanos();
    row.optionsSet = options;
    row.kernel = row.local != null && !isBoundInRing();
    row.hybrid = isInKernelToo();
    if (row.local != null) {
      row.state = SocketSnapshot.State.LISTEN;
      row.receiveQueue = listener.pending();
      row.sendQueue = listener.backlog();
    }
    row.takeWaiting(poll(), accepting, null, listener.readiness());
    return row;
  }

  /** Whether the kernel listens at the address too; a hint. */
  protected boolean isInKernelToo() {
    return false;
  }

  /**
   * A description of the socket with its local address, for a facade's {@code toString}.
   *
   * @param name the name of the facade's class
   */
  public final String describe(String name) {
    SocketAddress local = localAddress;
    if (closed) {
      return name + "[closed]";
    }
    return name + (local == null ? "[unbound]" : "[" + local + "]");
  }
}
