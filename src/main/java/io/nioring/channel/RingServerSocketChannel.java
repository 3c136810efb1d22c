package io.nioring.channel;

import io.nioring.namespace.Binding;
import io.nioring.namespace.Listener;
import io.nioring.poll.PollSet;
import io.nioring.poll.Readiness;
import io.nioring.select.RingSelectable;
import io.nioring.stream.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A server channel that accepts connections made over rings.
 *
 * <p>A facade: queue and backlog are the {@link Listener}'s. Thread-safe, as {@link
 * ServerSocketChannel} specifies.
 */
public final class RingServerSocketChannel extends ServerSocketChannel implements RingSelectable {
  private static final int DEFAULT_BACKLOG = 50;

  private final NetworkResources network;
  private final AddressFamily family;
  private final Listener listener;
  private final ServerResources resources;
  private final OptionValues options;

  /** Admits one accepting thread at a time. */
  private final ReentrantLock acceptLock = new ReentrantLock();

  /** How the accepting thread waits; made when it first does, under the accept lock. */
  private BlockingOperation accepting;

  // Guarded by the state lock, which is the monitor of the poll set.

  private ServerSocketAdaptor adaptor;
  private boolean closing;

  /** Opens an unbound channel. */
  public RingServerSocketChannel(NetworkResources network, AddressFamily family) {
    super(network.provider());
    this.network = network;
    this.family = family;
    this.listener = new Listener(network.memory(), network.bufferBytes());
    this.options =
        new OptionValues(
            family.isUnix() ? OptionValues.Kind.UNIX_SERVER : OptionValues.Kind.INET_SERVER);
    this.resources = new ServerResources(this, network, listener);
    network.registry().add(resources);
  }

  private Object stateLock() {
    return listener.poll();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // -- binding

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      if (closing) {
        throw new ClosedChannelException();
      }
      if (resources.binding() != null) {
        throw new AlreadyBoundException();
      }
      Binding binding = family.isUnix() ? bindUnix(local) : bindInet(local);
      resources.bound(binding);
      listener.listen(
          backlog < 1 ? DEFAULT_BACKLOG : backlog,
          options.getInt(StandardSocketOptions.SO_RCVBUF));
      binding.listen(listener);
    }
    return this;
  }

  private Binding bindInet(SocketAddress local) throws IOException {
    SocketAddress wanted = local == null ? family.anyAddress() : family.check(local);
    return network
        .names()
        .bind(
            family.toBind((InetSocketAddress) wanted),
            family == AddressFamily.INET,
            options.getBoolean(StandardSocketOptions.SO_REUSEPORT));
  }

  private Binding bindUnix(SocketAddress local) throws IOException {
    if (local == null) {
      return network.names().bindFreshPath();
    }
    return network.names().bind((UnixDomainSocketAddress) family.check(local));
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    synchronized (stateLock()) {
      ensureOpen();
      return localAddress();
    }
  }

  /** The bound address; null before. */
  SocketAddress localAddress() {
    Binding binding = resources.binding();
    return binding == null ? null : binding.address();
  }

  // -- accepting

  @Override
  public SocketChannel accept() throws IOException {
    acceptLock.lock();
    try {
      return acceptLocked(Deadline.NONE);
    } finally {
      acceptLock.unlock();
    }
  }

  /**
   * Accepts for the adaptor, waiting until a deadline.
   *
   * @throws SocketTimeoutException if it passed
   */
  SocketChannel acceptUntil(Deadline deadline) throws IOException {
    acceptLock.lock();
    try {
      return acceptLocked(deadline);
    } finally {
      acceptLock.unlock();
    }
  }

  private SocketChannel acceptLocked(Deadline deadline) throws IOException {
    boolean blocking = isBlocking();
    Endpoint accepted = null;
    if (blocking) {
      begin();
    }
    try {
      ensureOpen();
      if (resources.binding() == null) {
        throw new NotYetBoundException();
      }
      accepted = listener.accept();
      while (accepted == null && blocking && isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Accept timed out");
        }
        accepting().await(left);
        accepted = listener.accept();
      }
    } finally {
      if (blocking) {
        endAccept(accepted);
      }
    }
    return accepted == null ? null : toChannel(accepted);
  }

  /** Ends the blocking operation; a connection that an interrupt came too late for is reset. */
  private void endAccept(Endpoint accepted) throws AsynchronousCloseException {
    boolean given = false;
    try {
      end(accepted != null);
      given = true;
    } finally {
      if (!given && accepted != null) {
        accepted.close(true);
      }
    }
  }

  private SocketChannel toChannel(Endpoint accepted) {
    network.counters().ringAccepted();
    return RingSocketChannel.accepted(network, family, accepted);
  }

  private BlockingOperation accepting() {
    if (accepting == null) {
      accepting = BlockingOperation.forInput(this, network.spinNanos());
    }
    return accepting;
  }

  // -- options and the adaptor

  @Override
  public ServerSocket socket() {
    if (family.isUnix()) {
      throw new UnsupportedOperationException("Not supported");
    }
    synchronized (stateLock()) {
      if (adaptor == null) {
        adaptor = ServerSocketAdaptor.of(this);
      }
      return adaptor;
    }
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
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
      Object value = options.get(name);
      boolean unsetSize = name == StandardSocketOptions.SO_RCVBUF && value.equals(0);
      return (T) (unsetSize ? (Object) network.bufferBytes() : value);
    }
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return options.supported();
  }

  // -- close

  @Override
  protected void implCloseSelectableChannel() {
    synchronized (stateLock()) {
      closing = true; // a bind that found the channel open is over: its name is freed below
    }
    resources.free();
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag; a ring has nothing to switch.
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return listener.poll();
  }

  @Override
  public int readiness() {
    return listener.readiness();
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.IN) != 0 ? SelectionKey.OP_ACCEPT : 0;
  }

  @Override
  public String toString() {
    String name = getClass().getName();
    synchronized (stateLock()) {
      if (!isOpen()) {
        return name + "[closed]";
      }
      SocketAddress local = localAddress();
      return name + (local == null ? "[unbound]" : "[" + local + "]");
    }
  }
}
