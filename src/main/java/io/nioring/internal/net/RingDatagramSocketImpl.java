package io.nioring.internal.net;

import io.nioring.internal.channel.RingDatagramChannel;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.DatagramSocketImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The implementation behind a plain {@link DatagramSocket} or {@link java.net.MulticastSocket}: the
 * adaptor of a ring channel that interrupts do not close.
 *
 * <p>Called by the JDK's socket, which itself checks and stores most of the state, and lets one
 * thread at a time receive.
 */
final class RingDatagramSocketImpl extends DatagramSocketImpl {
  private static final int MAX_PACKET_BYTES = 65_535;
  private static final InetAddress ANY = new InetSocketAddress(0).getAddress();

  private final NetworkResources network;
  private final AddressFamily family;

  /** A packet that was looked at and is received next; null if there is none. */
  private final AtomicReference<DatagramPacket> peeked = new AtomicReference<>();

  /** Set by {@link #create}, which comes first. */
  private volatile DatagramSocket socket;

  RingDatagramSocketImpl(NetworkResources network, AddressFamily family) {
    this.network = network;
    this.family = family;
  }

  @Override
  protected void create() throws SocketException {
    try {
      socket = adaptorOf(RingDatagramChannel.openUninterruptible(network, family));
    } catch (IllegalStateException e) {
      SocketException failure = new SocketException(e.getMessage()); // the network is closed
      failure.initCause(e);
      throw failure;
    }
    socket.setBroadcast(true); // as DatagramSocket specifies
  }

  private static DatagramSocket adaptorOf(RingDatagramChannel channel) {
    boolean made = false;
    try {
      DatagramSocket adaptor = channel.socket();
      made = true;
      return adaptor;
    } finally {
      if (!made) {
        closeQuietly(channel);
      }
    }
  }

  private static void closeQuietly(RingDatagramChannel unused) {
    try {
      unused.close();
    } catch (IOException e) {
      throw new AssertionError("an unbound channel has nothing of the kernel's", e);
    }
  }

  @Override
  protected void close() {
    DatagramSocket created = socket;
    if (created != null) {
      created.close();
    }
  }

  // -- names

  @Override
  protected void bind(int port, InetAddress local) throws SocketException {
    socket.bind(new InetSocketAddress(local, port));
    localPort = socket.getLocalPort();
  }

  @Override
  protected void connect(InetAddress address, int port) throws SocketException {
    socket.connect(new InetSocketAddress(address, port));
  }

  @Override
  protected void disconnect() {
    socket.disconnect();
  }

  // -- packets

  @Override
  protected void send(DatagramPacket packet) throws IOException {
    socket.send(packet);
  }

  @Override
  protected void receive(DatagramPacket packet) throws IOException {
    DatagramPacket waiting = peeked.getAndSet(null);
    if (waiting == null) {
      socket.receive(packet);
    } else {
      copy(waiting, packet);
    }
  }

  @Override
  protected int peekData(DatagramPacket packet) throws IOException {
    DatagramPacket waiting = peek();
    copy(waiting, packet);
    return waiting.getPort();
  }

  @Override
  protected int peek(InetAddress source) throws IOException {
    return peek().getPort(); // an address cannot be changed, so it returns the port alone
  }

  private DatagramPacket peek() throws IOException {
    DatagramPacket waiting = peeked.get();
    if (waiting == null) {
      waiting = new DatagramPacket(new byte[MAX_PACKET_BYTES], MAX_PACKET_BYTES);
      socket.receive(waiting);
      peeked.set(waiting);
    }
    return waiting;
  }

  private void copy(DatagramPacket from, DatagramPacket to) {
    synchronized (to) {
      network
          .names()
          .datagrams()
          .packets()
          .fill(to, from.getData(), from.getLength(), from.getSocketAddress());
    }
  }

  // -- groups

  @Override
  protected void join(InetAddress group) throws IOException {
    joinGroup(new InetSocketAddress(group, 0), null);
  }

  @Override
  protected void leave(InetAddress group) throws IOException {
    leaveGroup(new InetSocketAddress(group, 0), null);
  }

  @Override
  protected void joinGroup(SocketAddress group, NetworkInterface networkInterface)
      throws IOException {
    socket.joinGroup(group, networkInterface);
  }

  @Override
  protected void leaveGroup(SocketAddress group, NetworkInterface networkInterface)
      throws IOException {
    socket.leaveGroup(group, networkInterface);
  }

