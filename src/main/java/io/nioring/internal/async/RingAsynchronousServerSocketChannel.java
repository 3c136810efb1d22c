package io.nioring.internal.async;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.Acceptor;
import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.hybrid.HybridListeningSocket;
import io.nioring.internal.hybrid.KernelListener;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An asynchronous server channel that accepts connections made over rings, and also from the kernel
 * where its address is hybrid: a facade of a {@link ListeningSocket}. Thread-safe; one accept may
 * be pending.
 *
 * <p>What comes from the kernel is the platform's own channel, in the {@link KernelGroup} of the
 * server's group.
 */
final class RingAsynchronousServerSocketChannel extends AsynchronousServerSocketChannel
    implements Facade, Acceptor<AsynchronousSocketChannel> {
  private final RingChannelGroup group;
  private final NetworkResources network;
  private final Timeouts timeouts;
  private final ListeningSocket socket;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Side accepting;

  /** The platform's server; null if there is none. Written before the socket is bound. */
  private volatile KernelAsynchronousServer kernel;

  private RingAsynchronousServerSocketChannel(
      RingChannelGroup group, NetworkResources network, AddressFamily family, Timeouts timeouts) {
    super(group.provider());
    this.group = group;
    this.network = network;
    this.timeouts = timeouts;
    this.accepting =
        new Side(
            group.threads(),
            Readiness.IN,
            timeouts,
            AcceptPendingException::new,
            "Accept not allowed due to cancellation");
    this.socket =
        HybridListeningSocket.open(
            network, family, this, OptionValues.ofServer(family), this::bindInKernel);
    socket.poll().add(accepting);
  }

  /**
   * Opens an unbound channel.
   *
   * @throws ShutdownChannelGroupException if the group takes no more
   */
  static RingAsynchronousServerSocketChannel open(
      RingChannelGroup group, NetworkResources network, AddressFamily family, Timeouts timeouts) {
    var opened = new RingAsynchronousServerSocketChannel(group, network, family, timeouts);
    boolean joined = false;
    try {
      opened.joinGroup();
      joined = true;
    } finally {
      if (!joined) {
        closeQuietly(opened);
      }
    }
    return opened;
  }

  private KernelListener bindInKernel(
      NetworkResources of,
      AddressFamily family,
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options,
      PollSet poll)
      throws IOException {
    kernel = KernelAsynchronousServer.bind(group.kernel(), local, backlog, options, poll);
    return kernel;
  }

  private void joinGroup() {
    group.add(this);
    if (closed.get()) {
      group.remove(this); // the network was closed, and may have come before us
    }
  }

  private static void closeQuietly(AsynchronousChannel unwanted) {
    try {
      unwanted.close();
    } catch (IOException e) {
      return; // no one has received it, and another failure is reported
    }
  }

  @Override
  public AsynchronousServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    socket.bind(local == null ? null : socket.family().checkAvailable(local), backlog);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return socket.localAddress();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  // -- accepting

  @Override
  public <A> void accept(
      A attachment, CompletionHandler<AsynchronousSocketChannel, ? super A> handler) {
    beginAccept(Completion.of(handler, attachment));
  }

  @Override
  public Future<AsynchronousSocketChannel> accept() {
    Completion<AsynchronousSocketChannel> completion = Completion.ofFuture();
    beginAccept(completion);
    return completion.future();
  }

  private void beginAccept(Completion<AsynchronousSocketChannel> completion) {
    Accept accept = new Accept(completion);
    if (!isOpen()) {
      accept.fail(new ClosedChannelException());
      accept.deliverToCaller();
      return;
    }
    if (socket.localAddress() == null) {
      throw new NotYetBoundException();
    }
    accepting.ensureMayBegin();
    accept.bindFuture(accepting, this);
    accepting.begin(accept, 0, TimeUnit.SECONDS);
  }

  /** An accept of this channel. */
  private final class Accept extends Operation<AsynchronousSocketChannel> {
    Accept(Completion<AsynchronousSocketChannel> completion) {
      super(RingAsynchronousServerSocketChannel.this.group.threads(), completion);
    }

    @Override
    boolean attempt() throws IOException {
      RingAsynchronousServerSocketChannel server = RingAsynchronousServerSocketChannel.this;
      AsynchronousSocketChannel accepted = socket.accept(server, Deadline.NONE, server);
      if (accepted == null) {
        KernelAsynchronousServer inKernel = kernel;
        if (inKernel != null) {
          inKernel.acceptAhead(); // which wakes this operation, also if it has one at once
        }
        return false;
      }
      joinOrClose(accepted);
      give(accepted);
      return true;
    }

    /** A connection that cannot be handed out is closed: its client would wait for ever. */
    private void joinOrClose(AsynchronousSocketChannel accepted) throws IOException {
      boolean joined = false;
      try {
        join(accepted);
        joined = true;
      } catch (ShutdownChannelGroupException e) {
        throw new IOException(e);
      } finally {
        if (!joined) {
          closeQuietly(accepted);
        }
      }
    }

    private void join(AsynchronousSocketChannel accepted) {
      if (accepted instanceof RingAsynchronousSocketChannel ours) {
        ours.joinGroup();
      } else {
        group.ensureNotShutdown(); // the platform's group takes it, since that ends later
      }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Never, as on the platform: handlers accept the next connection first, and then serve
     * theirs, which would wait until the next one was served.
     */
    @Override
    boolean mayBeToldInBeginning() {
      return false;
    }

    @Override
    void discard(AsynchronousSocketChannel unwanted) {
      closeQuietly(unwanted);
    }

    @Override
    Throwable failure(Throwable thrown) {
      return thrown instanceof ClosedChannelException ? new AsynchronousCloseException() : thrown;
    }
  }

  @Override
  public AsynchronousSocketChannel overRing(Endpoint accepted, OptionValues options) {
    return RingAsynchronousSocketChannel.accepted(
        group, network, socket.family(), timeouts, accepted, options);
  }

  @Override
  public AsynchronousSocketChannel throughKernel(Closeable accepted) {
    return (AsynchronousSocketChannel) accepted;
  }

  // -- options

  @Override
  public <T> AsynchronousServerSocketChannel setOption(SocketOption<T> name, T value)
      throws IOException {
    socket.options().ensureSupported(name);
    socket.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    socket.options().ensureSupported(name);
    return socket.option(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return socket.options().supported();
  }

  // -- close

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (socket == null) {
      return; // the network closes while this is made, and closes the socket itself
    }
    try {
      socket.close();
    } finally {
      try {
        accepting.tryNow(); // a pending accept finds the socket closed
      } finally {
        group.remove(this); // last: with the last channel goes the executor
      }
    }
  }

  // -- for the socket

  @Override
  public boolean isBlocking() {
    return false;
  }

  @Override
  public void beginWait() {
    // No operation blocks.
  }

  @Override
  public void endWait(boolean completed) {
    // No operation blocks.
  }

  @Override
  public String toString() {
    return socket.describe(getClass().getName());
  }
}
