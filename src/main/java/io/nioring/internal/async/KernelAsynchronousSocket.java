package io.nioring.internal.async;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.KernelWay;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way of an asynchronous channel through the kernel: a channel of the platform's, in the {@link
 * KernelGroup} of its group.
 *
 * <p>It connects, and provides names, options and shutdowns. For reads and writes the facade
 * delegates to the {@link #channel}, which itself completes the program's handler or future:
 * threads, timeouts and cancelling are then the platform's. A connect that a future waits for is
 * begun by a future too, which needs no thread of the executor's to be done.
 */
final class KernelAsynchronousSocket
    implements KernelWay, CompletionHandler<Void, RingAsynchronousSocketChannel> {
  private final AsynchronousSocketChannel channel;
  private final TrafficCounters counters;
  private final AtomicBoolean counted = new AtomicBoolean();

  /** The connect that a future waits for, if it did not complete at once; null otherwise. */
  private volatile Future<Void> pending;

  private volatile boolean connected;

  /** The failure of the connect; null if there is none. */
  private volatile Throwable failure;

  private KernelAsynchronousSocket(AsynchronousSocketChannel channel, TrafficCounters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  /**
   * Opens an unconnected one.
   *
   * @throws UnsupportedOperationException if the platform's channels are not available
   */
  static KernelAsynchronousSocket open(KernelGroup group, TrafficCounters counters)
      throws IOException {
    return new KernelAsynchronousSocket(
        group.provider().openAsynchronousSocketChannel(group.get()), counters);
  }

  /** The platform's channel. */
  AsynchronousSocketChannel channel() {
    return channel;
  }

  // -- connecting

  @Override
  public void apply(Map<SocketOption<?>, Object> options) throws IOException {
    PlatformOptions.apply(options, channel.supportedOptions(), channel::setOption);
  }

  @Override
  public boolean connect(Facade ours, SocketAddress remote, Deadline deadline) throws IOException {
    RingAsynchronousSocketChannel facade = (RingAsynchronousSocketChannel) ours;
    if (!facade.connectsForFuture()) {
      channel.connect(remote, facade, this);
      return false; // or it has ended, and the handler below was called already
    }
    Future<Void> begun = channel.connect(remote);
    if (!begun.isDone()) {
      pending = begun;
      return false;
    }
    try {
      begun.get();
    } catch (ExecutionException e) {
      throw asIOException(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError("the future is done", e);
    }
    noteConnected();
    return true;
  }

  @Override
  public void completed(Void result, RingAsynchronousSocketChannel facade) {
    noteConnected();
    connected = true;
    facade.kernelConnectEnded();
  }

  @Override
  public void failed(Throwable cause, RingAsynchronousSocketChannel facade) {
    failure = cause;
    facade.kernelConnectEnded();
  }

  @Override
  public boolean finishConnect(Facade ours) throws IOException {
    Throwable cause = failure;
    if (cause != null) {
      ours.close(); // as the platform's channel has closed itself
      throw asIOException(cause);
    }
    return connected;
  }

  private static IOException asIOException(Throwable cause) {
    return cause instanceof IOException exception ? exception : new IOException(cause);
  }

  /** Counts the connection when it is first seen. */
  private void noteConnected() {
    if (counted.compareAndSet(false, true)) {
      counters.kernelConnected();
    }
  }

  /** The future of a connect that did not end at once; null if there is none. */
  Future<Void> pending(RingAsynchronousSocketChannel facade) {
    Future<Void> begun = pending;
    return begun == null ? null : new Pending(begun, facade);
  }

  /** A future of a read or a write: if its cancel closes the channel, the facade is closed too. */
  <T> Future<T> followed(Future<T> begun, RingAsynchronousSocketChannel facade) {
    return begun.isDone() ? begun : new Followed<>(begun, facade);
  }

  /** The platform's future of an operation, which also has the facade follow its channel's end. */
  private class Followed<T> implements Future<T> {
    private final Future<T> begun;
    private final RingAsynchronousSocketChannel facade;

    Followed(Future<T> begun, RingAsynchronousSocketChannel facade) {
      this.begun = begun;
      this.facade = facade;
    }

    void look() {
      if (!channel.isOpen()) {
        facade.closeQuietly();
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = begun.cancel(mayInterruptIfRunning);
      look();
      return cancelled;
    }

    @Override
    public boolean isCancelled() {
      return begun.isCancelled();
    }

    @Override
    public boolean isDone() {
      boolean done = begun.isDone();
      look();
      return done;
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
      try {
        return begun.get();
      } finally {
        look();
      }
    }

    @Override
    public T get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      try {
        return begun.get(timeout, unit);
      } finally {
        look();
      }
    }
  }

  /** As above, of a connect, which is counted when it is seen. */
  private final class Pending extends Followed<Void> {
    private final Future<Void> connect;

    Pending(Future<Void> begun, RingAsynchronousSocketChannel facade) {
      super(begun, facade);
      this.connect = begun;
    }

    @Override
    void look() {
      super.look();
      if (channel.isOpen() && connect.isDone() && !connect.isCancelled()) {
        noteConnected(); // one that failed has closed the channel
      }
    }
  }

  // -- delegated to the platform's channel

  @Override
  public boolean isConnected() {
    return lastRemoteAddress() != null;
  }

  @Override
  public boolean isConnectionPending() {
    return channel.isOpen() && !isConnected();
  }

  @Override
  public void bind(SocketAddress local) throws IOException {
    channel.bind(local);
  }

  @Override
  public SocketAddress localAddress() throws IOException {
    return channel.getLocalAddress();
  }

  @Override
  public SocketAddress remoteAddress() throws IOException {
    return channel.getRemoteAddress();
  }

  @Override
  public SocketAddress lastLocalAddress() {
    try {
      return channel.getLocalAddress();
    } catch (IOException e) {
      return null; // it is closed, and does not tell any more
    }
  }

  @Override
  public SocketAddress lastRemoteAddress() {
    try {
      return channel.getRemoteAddress();
    } catch (IOException e) {
      return null; // as above
    }
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
  public void shutdownInput() throws IOException {
    channel.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Nothing of it waits for a thread. */
  @Override
  public boolean isBlocking() {
    return false;
  }

  @Override
  public void configureBlocking(boolean block) {
    // An asynchronous channel has no mode.
  }

  // -- never called for an asynchronous channel

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the facade asks the platform's channel");
  }

  @Override
  public int read(Facade ours, byte[] bytes, int offset, int length, int timeoutMillis) {
    throw unused();
  }

  @Override
  public int write(Facade ours, ByteBuffer src) {
    throw unused();
  }

  @Override
  public void writeUrgent(Facade ours, byte data) {
    throw unused();
  }

  @Override
  public void takeUrgentInline(boolean on) {
    // It takes no urgent data.
  }

  @Override
  public void openInput() {
    throw unused();
  }

  @Override
  public int available() {
    throw unused();
  }

  @Override
  public boolean isInputShut() {
    throw unused();
  }

  @Override
  public boolean isOutputShut() {
    throw unused();
  }

  @Override
  public String toString() {
    return channel.toString();
  }
}
