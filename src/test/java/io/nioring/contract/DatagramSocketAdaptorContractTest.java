package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.UnsupportedAddressTypeException;

/** The {@link DatagramSocket} of a channel. */
class DatagramSocketAdaptorContractTest {
  private static DatagramPacket packet(int room) {
    return new DatagramPacket(new byte[room], room);
  }

  private static DatagramPacket packet(String text, DatagramSocket to) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return new DatagramPacket(bytes, bytes.length, to.getLocalSocketAddress());
  }

  @EachDatagram
  void packetsTravelBothWays(TestTransport transport) throws IOException {
    DatagramSocket one = transport.bindDatagram().socket();
    DatagramSocket other = transport.bindDatagram().socket();
    one.send(packet("hello", other));
    DatagramPacket received = packet(100);
    other.receive(received);
    assertThat(received.getLength()).isEqualTo(5);
    assertThat(received.getSocketAddress()).isEqualTo(one.getLocalSocketAddress());
    other.send(received);
    one.receive(received);
    assertThat(new String(received.getData(), 0, 5, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("hello");
  }

  /** A short packet must not leave less room for the next one. */
  @EachDatagram
  void aPacketThatIsUsedAgainKeepsItsRoom(TestTransport transport) throws IOException {
    DatagramSocket one = transport.bindDatagram().socket();
    DatagramSocket other = transport.bindDatagram().socket();
    DatagramPacket received = packet(8);
    for (String text : new String[] {"four", "", "eightttt", "1", "too long a text"}) {
      one.send(packet(text, other));
      other.receive(received);
      assertThat(received.getLength()).isEqualTo(Math.min(8, text.length()));
    }
    received.setLength(3);
    one.send(packet("shorter", other));
    other.receive(received);
    assertThat(received.getLength()).isEqualTo(3);
  }

  @EachDatagram
  void aReceiveTimesOut(TestTransport transport) throws IOException {
    DatagramSocket socket = transport.bindDatagram().socket();
    socket.setSoTimeout(20);
    assertThatThrownBy(() -> socket.receive(packet(1)))
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessage("Receive timed out");
    assertThat(socket.isClosed()).isFalse();
  }

  @EachDatagram
  void itTellsTheChannelsNames(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    DatagramSocket socket = channel.socket();
    assertThat(channel.socket()).isSameAs(socket);
    assertThat(socket.getChannel()).isSameAs(channel);
    assertThat(socket.isBound()).isFalse();
    assertThat(socket.getLocalPort()).isZero();
    assertThat(socket.getLocalSocketAddress()).isNull();
    assertThat(socket.getPort()).isEqualTo(-1);
    assertThat(socket.getInetAddress()).isNull();

    socket.bind(new InetSocketAddress(transport.loopback(), 0));

    assertThat(socket.getLocalSocketAddress()).isEqualTo(channel.getLocalAddress());
    DatagramSocket peer = transport.bindDatagram().socket();
    socket.connect(peer.getLocalSocketAddress());
    assertThat(socket.isConnected()).isTrue();
    assertThat(socket.getPort()).isEqualTo(peer.getLocalPort());
    assertThat(socket.getInetAddress()).isEqualTo(transport.loopback());
    DatagramSocket second = transport.bindDatagram().socket();
    socket.connect(second.getLocalSocketAddress());
    assertThat(socket.getRemoteSocketAddress()).isEqualTo(second.getLocalSocketAddress());
    assertThatThrownBy(() -> socket.send(packet("x", peer)))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    socket.send(packet(1));
    socket.disconnect();
    assertThat(socket.getRemoteSocketAddress()).isNull();
  }

  @EachDatagram
  void aClosedSocketTellsNoNames(TestTransport transport) throws IOException {
    DatagramSocket socket = transport.bindDatagram().socket();
    socket.close();
    assertThat(socket.isClosed()).isTrue();
    assertThat(socket.getChannel().isOpen()).isFalse();
    assertThat(socket.getLocalPort()).isEqualTo(-1);
    assertThat(socket.getLocalAddress()).isNull();
    assertThat(socket.getLocalSocketAddress()).isNull();
    assertThatThrownBy(() -> socket.receive(packet(1))).isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(1)).isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getReceiveBufferSize).isExactlyInstanceOf(SocketException.class);
  }

  @EachDatagram
  void misuseIsRefused(TestTransport transport) throws IOException {
    DatagramSocket socket = transport.bindDatagram().socket();
    assertThatThrownBy(() -> socket.send(packet(1)))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setReceiveBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(-1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    SocketAddress noInternetAddress = UnixDomainSocketAddress.of("/no/such");
    assertThatThrownBy(() -> socket.connect(noInternetAddress))
        .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    assertThatThrownBy(() -> socket.connect(null))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.connect(transport.loopback(), -1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.bind(null)).isInstanceOf(SocketException.class);
    socket.getChannel().configureBlocking(false);
    assertThatThrownBy(() -> socket.receive(packet(1)))
        .isExactlyInstanceOf(IllegalBlockingModeException.class);
  }

  @EachDatagram
  void groupsAreJoinedAndLeft(TestTransport transport) throws IOException {
    DatagramSocket socket = transport.openDatagram().socket();
    NetworkInterface on = NetworkInterface.getByInetAddress(transport.loopback());
    boolean ipv6 = transport.kind() == TransportKind.RING_INET6;
    InetSocketAddress group = new InetSocketAddress(ipv6 ? "ff02::1:78" : "239.1.2.78", 0);
    assertThatThrownBy(() -> socket.leaveGroup(group, on))
        .isExactlyInstanceOf(SocketException.class);
    socket.joinGroup(group, on);
    assertThatThrownBy(() -> socket.joinGroup(group, on))
        .isExactlyInstanceOf(SocketException.class);
    socket.leaveGroup(group, on);
    assertThatThrownBy(() -> socket.joinGroup(new InetSocketAddress(transport.loopback(), 0), on))
        .isExactlyInstanceOf(SocketException.class);
  }

  @EachDatagram
  void anInterruptClosesTheChannel(TestTransport transport) throws Exception {
    DatagramSocket socket = transport.bindDatagram().socket();
    Background<?> waiting =
        transport.background(
            () -> {
              socket.receive(packet(1));
              return null;
            });
    waiting.awaitBlockedIn("receive");
    waiting.thread().interrupt();
    Throwable failure = waiting.failure();
    assertThat(failure instanceof ClosedByInterruptException ? failure : failure.getCause())
        .isExactlyInstanceOf(ClosedByInterruptException.class); // wrapped before JDK 21
    assertThat(socket.isClosed()).isTrue();
  }

  /** The channel refuses a second connect, the socket does not. */
  @EachDatagram
  void anotherConnectForgetsThatNobodyWasThere(TestTransport transport) throws IOException {
    DatagramChannel gone = transport.bindDatagram();
    DatagramChannel channel = transport.openDatagram();
    channel.connect(gone.getLocalAddress());
    gone.close();
    channel.configureBlocking(false);
    Selector selector = transport.openSelector();
    channel.register(selector, SelectionKey.OP_READ);
    channel.write(ByteBuffer.wrap(new byte[] {1}));
    assertThat(selector.select(30_000)).isEqualTo(1);
    DatagramChannel present = transport.bindDatagram();

    channel.socket().connect(present.getLocalAddress());

    assertThat(channel.write(ByteBuffer.wrap(new byte[] {2}))).isEqualTo(1);
    assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
    ByteBuffer received = ByteBuffer.allocate(1);
    assertThat(present.receive(received)).isEqualTo(channel.getLocalAddress());
    assertThat(received.get(0)).isEqualTo((byte) 2);
  }

  @EachDatagram
  void itReceivesWhatAChannelSends(TestTransport transport) throws IOException {
    DatagramSocket socket = transport.bindDatagram().socket();
    transport.openDatagram().send(ByteBuffer.allocate(7), socket.getLocalSocketAddress());
    DatagramPacket received = packet(10);
    socket.receive(received);
    assertThat(received.getLength()).isEqualTo(7);
  }
}
