package io.nioring.internal.hybrid;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.KernelWay;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * The way through the kernel: the platform's socket channel, to which it delegates.
 *
 * <p>There are two additions. When the platform's channel closes itself, after an interrupt or a
 * failed connect, the facade is closed too. And while a thread is in an operation that may block,
 * the facade stays reachable even if it is not used afterwards: the registry closes the socket of a
 * facade that was collected. So those operations are passed the facade; a field here would keep it
 * reachable from the registry. Takes none of our locks.
 */
final class KernelSocket implements KernelWay {
  /** Opens unconnected ones. */
  static final class Opening implements Opener {
    @Override
    public KernelWay open(NetworkResources network, AddressFamily family) throws IOException {
      return KernelSocket.open(network, family);
    }
  }

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final SocketChannel channel;
  private final TrafficCounters counters;
  private final AtomicBoolean counted = new AtomicBoolean();

  private volatile InputStream input;

  private KernelSocket(SocketChannel channel, TrafficCounters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  /**
   * Opens an unconnected one.
   *
   * @throws UnsupportedOperationException if the platform's provider is not available
   */
  static KernelSocket open(NetworkResources network, AddressFamily family) throws IOException {
    SelectorProvider platform = network.platform().get();
    ProtocolFamily named = family.protocolFamily();
    SocketChannel channel =
        named == null ? platform.openSocketChannel() : platform.openSocketChannel(named);
    try {
      return new KernelSocket(channel, network.counters());
    } catch (RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  SocketChannel channel() {
    return channel;
  }

  @Override
  public void apply(Map<SocketOption<?>, Object> options) throws IOException {
    PlatformOptions.apply(options, channel);
  }

  @Override
  public boolean connect(Facade ours, SocketAddress remote, Deadline deadline) throws IOException {
    try {
      if (deadline == Deadline.NONE) {
        return noted(channel.connect(remote));
      }
      channel.socket().connect(remote, deadline.remainingMillis());
      return noted(true);
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public void beginConnect(Facade ours, SocketAddress remote) throws IOException {
    try {
      channel.configureBlocking(false);
      noted(channel.connect(remote));
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /**
   * {@inheritDoc} The platform has no such wait with a timeout, so the socket is polled at growing
   * intervals: connects within this machine complete at once unless a backlog is full.
   */
  @Override
  public void awaitConnected(Facade ours, Deadline deadline) throws IOException {
    long pauseNanos = FIRST_PAUSE_NANOS;
    boolean connected = false;
    ours.beginWait();
    try {
      connected = noted(channel.finishConnect());
      while (!connected) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Connect timed out");
        }
        LockSupport.parkNanos(Math.min(left, pauseNanos));
        if (Thread.currentThread().isInterrupted() && ours.isOpen()) {
          ours.interruptedInWait();
        }
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        connected = noted(channel.finishConnect());
      }
    } finally {
      ours.endWait(connected);
    }
  }

  @Override
  public boolean finishConnect(Facade ours) throws IOException {
    try {
      return noted(channel.finishConnect());
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /** Counts the connection when it is first seen; a connect may be finished repeatedly. */
  private boolean noted(boolean connected) {
    if (connected && counted.compareAndSet(false, true)) {
      counters.kernelConnected();
    }
    return connected;
  }

  @Override
  public int read(Facade ours, ByteBuffer dst) throws IOException {
    try {
      return channel.read(dst);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public long read(Facade ours, ByteBuffer[] dsts, int offset, int length) throws IOException {
    try {
      return channel.read(dsts, offset, length);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public int write(Facade ours, ByteBuffer src) throws IOException {
    try {
      return channel.write(src);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public long write(Facade ours, ByteBuffer[] srcs, int offset, int length) throws IOException {
    try {
      return channel.write(srcs, offset, length);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public void writeUrgent(Facade ours, byte data) throws IOException {
    try {
      channel.socket().sendUrgentData(data);
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  @Override
  public int read(Facade ours, byte[] bytes, int offset, int length, int timeoutMillis)
      throws IOException {
    try {
      setTimeout(timeoutMillis);
      return input().read(bytes, offset, length);
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  private void setTimeout(int millis) throws SocketException {
    try {
      channel.socket().setSoTimeout(millis);
    } catch (SocketException e) {
      if (channel.isOpen()) {
        throw e;
      }
      // The read reports that the channel is closed, with the exception of a read.
    }
  }

  @Override
  public int available() throws IOException {
    return input().available();
  }

  @Override
  public void openInput() throws IOException {
    input();
  }

  /**
   * The stream of the platform's adaptor; cached, since the adaptor of a closed or shut channel
   * returns none.
   */
  private InputStream input() throws IOException {
    InputStream present = input;
    if (present == null) {
      present = channel.socket().getInputStream();
      input = present;
    }
    return present;
  }

  /** Closes our channel if the platform's has closed itself. */
  private <E extends IOException> E together(Facade ours, E cause) throws IOException {
    if (!channel.isOpen()) {
      ours.close();
    }
    return cause;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  // -- delegated to the platform's channel

  @Override
  public void takeUrgentInline(boolean on) throws SocketException {
    channel.socket().setOOBInline(on);
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isBlocking() {
    return channel.isBlocking();
  }

  @Override
  public boolean isConnectionPending() {
    return channel.isConnectionPending();
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
    return channel.socket().getLocalSocketAddress();
  }

  @Override
  public SocketAddress lastRemoteAddress() {
    return channel.socket().getRemoteSocketAddress();
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
  public boolean isInputShut() {
    return channel.socket().isInputShutdown();
  }

  @Override
  public boolean isOutputShut() {
    return channel.socket().isOutputShutdown();
  }

  @Override
  public void configureBlocking(boolean block) throws IOException {
    channel.configureBlocking(block);
  }

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    key.attachKernel(channel);
  }

  @Override
  public String toString() {
    return channel.toString();
  }
}
