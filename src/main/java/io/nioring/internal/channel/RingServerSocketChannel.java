package io.nioring.internal.channel;

import io.nioring.internal.names.BindGate;
import io.nioring.internal.names.Binding;
import io.nioring.internal.names.Listener;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.stream.Endpoint;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A server channel that accepts connections made over rings.
 *
 * <p>A facade: queue and backlog are the {@link Listener}'s. Thread-safe, as {@link
 * ServerSocketChannel} specifies.
 *
 * <p>Bound to an address of mode {@code hybrid} it also listens in the kernel, through a {@link
 * KernelServer}, and gives what comes from there as the platform's own channels. Bound to one of
 * mode {@code kernel} it listens there alone.
 */
public final class RingServerSocketChannel extends ServerSocketChannel implements RingSelectable {
  private static final int DEFAULT_BACKLOG = 50;

  /**
   * How many connections over rings are accepted, at most, between two looks into the kernel, each
   * of which costs as much as one of them.
   */
  private static final int MOST_RING_TURNS = 16;

  /** How many ports of the kernel's choice are tried that rings may have, by routes. */
  private static final int MOST_CHOICES = 64;

  private final NetworkResources network;
  private final AddressFamily family;
  private final Listener listener;
  private final ServerResources resources;
  private final OptionValues options;

  /** Admits one accepting thread at a time. */
  private final ReentrantLock acceptLock = new ReentrantLock();

  /** How the accepting thread waits; made when it first does, under the accept lock. */
  private BlockingOperation accepting;

  /** How many connections over rings may go before the kernel is asked; under the accept lock. */
  private int ringTurns;

  /** How many of them the kernel, when it was asked last, left to the rings. */
  private int ringTurnsGiven = 1;

  /** Whether the last wait was ended by a ring: only then looking again pays. */
  private boolean ringWokeLast;

  // Guarded by the state lock, which is the monitor of the poll set.

  private volatile SocketAddress localAddress;
  private ServerSocketAdaptor adaptor;
  private boolean closing;

  /** The keys of a channel that is not bound yet; null if there are none. */
  private KeysAwaitingKernel unboundKeys;

