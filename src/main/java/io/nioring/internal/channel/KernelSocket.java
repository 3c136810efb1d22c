package io.nioring.internal.channel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The platform's socket channel behind one of ours, once the kernel is its way.
 *
 * <p>It does what it is told with two additions. When the platform's channel closes itself, for an
 * interrupt or a failed connect, ours closes too. And while a thread is in an operation that may
 * block, ours stays reachable, though nobody may use it afterwards: the registry closes what is
 * behind a channel that is collected. So those operations get our channel, which must not be held
 * here, where the registry would hold it too. Takes no lock of ours.
 */
final class KernelSocket {
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
   * @throws UnsupportedOperationException if the platform's provider cannot be had
   */
  static KernelSocket open(NetworkResources network, AddressFamily family) throws IOException {
    SelectorProvider platform = network.platform().get();
    SocketChannel channel =
        switch (family) {
          case INET -> platform.openSocketChannel();
          case INET4 -> platform.openSocketChannel(StandardProtocolFamily.INET);
          case UNIX -> platform.openSocketChannel(StandardProtocolFamily.UNIX);
        };
    try {
      return new KernelSocket(channel, network.counters());
    } catch (OutOfMemoryError e) {
      channel.close();
      throw e;
    }
  }

  SocketChannel channel() {
    return channel;
  }

  /** The platform's adaptor; for IP channels only. */
  Socket socket() {
    return channel.socket();
  }

  /** Sets what was set on ours before the way was known. */
  void apply(Map<SocketOption<?>, Object> options) throws IOException {
    for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
      set(option.getKey(), option.getValue());
    }
  }

  private <T> void set(SocketOption<T> name, Object value) throws IOException {
    if (channel.supportedOptions().contains(name)) {
      channel.setOption(name, name.type().cast(value));
    }
  }

  boolean connect(Channel ours, SocketAddress remote, Deadline deadline) throws IOException {
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

  boolean finishConnect(Channel ours) throws IOException {
    try {
      return noted(channel.finishConnect());
    } catch (IOException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /** Counts the connection when it is first seen; a connect may be finished again and again. */
  private boolean noted(boolean connected) {
    if (connected && counted.compareAndSet(false, true)) {
      counters.kernelConnected();
    }
    return connected;
  }

  int read(Channel ours, ByteBuffer dst) throws IOException {
    try {
      return channel.read(dst);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  long read(Channel ours, ByteBuffer[] dsts, int offset, int length) throws IOException {
    try {
      return channel.read(dsts, offset, length);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  int write(Channel ours, ByteBuffer src) throws IOException {
    try {
      return channel.write(src);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  long write(Channel ours, ByteBuffer[] srcs, int offset, int length) throws IOException {
    try {
      return channel.write(srcs, offset, length);
    } catch (ClosedChannelException e) {
      throw together(ours, e);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /** Writes a byte of urgent data, as the platform's adaptor does. */
  void writeUrgent(Channel ours, byte data) throws IOException {
    try {
      channel.socket().sendUrgentData(data);
    } finally {
      Reference.reachabilityFence(ours);
    }
  }

  /** Reads as the platform's adaptor does, with a time-out in milliseconds or 0. */
  int readTimed(Channel ours, byte[] bytes, int offset, int length, int timeoutMillis)
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
      // The read says that the channel is closed, in the way of a read.
    }
  }

  int available() throws IOException {
    return input().available();
  }

  /** The stream of the platform's adaptor; kept, since a shut or closed one is not given out. */
  InputStream input() throws IOException {
    InputStream present = input;
    if (present == null) {
      present = channel.socket().getInputStream();
      input = present;
    }
    return present;
  }

  /** Closes ours if the platform's channel has closed itself. */
  private <E extends IOException> E together(Channel ours, E cause) throws IOException {
    if (!channel.isOpen()) {
      ours.close();
    }
    return cause;
  }

  void close() throws IOException {
    channel.close();
  }
}
