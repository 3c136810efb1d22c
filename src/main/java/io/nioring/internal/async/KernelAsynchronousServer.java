package io.nioring.internal.async;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.hybrid.KernelListener;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.Map;

/**
 * The kernel's listening socket of an asynchronous server channel: one of the platform's, which
 * accepts ahead.
 *
 * <p>An accept of ours that finds no connection has one begun here, which goes on if a ring brings
 * a connection first: what it accepts then is kept for the next accept, and no further one is begun
 * before that is taken. So at most one connection more than the backlog is taken from the kernel,
 * and is closed with the server.
 */
final class KernelAsynchronousServer
    implements KernelListener, CompletionHandler<AsynchronousSocketChannel, Void> {
  private final KernelGroup group;
  private final AsynchronousServerSocketChannel channel;
  private final PollSet accepting;

  // Guarded by this object's monitor.

  /** Whether an accept is under way in the kernel. */
  private boolean pending;

  /** The accepted connection that was not taken yet. */
  private AsynchronousSocketChannel next;

  /** The failure of the accept, which the next accept reports. */
  private Throwable failure;

  private boolean closed;

  private KernelAsynchronousServer(
      KernelGroup group, AsynchronousServerSocketChannel channel, PollSet accepting) {
    this.group = group;
    this.channel = channel;
    this.accepting = accepting;
  }

  /** Opens and binds one; see {@link KernelListener.Opener}. */
  static KernelAsynchronousServer bind(
      KernelGroup group,
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options,
      PollSet accepting)
      throws IOException {
    AsynchronousServerSocketChannel channel =
        group.provider().openAsynchronousServerSocketChannel(group.get());
    try {
      PlatformOptions.apply(options, channel.supportedOptions(), channel::setOption);
      channel.bind(local, backlog);
      return new KernelAsynchronousServer(group, channel, accepting);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  // -- accepting

  @Override
  public synchronized AsynchronousSocketChannel accept() throws IOException {
    AsynchronousSocketChannel accepted = next;
    Throwable failed = failure;
    next = null;
    failure = null;
    if (failed instanceof IOException exception) {
      throw exception;
    } else if (failed != null) {
      throw new IOException(failed);
    }
    return accepted;
  }

  /**
   * Has the kernel accept a connection, unless it does or has done; called without a lock, since
   * this is notified here if there is one at once.
   */
  void acceptAhead() {
    synchronized (this) {
      if (pending || next != null || failure != null || closed) {
        return;
      }
      pending = true;
    }
    try {
      group.runHere(() -> channel.accept(null, this));
    } catch (RuntimeException | Error e) { // the executor takes no tasks, or there is no memory
      synchronized (this) {
        pending = false;
      }
      throw e;
    }
  }

  @Override
  public void completed(AsynchronousSocketChannel accepted, Void nothing) {
    boolean late;
    synchronized (this) {
      pending = false;
      late = closed;
      next = late ? null : accepted;
    }
    if (late) {
      closeQuietly(accepted);
    }
    wakeAccept();
  }

  @Override
  public void failed(Throwable cause, Void nothing) {
    synchronized (this) {
      pending = false;
      failure = closed ? null : cause;
    }
    wakeAccept();
  }

  private void wakeAccept() {
    VarHandle.fullFence(); // the connection before the waiters, see PollSet
    accepting.wake(Readiness.IN);
  }

  private static void closeQuietly(AsynchronousSocketChannel unwanted) {
    try {
      unwanted.close();
    } catch (IOException e) {
      // It is not in use.
    }
  }

  @Override
  public int readiness() {
    return 0; // asynchronous channels have no keys
  }

  @Override
  public boolean await(BlockingOperation waiting, Facade facade, long nanos) {
    throw new UnsupportedOperationException("an asynchronous accept does not wait");
  }

  @Override
  public void wake(int bits) {
    // No thread waits here.
  }

  @Override
  public boolean wants(int bits) {
    return false;
  }

  // -- the rest

  @Override
  public SocketAddress localAddress() throws IOException {
    return channel.getLocalAddress();
  }

  @Override
  public <T> void setOption(SocketOption<T> name, T value) throws IOException {
    channel.setOption(name, value);
  }

  @Override
  public <T> T option(SocketOption<T> name) throws IOException {
    return channel.getOption(name);
  }

  @Override
  public void registered(RingSelectionKey key) {
    throw new UnsupportedOperationException("an asynchronous channel has no keys");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } catch (ShutdownChannelGroupException e) {
      // It is closed; the executor of the program does not take the accept's end.
    } finally {
      closeNext();
    }
  }

  private void closeNext() {
    AsynchronousSocketChannel left;
    synchronized (this) {
      closed = true;
      left = next;
      next = null;
    }
    if (left != null) {
      closeQuietly(left);
    }
  }
}