  /** Opens an unbound channel. */
  public RingServerSocketChannel(NetworkResources network, AddressFamily family) {
    super(network.provider());
    this.network = network;
    this.family = family;
    this.listener =
        new Listener(
            network.memory(),
            network.bufferBytes(),
            network.identity(),
            network.counters()::ringConnected);
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
      if (localAddress != null) {
        throw new AlreadyBoundException();
      }
      SocketAddress wanted = local == null ? null : family.check(local);
      int length = backlog < 1 ? DEFAULT_BACKLOG : backlog;
      localAddress =
          switch (Binder.modeToBind(network, family, wanted)) {
            case RING -> listenInRing(wanted, Mode.RING, length);
            case KERNEL -> bindInKernel(wanted, length);
            case HYBRID -> bindInBoth(wanted, length);
          };
    }
    attachKeys();
    return this;
  }

  private SocketAddress bindInBoth(SocketAddress wanted, int backlog) throws IOException {
    if (isChoiceOfTheKernel(wanted)) { // which nobody knows yet
      return bindToAnyInBoth(wanted, backlog);
    }
    BindGate.Pass pass = network.names().gate(wanted).toBind();
    try {
      return listenInRing(bindInKernel(wanted, backlog), Mode.HYBRID, backlog);
    } finally {
      pass.giveBack();
    }
  }

  private static boolean isChoiceOfTheKernel(SocketAddress wanted) {
    return wanted == null || (wanted instanceof InetSocketAddress ip && ip.getPort() == 0);
  }

  /** Asks the kernel for another port while a ring has the one that it chose. */
  private SocketAddress bindToAnyInBoth(SocketAddress wanted, int backlog) throws IOException {
    for (int attempt = 1; ; attempt++) {
      SocketAddress chosen = bindInKernel(wanted, backlog);
      try {
        return listenInRing(chosen, Mode.HYBRID, backlog);
      } catch (BindException e) {
        if (attempt == MOST_CHOICES) {
          throw e;
        }
      }
    }
  }

  /** Binds in the kernel and returns the address that this gave. */
  private SocketAddress bindInKernel(SocketAddress wanted, int backlog) throws IOException {
    KernelServer server = KernelServer.bind(network, family, wanted, backlog, options.explicit());
    resources.owns(server);
    try {
      listener.poll().add(server);
      return server.channel().getLocalAddress();
    } catch (IOException | RuntimeException | Error e) {
      unbindInKernel();
      throw e;
    }
  }

  /** Takes the kernel's bind back: the channel is not bound, and may be bound elsewhere. */
  private void unbindInKernel() throws IOException {
    KernelServer server = resources.kernel();
    if (server != null) {
      listener.poll().remove(server);
      resources.owns(null);
      server.close();
    }
  }

  private SocketAddress listenInRing(SocketAddress wanted, Mode mode, int backlog)
      throws IOException {
    Binding binding;
    try {
      binding = Binder.bindServer(network, family, wanted, mode, options);
      if (binding != null) { // null for a file that cannot be told from others: the kernel alone
        listen(binding, backlog);
      }
    } catch (IOException | RuntimeException | Error e) {
      unbindInKernel();
      throw e;
    }
    return binding == null ? wanted : binding.address();
  }

  private void listen(Binding binding, int backlog) {
    try {
      listener.listen(backlog, binding.address());
      binding.listen(listener);
      resources.bound(binding);
    } catch (RuntimeException | Error e) {
      binding.release();
      throw e;
    }
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
    return localAddress;
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
    ensureOpen(); // before begin: closed already is not closed asynchronously
    boolean blocking = isBlocking();
    SocketChannel accepted = null;
    if (blocking) {
      begin();
    }
    try {
      ensureOpen();
      if (localAddress == null) {
        throw new NotYetBoundException();
      }
      accepted = acceptNow(!blocking);
      while (accepted == null && blocking && isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Accept timed out");
        }
        boolean inKernel = await(left);
        accepted = isOpen() ? acceptNow(inKernel) : null;
      }
    } finally {
      if (blocking) {
        endAccept(accepted);
      }
    }
    return accepted;
  }

  /** Ends the blocking operation; a connection that an interrupt came too late for is closed. */
  private void endAccept(SocketChannel accepted) throws IOException {
    boolean given = false;
    try {
      end(accepted != null);
      given = true;
    } finally {
      if (!given && accepted != null) {
        accepted.close();
      }
    }
  }

  /**
   * A connection that waits, over a ring or in the kernel; null if there is none. While both have
   * some they take turns. To ask the kernel takes as long as to accept over a ring: one that had
   * none is asked first ever more seldom.
   *
   * @param askKernel whether to ask the kernel too if there is none over a ring
   */
  private SocketChannel acceptNow(boolean askKernel) throws IOException {
    KernelServer inKernel = resources.kernel();
    if (inKernel == null) {
      return acceptOverRing();
    }
    if (ringTurns > 0) {
      SocketChannel accepted = acceptOverRing();
      if (accepted != null) {
        ringTurns--;
      }
      return accepted != null || !askKernel ? accepted : acceptFromKernel(inKernel);
    }
    SocketChannel accepted = acceptFromKernel(inKernel);
    return accepted == null ? acceptOverRing() : accepted;
  }

  private SocketChannel acceptOverRing() throws AsynchronousCloseException {
    Endpoint accepted = listener.accept();
    if (accepted == null) {
      return null;
    }
    network.counters().ringAccepted();
    try {
      return RingSocketChannel.accepted(network, family, accepted);
    } catch (IllegalStateException e) {
      throw new AsynchronousCloseException(); // the network was closed, and this channel with it
    }
  }

  private SocketChannel acceptFromKernel(KernelServer inKernel) throws IOException {
    SocketChannel accepted = null;
    try {
      accepted = inKernel.accept();
    } finally { // also without descriptors: rings need none
      ringTurnsGiven = accepted == null ? Math.min(MOST_RING_TURNS, 2 * ringTurnsGiven) : 1;
      ringTurns = ringTurnsGiven;
    }
    if (accepted != null) {
      network.counters().kernelAccepted();
    }
    return accepted;
  }

  /**
   * Waits for a connection or the channel's end, or for a time.
   *
   * @return whether one waits in the kernel
   */
  private boolean await(long nanos) throws IOException {
    BlockingOperation waiting = accepting();
    KernelServer inKernel = resources.kernel();
    if (inKernel == null) {
      waiting.await(nanos);
      return false;
    }
    if (ringWokeLast && waiting.lookAgain()) {
      return false;
    }
    long asleepSince = System.nanoTime();
    boolean ready = inKernel.await(waiting::holds, nanos);
    begin(); // the selector in there has taken our place as what an interrupt ends
    ringWokeLast = !ready && waiting.holds();
    waiting.slept(System.nanoTime() - asleepSince);
    return ready;
  }

  private BlockingOperation accepting() {
    if (accepting == null) {
      accepting = BlockingOperation.forInput(this, network.spinning());
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
      listener.receiveBufferBytes(options.getInt(StandardSocketOptions.SO_RCVBUF));
      if (resources.kernel() != null) {
        resources.kernel().channel().setOption(name, value);
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
      if (resources.kernel() != null) {
        return resources.kernel().channel().getOption(name);
      }
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
  protected void implCloseSelectableChannel() throws IOException {
    synchronized (stateLock()) {
      closing = true; // a bind that found the channel open is over: its name is freed below
    }
    resources.free();
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag: a ring has nothing to switch, and the kernel's
    // channel never blocks.
  }

  // -- for the selector

  @Override
  public PollSet poll() {
    return listener.poll();
  }

  @Override
  public int readiness(int wanted) {
    return isInKernelAlone() ? 0 : listener.readiness();
  }

  private boolean isInKernelAlone() {
    return localAddress != null && resources.binding() == null;
  }

  @Override
  public void registered(RingSelectionKey key) {
    if (!network.mayReachKernel()) {
      return;
    }
    synchronized (stateLock()) {
      if (localAddress == null) {
        if (unboundKeys == null) {
          unboundKeys = new KeysAwaitingKernel();
        }
        unboundKeys.add(key);
        return;
      }
    }
    attach(key);
  }

  /** Lets the keys of a channel that was just bound follow into the kernel. */
  private void attachKeys() {
    List<RingSelectionKey> following;
    synchronized (stateLock()) {
      following = unboundKeys == null ? List.of() : unboundKeys.take();
      unboundKeys = null;
    }
    following.stream().filter(SelectionKey::isValid).forEach(this::attach);
  }

  private void attach(RingSelectionKey key) {
    KernelServer inKernel = resources.kernel();
    if (inKernel != null) {
      KeysAwaitingKernel.attach(key, inKernel.channel());
    }
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
