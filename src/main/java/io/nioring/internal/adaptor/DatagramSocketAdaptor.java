package io.nioring.internal.adaptor;

import static io.nioring.internal.adaptor.AdaptorExceptions.asSocketException;
import static io.nioring.internal.adaptor.AdaptorExceptions.translating;

import io.nioring.internal.channel.RingDatagramChannel;
import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.MembershipKey;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import java.util.Set;

/**
 * The {@link DatagramSocket} of a ring datagram channel: everything it does, it does through the
 * channel.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the channel does its own locking
final class DatagramSocketAdaptor extends DatagramSocket {
  private static final InetAddress ANY = new InetSocketAddress(0).getAddress();

  private final RingDatagramChannel channel;
  private final Clock clock;
  private volatile int timeoutMillis;

  private DatagramSocketAdaptor(RingDatagramChannel channel, Clock clock) {
    super(new NoDatagramSocketImpl());
    this.channel = channel;
    this.clock = clock;
  }

  static DatagramSocket of(RingDatagramChannel channel, Clock clock) {
    return new DatagramSocketAdaptor(channel, clock);
  }

  @Override
  public DatagramChannel getChannel() {
    return channel;
  }

  // -- names

  @Override
  public void bind(SocketAddress local) throws SocketException {
    if (local != null && !(local instanceof InetSocketAddress)) {
      throw new UnsupportedAddressTypeException();
    }
    asSocketException(() -> channel.bind(local == null ? new InetSocketAddress(0) : local));
  }

  @Override
  public void connect(InetAddress address, int port) {
    try {
      connect(addressOf(address, port));
    } catch (SocketException e) {
      throw new UncheckedIOException("connect failed", e);
    }
  }

  private static InetSocketAddress addressOf(InetAddress address, int port) {
    if (address == null) {
      throw new IllegalArgumentException("Address can't be null");
    }
    if (port < 0 || port > Character.MAX_VALUE) {
      throw new IllegalArgumentException("port out of range:" + port);
    }
    return new InetSocketAddress(address, port);
  }

  @Override
  public void connect(SocketAddress remote) throws SocketException {
    if (remote == null) {
      throw new IllegalArgumentException("Address can't be null");
    }
    if (!(remote instanceof InetSocketAddress inet)) {
      throw new UnsupportedAddressTypeException();
    }
    if (!channel.isOpen()) {
      ensureResolved(inet); // an open channel asks the hosts of its network
      return;
    }
    asSocketException(() -> channel.connect(remote, false));
  }

  private static void ensureResolved(InetSocketAddress address) throws SocketException {
    if (address.isUnresolved()) {
      throw AdaptorExceptions.caused("Unresolved address", new UnresolvedAddressException());
    }
  }

  @Override
  public void disconnect() {
    try {
      channel.disconnect();
    } catch (IOException e) {
      throw new UncheckedIOException("disconnect failed", e);
    }
  }

  @Override
  public boolean isBound() {
    return channel.isBound();
  }

  @Override
  public boolean isConnected() {
    return remote() != null;
  }

  @Override
  public InetAddress getInetAddress() {
    InetSocketAddress remote = remote();
    return remote == null ? null : remote.getAddress();
  }

  @Override
  public int getPort() {
    InetSocketAddress remote = remote();
    return remote == null ? -1 : remote.getPort();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return remote();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return isClosed() ? null : local();
  }

  @Override
  public InetAddress getLocalAddress() {
    if (isClosed()) {
      return null;
    }
    InetSocketAddress local = local();
    return local == null ? ANY : local.getAddress();
  }

  @Override
  public int getLocalPort() {
    if (isClosed()) {
      return -1;
    }
    InetSocketAddress local = local();
    return local == null ? 0 : local.getPort();
  }

  private InetSocketAddress local() {
    try {
      return channel.localAddress();
    } catch (IOException e) {
      return null; // closed
    }
  }

  private InetSocketAddress remote() {
    try {
      return channel.remoteAddress();
    } catch (IOException e) {
      return null; // closed
    }
  }

  // -- packets

  @Override
  public void send(DatagramPacket packet) throws IOException {
    try {
      synchronized (packet) {
        InetSocketAddress to = destinationOf(packet);
        AdaptorExceptions.ensureBlocking(channel);
        ensureIsPeer(to);
        ByteBuffer bytes =
            ByteBuffer.wrap(packet.getData(), packet.getOffset(), packet.getLength());
        translating(() -> channel.send(bytes, to));
      }
    } catch (ClosedChannelException e) {
      throw closed(e);
    } catch (AlreadyConnectedException e) {
      throw new IllegalArgumentException("Connected and packet address differ", e);
    }
  }

  private InetSocketAddress destinationOf(DatagramPacket packet) {
    if (packet.getAddress() == null) {
      InetSocketAddress remote = remote();
      if (remote == null) {
        throw new IllegalArgumentException("Address not set");
      }
      packet.setSocketAddress(remote);
    }
    return (InetSocketAddress) packet.getSocketAddress();
  }

  private void ensureIsPeer(InetSocketAddress to) {
    InetSocketAddress remote = remote();
    if (remote != null && !remote.equals(to)) {
      throw new IllegalArgumentException("Connected and packet address differ");
    }
  }

  @Override
  public void receive(DatagramPacket packet) throws IOException {
    Objects.requireNonNull(packet);
    Datagram received;
    try {
      received = channel.receiveUntil(Deadline.ofMillis(clock, timeoutMillis));
    } catch (ClosedByInterruptException e) {
      throw e; // as specified since JDK 21
    } catch (ClosedChannelException e) {
      throw closed(e);
    }
    if (received == null) {
      throw new IllegalBlockingModeException(); // the mode changed meanwhile
    }
    byte[] bytes = received.bytes();
    synchronized (packet) {
      channel.packets().fill(packet, bytes, bytes.length, received.source());
    }
    received.clear(); // the queue keeps it until the next packet is taken
  }

  private static SocketException closed(ClosedChannelException cause) {
    SocketException exception = new SocketException("Socket closed");
    exception.initCause(cause);
    return exception;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the kernel's socket", e);
    }
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  // -- groups

  @Override
  public void joinGroup(SocketAddress group, NetworkInterface networkInterface) throws IOException {
    InetAddress ip = groupOf(group);
    NetworkInterface on = asSocketException(() -> orDefault(networkInterface));
    ensureOpen();
    if (channel.keyOf(ip, on) != null) {
      throw new SocketException("Already a member of group");
    }
    asSocketException(() -> channel.join(ip, on));
  }

  @Override
  public void leaveGroup(SocketAddress group, NetworkInterface networkInterface)
      throws IOException {
    InetAddress ip = groupOf(group);
    NetworkInterface on = asSocketException(() -> orDefault(networkInterface));
    ensureOpen();
    MembershipKey key = channel.keyOf(ip, on);
    if (key == null) {
      throw new SocketException("Not a member of group");
    }
    key.drop();
  }

  private InetAddress groupOf(SocketAddress group) throws SocketException {
    if (!(group instanceof InetSocketAddress inet)) {
      throw new IllegalArgumentException("Unsupported address type");
    }
    if (inet.isUnresolved()) {
      throw new IllegalArgumentException("Unresolved address");
    }
    if (!inet.getAddress().isMulticastAddress()) {
      throw new SocketException("Not a multicast address");
    }
    return inet.getAddress();
  }

  /** The given interface, else the one that was set, else any that supports multicast. */
  private NetworkInterface orDefault(NetworkInterface given) throws IOException {
    if (given != null) {
      return given;
    }
    NetworkInterface set = channel.getOption(StandardSocketOptions.IP_MULTICAST_IF);
    return set != null ? set : anyInterface();
  }

  private static NetworkInterface anyInterface() throws SocketException {
    NetworkInterface loopback = null;
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      if (each.isUp() && each.supportsMulticast() && !each.isLoopback()) {
        return each;
      }
      loopback = each.isLoopback() ? each : loopback;
    }
    if (loopback == null) {
      throw new SocketException("No network interface to join the group on");
    }
    return loopback;
  }

  // -- options

  private void ensureOpen() throws SocketException {
    if (isClosed()) {
      throw new SocketException("Socket is closed");
    }
  }

  @Override
  public void setSoTimeout(int millis) throws SocketException {
    ensureOpen();
    if (millis < 0) {
      throw new IllegalArgumentException("timeout < 0");
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
    if (size <= 0) {
      throw new IllegalArgumentException("Invalid send size");
    }
    set(StandardSocketOptions.SO_SNDBUF, size);
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_SNDBUF);
  }

  @Override
  public void setReceiveBufferSize(int size) throws SocketException {
    if (size <= 0) {
      throw new IllegalArgumentException("Invalid receive size");
    }
    set(StandardSocketOptions.SO_RCVBUF, size);
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return get(StandardSocketOptions.SO_RCVBUF);
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
  public void setBroadcast(boolean on) throws SocketException {
    set(StandardSocketOptions.SO_BROADCAST, on);
  }

  @Override
  public boolean getBroadcast() throws SocketException {
    return get(StandardSocketOptions.SO_BROADCAST);
  }

  @Override
  public void setTrafficClass(int trafficClass) throws SocketException {
    set(StandardSocketOptions.IP_TOS, trafficClass);
  }

  @Override
  public int getTrafficClass() throws SocketException {
    return get(StandardSocketOptions.IP_TOS);
  }

  private <T> void set(SocketOption<T> name, T value) throws SocketException {
    asSocketException(() -> channel.setOption(name, value));
  }

  private <T> T get(SocketOption<T> name) throws SocketException {
    return asSocketException(() -> channel.getOption(name));
  }

  @Override
  public <T> DatagramSocket setOption(SocketOption<T> name, T value) throws IOException {
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
}