  @Override
  protected void setTimeToLive(int ttl) throws IOException {
    socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, ttl);
  }

  @Override
  protected int getTimeToLive() throws IOException {
    return socket.getOption(StandardSocketOptions.IP_MULTICAST_TTL);
  }

  @Override
  @Deprecated
  @SuppressWarnings("InlineMeSuggester") // called only by the JDK
  protected void setTTL(byte ttl) throws IOException {
    setTimeToLive(ttl & 0xff);
  }

  @Override
  @Deprecated
  @SuppressWarnings("InlineMeSuggester") // as above
  protected byte getTTL() throws IOException {
    return (byte) getTimeToLive();
  }

  // -- options

  @Override
  protected <T> void setOption(SocketOption<T> name, T value) throws IOException {
    socket.setOption(name, value);
  }

  @Override
  protected <T> T getOption(SocketOption<T> name) throws IOException {
    return socket.getOption(name);
  }

  @Override
  protected Set<SocketOption<?>> supportedOptions() {
    return socket.supportedOptions();
  }

  @Override
  public void setOption(int id, Object value) throws SocketException {
    switch (id) {
      case SocketOptions.SO_TIMEOUT -> socket.setSoTimeout((Integer) value);
      case SocketOptions.SO_SNDBUF -> socket.setSendBufferSize((Integer) value);
      case SocketOptions.SO_RCVBUF -> socket.setReceiveBufferSize((Integer) value);
      case SocketOptions.SO_REUSEADDR -> socket.setReuseAddress((Boolean) value);
      case SocketOptions.SO_BROADCAST -> socket.setBroadcast((Boolean) value);
      case SocketOptions.IP_TOS -> socket.setTrafficClass((Integer) value);
      case SocketOptions.SO_REUSEPORT -> set(StandardSocketOptions.SO_REUSEPORT, (Boolean) value);
      case SocketOptions.IP_MULTICAST_LOOP -> // true means off here
          set(StandardSocketOptions.IP_MULTICAST_LOOP, !(Boolean) value);
      case SocketOptions.IP_MULTICAST_IF ->
          set(StandardSocketOptions.IP_MULTICAST_IF, interfaceOf((InetAddress) value));
      case SocketOptions.IP_MULTICAST_IF2 ->
          set(StandardSocketOptions.IP_MULTICAST_IF, (NetworkInterface) value);
      default -> throw unknown(id);
    }
  }

  @Override
  public Object getOption(int id) throws SocketException {
    return switch (id) {
      case SocketOptions.SO_TIMEOUT -> socket.getSoTimeout();
      case SocketOptions.SO_SNDBUF -> socket.getSendBufferSize();
      case SocketOptions.SO_RCVBUF -> socket.getReceiveBufferSize();
      case SocketOptions.SO_REUSEADDR -> socket.getReuseAddress();
      case SocketOptions.SO_BROADCAST -> socket.getBroadcast();
      case SocketOptions.IP_TOS -> socket.getTrafficClass();
      case SocketOptions.SO_REUSEPORT -> get(StandardSocketOptions.SO_REUSEPORT);
      case SocketOptions.SO_BINDADDR -> socket.getLocalAddress();
      case SocketOptions.IP_MULTICAST_LOOP -> !get(StandardSocketOptions.IP_MULTICAST_LOOP);
      case SocketOptions.IP_MULTICAST_IF -> addressOf(get(StandardSocketOptions.IP_MULTICAST_IF));
      case SocketOptions.IP_MULTICAST_IF2 -> get(StandardSocketOptions.IP_MULTICAST_IF);
      default -> throw unknown(id);
    };
  }

  private static SocketException unknown(int id) {
    return new SocketException("no option of datagram sockets: " + id);
  }

  private static NetworkInterface interfaceOf(InetAddress address) throws SocketException {
    if (address == null) {
      throw new SocketException("Invalid value 'null'");
    }
    NetworkInterface found = NetworkInterface.getByInetAddress(address);
    if (found == null) {
      throw new SocketException("No network interface with address " + address.getHostAddress());
    }
    return found;
  }

  /** The first address, as on the platform; the JDK gives the one that was set, if it was. */
  private static InetAddress addressOf(NetworkInterface networkInterface) {
    return networkInterface == null
        ? ANY
        : networkInterface.inetAddresses().findFirst().orElse(ANY);
  }

  private <T> void set(SocketOption<T> name, T value) throws SocketException {
    try {
      socket.setOption(name, value);
    } catch (IOException e) {
      throw socketException(e);
    }
  }

  private <T> T get(SocketOption<T> name) throws SocketException {
    try {
      return socket.getOption(name);
    } catch (IOException e) {
      throw socketException(e);
    }
  }

  private static SocketException socketException(IOException cause) {
    SocketException exception = new SocketException("Socket is closed");
    exception.initCause(cause);
    return exception;
  }
}
