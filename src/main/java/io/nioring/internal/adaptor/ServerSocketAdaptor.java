package io.nioring.internal.adaptor;

import static io.nioring.internal.adaptor.AdaptorExceptions.asSocketException;
import static io.nioring.internal.adaptor.AdaptorExceptions.translating;

import io.nioring.internal.channel.RingServerSocketChannel;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * The {@link ServerSocket} of a ring server channel: everything it does, it does through the
 * channel.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the channel does its own locking
final class ServerSocketAdaptor extends ServerSocket {
  private final RingServerSocketChannel channel;
  private final Clock clock;
  private volatile int timeoutMillis;

  private ServerSocketAdaptor(RingServerSocketChannel channel, Clock clock) {
    super(new NoSocketImpl());
    this.channel = channel;
    this.clock = clock;
  }

  static ServerSocket of(RingServerSocketChannel channel, Clock clock) {
    return new ServerSocketAdaptor(channel, clock);
  }

  @Override
  public ServerSocketChannel getChannel() {
    return channel;
  }

  @Override
  public void bind(SocketAddress local) throws IOException {
    bind(local, 50);
  }

  @Override
  public void bind(SocketAddress local, int backlog) throws IOException {
    translating(() -> channel.bind(local == null ? new InetSocketAddress(0) : local, backlog));
  }

  @Override
  public InetAddress getInetAddress() {
    InetSocketAddress local = localAddress();
    return local == null ? null : local.getAddress();
  }

  @Override
  public int getLocalPort() {
    InetSocketAddress local = localAddress();
    return local == null ? -1 : local.getPort();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return localAddress();
  }

  private InetSocketAddress localAddress() {
    return (InetSocketAddress) channel.localAddress();
  }

  @Override
  public Socket accept() throws IOException {
    SocketChannel accepted = translating(this::acceptChannel);
    return accepted.socket();
  }

  private SocketChannel acceptChannel() throws IOException {
    int timeout = timeoutMillis;
    if (timeout > 0 && !channel.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
    SocketChannel accepted = timeout > 0 ? acceptInTime(timeout) : channel.accept();
    if (accepted == null) {
      throw new IllegalBlockingModeException(); // what is pending is given in either mode
    }
    return accepted;
  }

  /** One that is closed already is told to be closed meanwhile, as on the platform. */
  private SocketChannel acceptInTime(int timeout) throws IOException {
    try {
      return channel.accept(Deadline.ofMillis(clock, timeout));
    } catch (AsynchronousCloseException e) {
      throw e;
    } catch (ClosedChannelException e) {
      throw new AsynchronousCloseException();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public boolean isBound() {
    return channel.localAddress() != null;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void setSoTimeout(int millis) throws SocketException {
    ensureOpen();
    if (millis < 0) {
      throw new IllegalArgumentException("timeout < 0: " + millis);
    }
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() throws IOException {
    ensureOpen();
    return timeoutMillis;
  }

  private void ensureOpen() throws SocketException {
    if (!channel.isOpen()) {
      throw new SocketException("Socket is closed");
    }
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    asSocketException(() -> channel.setOption(StandardSocketOptions.SO_REUSEADDR, on));
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
    return asSocketException(() -> channel.getOption(StandardSocketOptions.SO_REUSEADDR));
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    if (size <= 0) {
      throw new IllegalArgumentException("size cannot be 0 or negative: " + size);
    }
    asSocketException(() -> channel.setOption(StandardSocketOptions.SO_RCVBUF, size));
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return asSocketException(() -> channel.getOption(StandardSocketOptions.SO_RCVBUF));
  }

  @Override
  public <T> ServerSocket setOption(SocketOption<T> name, T value) throws IOException {
    channel.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return channel.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return channel.supportedOptions();
  }

  @Override
  public String toString() {
    return isBound()
        ? "ServerSocket[addr=" + getInetAddress() + ",localport=" + getLocalPort() + "]"
        : "ServerSocket[unbound]";
  }
}
