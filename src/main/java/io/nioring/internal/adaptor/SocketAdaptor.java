package io.nioring.internal.adaptor;

import static io.nioring.internal.adaptor.AdaptorExceptions.asSocketException;
import static io.nioring.internal.adaptor.AdaptorExceptions.translating;

import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * The {@link Socket} of a ring channel: everything it does, it does through the channel.
 *
 * <p>Its streams may be read and written at the same time; both require a channel in blocking mode.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the channel does its own locking
final class SocketAdaptor extends Socket {
  private final RingSocketChannel channel;
  private final Clock clock;
  private final AdaptorInput input;
  private final AdaptorOutput output;
  private volatile int timeoutMillis;

  private SocketAdaptor(RingSocketChannel channel, Clock clock) throws SocketException {
    super((SocketImpl) null);
    this.channel = channel;
    this.clock = clock;
    this.input = new AdaptorInput(channel, this::timeoutMillis);
    this.output = new AdaptorOutput(channel);
  }

  static Socket of(RingSocketChannel channel, Clock clock) {
    try {
      return new SocketAdaptor(channel, clock);
    } catch (SocketException e) {
      throw new AssertionError("a socket without implementation cannot fail", e);
    }
  }

  private int timeoutMillis() {
    return timeoutMillis;
  }

  @Override
  public SocketChannel getChannel() {
    return channel;
  }

  // -- connecting and names

  @Override
  public void connect(SocketAddress remote) throws IOException {
    connect(remote, 0);
  }

  @Override
  public void connect(SocketAddress remote, int timeout) throws IOException {
    if (remote == null) {
      throw new IllegalArgumentException("connect: The address can't be null");
    }
    if (timeout < 0) {
      throw new IllegalArgumentException("connect: timeout can't be negative: " + timeout);
    }
    if (channel.resolved(remote) instanceof InetSocketAddress inet) {
      if (inet.isUnresolved()) {
        refuseUnresolved(inet);
      }
      ensureBlocking();
    } // else the channel refuses it, in either mode
    translating(() -> channel.connect(remote, Deadline.ofMillis(clock, timeout)));
  }

  /** A connect to an unknown host closes the socket, as on JDK 25. */
  private void refuseUnresolved(InetSocketAddress remote) throws IOException {
    ensureOpen();
    if (isConnected()) {
      throw new SocketException("Already connected");
    }
    channel.close();
    throw new UnknownHostException(remote.toString());
  }

  private void ensureBlocking() {
    if (!channel.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
  }

  @Override
  public void bind(SocketAddress local) throws IOException {
    translating(() -> channel.bind(local == null ? new InetSocketAddress(0) : local));
  }

  @Override
  public InetAddress getInetAddress() {
    InetSocketAddress remote = remoteAddress();
    return remote == null ? null : remote.getAddress();
  }

  @Override
  public int getPort() {
    InetSocketAddress remote = remoteAddress();
    return remote == null ? 0 : remote.getPort();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return remoteAddress();
  }

  /** Known from the connect on, and still after close, as on the platform. */
  private InetSocketAddress remoteAddress() {
    return (InetSocketAddress) channel.way().lastRemoteAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    InetSocketAddress local = channel.isOpen() ? localAddress() : null;
    return local == null ? new InetSocketAddress(0).getAddress() : local.getAddress();
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
    return (InetSocketAddress) channel.way().lastLocalAddress();
  }

  // -- streams

  @Override
  public InputStream getInputStream() throws IOException {
    ensureConnected();
    if (channel.way().isInputShut()) {
      throw new SocketException("Socket input is shutdown");
    }
    channel.way().openInput();
    return input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    ensureConnected();
    if (channel.way().isOutputShut()) {
      throw new SocketException("Socket output is shutdown");
    }
    return output;
  }

  private void ensureConnected() throws SocketException {
    ensureOpen();
    if (!channel.isConnected()) {
      throw new SocketException("Socket is not connected");
    }
  }

  private void ensureOpen() throws SocketException {
    if (!channel.isOpen()) {
      throw new SocketException("Socket is closed");
    }
  }

  /** What a channel throws that is not connected is not translated, on the platform either. */
  @Override
  public void sendUrgentData(int data) throws IOException {
    channel.way().writeUrgent(channel, (byte) data);
  }

  // -- options

  private <T> void set(SocketOption<T> option, T value) throws SocketException {
    asSocketException(() -> channel.setOption(option, value));
  }

  private <T> T get(SocketOption<T> option) throws SocketException {
    return asSocketException(() -> channel.getOption(option));
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    set(StandardSocketOptions.TCP_NODELAY, on);
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return get(StandardSocketOptions.TCP_NODELAY);
  }

  @Override
  public void setSoLinger(boolean on, int seconds) throws SocketException {
    set(StandardSocketOptions.SO_LINGER, on ? seconds : -1);
  }

  @Override
  public int getSoLinger() throws SocketException {
    return get(StandardSocketOptions.SO_LINGER);
  }

  @Override
  public void setOOBInline(boolean on) throws SocketException {
    ensureOpen();
    channel.ringSocket().takeUrgentInline(on);
    if (!channel.isOnRing()) {
      channel.way().takeUrgentInline(on);
    }
  }

  @Override
  public boolean getOOBInline() throws SocketException {
    ensureOpen();
    return channel.ringSocket().endpoint().takesUrgentInline();
  }

  @Override
  public void setSoTimeout(int millis) throws SocketException {
    ensureOpen();
    if (millis < 0) {
      throw new IllegalArgumentException("timeout can't be negative: " + millis);
    }
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() throws SocketException {
    ensureOpen();
    return timeoutMillis;
  }

  @Override
  public void setSendBufferSize(int size) throws SocketException {
    ensurePositive("send", size);
    set(StandardSocketOptions.SO_SNDBUF, size);
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_SNDBUF);
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    ensurePositive("receive", size);
    set(StandardSocketOptions.SO_RCVBUF, size);
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_RCVBUF);
  }

  private static void ensurePositive(String which, int size) {
    if (size <= 0) {
      throw new IllegalArgumentException("Invalid " + which + " buffer size: " + size);
    }
  }

  @Override
  public void setKeepAlive(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_KEEPALIVE, on);
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return get(StandardSocketOptions.SO_KEEPALIVE);
  }

  @Override
  public void setTrafficClass(int trafficClass) throws SocketException {
    set(StandardSocketOptions.IP_TOS, trafficClass);
  }

  @Override
  public int getTrafficClass() throws SocketException {
    return get(StandardSocketOptions.IP_TOS);
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_REUSEADDR, on);
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
    return get(StandardSocketOptions.SO_REUSEADDR);
  }

  @Override
  public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
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

  // -- state, half-close, close

  @Override
  public void shutdownInput() throws IOException {
    translating(channel::shutdownInput);
  }

  @Override
  public void shutdownOutput() throws IOException {
    translating(channel::shutdownOutput);
  }

  @Override
  public boolean isInputShutdown() {
    return channel.way().isInputShut();
  }

  @Override
  public boolean isOutputShutdown() {
    return channel.way().isOutputShut();
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isBound() {
    return channel.way().lastLocalAddress() != null;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    if (!isConnected()) {
      return "Socket[unconnected]";
    }
    return "Socket[addr="
        + getInetAddress()
        + ",port="
        + getPort()
        + ",localport="
        + getLocalPort()
        + "]";
  }
}
