package io.nioring.internal.net;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.hybrid.KernelListener;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.poll.Failures;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The kernel's listening socket of a plain server socket: one of the platform's own, in which a
 * thread accepts ahead.
 *
 * <p>A thread can wait for the ring's queue or in the platform's accept, not for both. So a daemon
 * thread is in the latter, from the first accept on, and hands over the connections. It accepts one
 * connection for an accept that found none, and no further one before that is taken: at most one
 * more than the backlog is taken from the kernel, and is closed with the server. Neither this
 * object nor the thread refers to the facade.
 */
final class KernelServerSocket implements KernelListener {
  /** Far more than it takes, since the thread may have to wait for a processor. */
  private static final long LONGEST_LEAVE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long an accept waits for the ring alone if the thread could not be started. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ServerSocket platform;
  private final PollSet poll;
  private final ThreadStarter threads;

  // Guarded by this object's monitor.

  private Thread thread;

  /** Whether the thread is to accept. */
  private boolean wanted;

  /** The accepted connection that was not taken yet. */
  private Socket next;

  /** The failure of the accept, which the next accept reports. */
  private Throwable failure;

  private boolean closed;

  /** Whether the thread is in the platform's accept. */
  private boolean accepting;

  /** Whether there is something to take: a connection or a failure. */
  private volatile boolean ready;

  private KernelServerSocket(ServerSocket platform, PollSet poll, ThreadStarter threads) {
    this.platform = platform;
    this.poll = poll;
    this.threads = threads;
  }

  /** Opens and binds one; see {@link KernelListener.Opener}. */
  static KernelListener bind(
      NetworkResources network,
      AddressFamily family,
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options,
      PollSet poll)
      throws IOException {
    return bind(local, backlog, options, poll, BackgroundThreads.SYSTEM);
  }

  /** As above, with a thread from elsewhere. */
  static KernelServerSocket bind(
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options,
      PollSet poll,
      ThreadStarter threads)
      throws IOException {
    ServerSocket platform = new PlatformServerSocket();
    try {
      PlatformOptions.apply(options, platform.supportedOptions(), platform::setOption);
      platform.bind(local, backlog);
      return new KernelServerSocket(platform, poll, threads);
    } catch (IOException | RuntimeException | Error e) {
      platform.close();
      throw e;
    }
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) platform.getLocalSocketAddress();
  }

  // -- accepting

  @Override
  public synchronized Socket accept() throws IOException {
    Socket accepted = next;
    Throwable failed = failure;
    next = null;
    failure = null;
    ready = false;
    if (failed instanceof IOException exception) {
      throw exception;
    }
    Failures.rethrow(failed);
    if (accepted == null) {
      wantAnother();
    }
    return accepted;
  }

  /** Makes the thread accept, unless it does already; under the monitor. */
  private void wantAnother() {
    wanted = true;
    if (thread == null) {
      startIfPossible();
    } else {
      notifyAll();
    }
  }

  /** If no thread is available, the next accept, or the next look of this one, tries again. */
  private void startIfPossible() {
    try {
      thread = threads.start("nioring-accept", new Accepting());
    } catch (VirtualMachineError | LinkageError e) {
      thread = null;
    }
  }

  @Override
  public boolean await(BlockingOperation waiting, Facade facade, long nanos) throws IOException {
    long longest;
    synchronized (this) {
      if (!ready) {
        wantAnother();
      }
      longest = thread == null ? Math.min(nanos, RETRY_NANOS) : nanos;
    }
    waiting.await(facade, longest);
    return ready;
  }

  /** Accepts a connection when one is wanted, until the socket is closed. */
  private final class Accepting extends RepeatedTask {
    /** Whether those that wait for the last one were not woken yet. */
    private boolean untold;

    @Override
    protected boolean step() {
      if (untold) {
        tell();
      }
      if (!awaitWanted()) {
        return true;
      }
      Socket accepted = null;
      Throwable failed = null;
      try {
        accepted = platform.accept();
      } catch (IOException | RuntimeException | Error e) {
        failed = e;
      }
      untold = true;
      handOver(accepted, failed);
      tell();
      return false;
    }

    private void tell() {
      VarHandle.fullFence(); // the connection before the waiters, see PollSet
      poll.wake(Readiness.IN);
      untold = false;
    }
  }

  /** Whether to accept; false once the socket is closed. */
  private synchronized boolean awaitWanted() {
    while (!closed && (!wanted || ready)) {
      try {
        wait();
      } catch (InterruptedException e) {
        // This thread is never interrupted.
      }
    }
    accepting = !closed;
    return accepting;
  }

  private void handOver(Socket accepted, Throwable failed) {
    synchronized (this) {
      next = accepted;
      failure = failed;
      wanted = false;
      ready = true;
      accepting = false;
      if (closed) {
        closeNext();
        notifyAll();
      }
    }
  }

  @Override
  public int readiness() {
    return ready ? Readiness.IN : 0;
  }

  @Override
  public void wake(int bits) {
    // No thread waits here: the accepting thread waits for the ring's queue.
  }

  @Override
  public boolean wants(int bits) {
    return false;
  }

  // -- the rest

  @Override
  public <T> void setOption(SocketOption<T> name, T value) throws IOException {
    platform.setOption(name, value);
  }

  @Override
  public <T> T option(SocketOption<T> name) throws IOException {
    return platform.getOption(name);
  }

  @Override
  public void registered(RingSelectionKey key) {
    throw new UnsupportedOperationException("a plain socket has no keys");
  }

  /**
   * {@inheritDoc}
   *
   * <p>The kernel's socket listens for as long as a thread is in its accept, and a close of the
   * platform's only asks that thread to leave. A program that binds the same address next would
   * find it in use; so this waits for the thread, which leaves soon.
   */
  @Override
  public void close() throws IOException {
    try {
      platform.close();
    } finally {
      synchronized (this) {
        closed = true;
        closeNext();
        notifyAll();
        awaitAcceptLeft();
      }
    }
  }

  /** Waits until the thread is out of the platform's accept, for a moment at most. */
  private void awaitAcceptLeft() {
    long deadline = System.nanoTime() + LONGEST_LEAVE_NANOS;
    boolean interrupted = false;
    while (accepting && System.nanoTime() - deadline < 0) {
      try {
        wait(1);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes the connection that will not be taken; under the monitor. */
  private void closeNext() {
    Socket left = next;
    next = null;
    if (left != null) {
      try {
        left.setSoLinger(true, 0); // a reset, as for connections queued in the kernel
        left.close();
      } catch (IOException e) {
        // Its peer may have closed it, and it is not in use.
      }
    }
  }
}
