package io.nioring.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;

/** Datagram channels: names, packets, connections, readiness, close and interrupts. */
class DatagramContractTest {
  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer received) {
    received.flip();
    return US_ASCII.decode(received).toString();
  }

  private static InetSocketAddress local(DatagramChannel channel) throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  // -- packets

  @EachDatagram
  void aPacketArrivesWithItsSource(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.bindDatagram();
    ByteBuffer buffer = ByteBuffer.allocate(100);

    assertThat(sender.send(bytes("hello"), local(receiver))).isEqualTo(5);

    assertThat(receiver.receive(buffer)).isEqualTo(local(sender));
    assertThat(text(buffer)).isEqualTo("hello");
  }

  @EachDatagram
  void packetsKeepTheirBoundsAndOrder(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.openDatagram();
    for (String each : new String[] {"a", "", "ccc"}) {
      sender.send(bytes(each), local(receiver));
    }
    for (String each : new String[] {"a", "", "ccc"}) {
      ByteBuffer buffer = ByteBuffer.allocate(100);
      assertThat(receiver.receive(buffer)).isNotNull();
      assertThat(text(buffer)).isEqualTo(each);
    }
  }

  @EachDatagram
  void aConnectedChannelSendsNoEmptyPacket(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.openDatagram();
    sender.connect(local(receiver));
    assertThat(sender.write(bytes(""))).isZero();
    assertThat(sender.send(bytes(""), local(receiver))).isZero();
    assertThat(sender.write(new ByteBuffer[] {bytes(""), bytes("")})).isZero();
    sender.write(bytes("next"));

    ByteBuffer buffer = ByteBuffer.allocate(10);
    receiver.receive(buffer);
    assertThat(text(buffer)).isEqualTo("next");
  }

  @EachDatagram
  void aWriteOfNothingLeavesAnErrorThatIsPending(TestTransport transport) throws IOException {
    DatagramChannel sender = transport.openDatagram();
    DatagramChannel gone = transport.bindDatagram();
    sender.connect(local(gone));
    gone.close();
    sender.write(bytes("lost"));

    assertThat(sender.write(bytes(""))).isZero();
    assertThatThrownBy(() -> sender.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(PortUnreachableException.class);
  }

  @EachDatagram
  void whatABufferHasNoRoomForIsLost(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.openDatagram();
    sender.send(bytes("abcdef"), local(receiver));
    sender.send(bytes("next"), local(receiver));
    ByteBuffer small = ByteBuffer.allocate(3);
    receiver.receive(small);
    assertThat(text(small)).isEqualTo("abc");
    ByteBuffer buffer = ByteBuffer.allocate(10);
    receiver.receive(buffer);
    assertThat(text(buffer)).isEqualTo("next");
  }

  /** On JDKs that have memory segments. */
  @EachDatagram
  void aPacketThatAClosedMemorySegmentCannotTakeStays(TestTransport transport) throws Exception {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.bindDatagram();
    receiver.connect(local(sender));
    for (ByteBuffer closed : SegmentBuffer.closed(16)) {
      sender.send(bytes("hello"), local(receiver));
      assertThatThrownBy(() -> receiver.receive(closed)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> receiver.read(closed)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> receiver.read(new ByteBuffer[] {ByteBuffer.allocate(1), closed}))
          .isInstanceOf(IllegalStateException.class);

      ByteBuffer buffer = ByteBuffer.allocate(100);
      receiver.receive(buffer);
      assertThat(text(buffer)).isEqualTo("hello");
    }
  }

  @EachDatagram
  void aReadWithoutRoomDoesNothingAndAReceiveTakesThePacket(TestTransport transport)
      throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.bindDatagram();
    receiver.connect(local(sender));
    assertThat(receiver.read(ByteBuffer.allocate(0))).isZero();
    sender.send(bytes("gone"), local(receiver));
    sender.send(bytes("next"), local(receiver));

    assertThat(receiver.read(ByteBuffer.allocate(0))).isZero();
    assertThat(receiver.receive(ByteBuffer.allocate(0))).isEqualTo(local(sender));

    ByteBuffer buffer = ByteBuffer.allocate(10);
    assertThat(receiver.read(buffer)).isEqualTo(4);
    assertThat(text(buffer)).isEqualTo("next");
  }

  @EachDatagram
  void theLargestPacketArrivesAndALargerOneIsRefused(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.openDatagram();
    int most = transport.kind() == TransportKind.RING_INET6 ? 65_527 : 65_507;
    ByteBuffer larger = ByteBuffer.allocate(most + 1);

    assertThat(sender.send(ByteBuffer.allocate(most), local(receiver))).isEqualTo(most);
    assertThatThrownBy(() -> sender.send(larger, local(receiver)))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Message too long");

    assertThat(larger.position()).isZero();
    ByteBuffer buffer = ByteBuffer.allocate(70_000);
    receiver.receive(buffer);
    assertThat(buffer.position()).isEqualTo(most);
  }

  @EachDatagram
  void whatFindsTheInboxFullIsDropped(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    receiver.setOption(StandardSocketOptions.SO_RCVBUF, 8_192);
    receiver.configureBlocking(false);
    DatagramChannel sender = transport.openDatagram();
    for (int i = 0; i < 1_000; i++) {
      assertThat(sender.send(ByteBuffer.allocate(1_000), local(receiver))).isEqualTo(1_000);
    }
    int received = 0;
    while (receiver.receive(ByteBuffer.allocate(1_000)) != null) {
      received++;
    }
    assertThat(received).isBetween(1, 100);
  }

  @EachDatagram
  void gatheringAndScatteringKeepOnePacket(TestTransport transport) throws IOException {
    DatagramChannel one = transport.bindDatagram();
    DatagramChannel other = transport.bindDatagram();
    one.connect(local(other));
    other.connect(local(one));

    assertThat(one.write(new ByteBuffer[] {bytes("x"), bytes("ab"), bytes("cde")}, 1, 2))
        .isEqualTo(5);

    ByteBuffer[] parts = {ByteBuffer.allocate(3), ByteBuffer.allocate(1), ByteBuffer.allocate(9)};
    assertThat(other.read(parts)).isEqualTo(5);
    assertThat(text(parts[0]) + "|" + text(parts[1]) + "|" + text(parts[2])).isEqualTo("abc|d|e");
  }

  @EachDatagram
  void aNonBlockingReceiveGivesNull(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    channel.configureBlocking(false);
    assertThat(channel.receive(ByteBuffer.allocate(1))).isNull();
    assertThat(local(channel).getPort()).isPositive();
    channel.connect(local(transport.bindDatagram()));
    assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
  }

  @EachDatagram
  void aBlockingReceiveWaitsForAPacket(TestTransport transport, ThreadKind threadKind)
      throws Exception {
    DatagramChannel receiver = transport.bindDatagram();
    DatagramChannel sender = transport.openDatagram();
    ByteBuffer buffer = ByteBuffer.allocate(10);
    Background<?> waiting = transport.background(threadKind, () -> receiver.receive(buffer));
    waiting.awaitBlockedIn("receive");
    sender.send(bytes("late"), local(receiver));
    assertThat(waiting.result()).isNotNull();
    assertThat(text(buffer)).isEqualTo("late");
  }

  @EachDatagram
  void misuseIsRefused(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    ByteBuffer buffer = ByteBuffer.allocate(1);
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no.such", 1);

    assertThatThrownBy(() -> channel.receive(buffer.asReadOnlyBuffer()))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.read(buffer))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> channel.write(buffer))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> channel.send(buffer, null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> channel.send(buffer, unresolved))
        .isExactlyInstanceOf(UnresolvedAddressException.class);
    assertThatThrownBy(() -> channel.bind(UnixDomainSocketAddress.of("/x")))
        .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    assertThatThrownBy(() -> channel.send(buffer, new InetSocketAddress(transport.loopback(), 0)))
        .isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(() -> channel.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
    assertThatThrownBy(() -> channel.connect(new InetSocketAddress(transport.loopback(), 0)))
        .isExactlyInstanceOf(SocketException.class);
  }

  // -- names

  @EachDatagram
  void aTakenAddressIsRefusedAndFreeAfterClose(TestTransport transport) throws IOException {
    DatagramChannel first = transport.bindDatagram();
    InetSocketAddress address = local(first);
    DatagramChannel second = transport.openDatagram();
    assertThatThrownBy(() -> second.bind(address))
        .isExactlyInstanceOf(BindException.class)
        .hasMessage("Address already in use");
    first.close();
    second.bind(address);
    assertThat(local(second)).isEqualTo(address);
  }

  @EachDatagram
  void aWildcardCollidesWithAnAddress(TestTransport transport) throws IOException {
    DatagramChannel first = transport.bindDatagram();
    assertThatThrownBy(
            () -> transport.openDatagram().bind(new InetSocketAddress(local(first).getPort())))
        .isExactlyInstanceOf(BindException.class);
  }

  /** Bound to the wildcard of both families, then connected in IPv6: the kernel remembers both. */
  @EachDatagram
  void aConnectedWildcardOfBothFamiliesCollidesWithThatOfIpv4(TestTransport transport)
      throws IOException {
    DatagramChannel both = transport.track(transport.provider().openDatagramChannel());
    both.bind(new InetSocketAddress("::", 0));
    int port = local(both).getPort();
    both.connect(new InetSocketAddress("::1", port));
    assertThat(local(both)).isEqualTo(new InetSocketAddress("::1", port));

    DatagramChannel other =
        transport.track(transport.provider().openDatagramChannel(StandardProtocolFamily.INET));
    assertThatThrownBy(() -> other.bind(new InetSocketAddress("0.0.0.0", port)))
        .isInstanceOf(BindException.class);
    other.bind(new InetSocketAddress("127.0.0.1", port));
  }

  @EachDatagram
  void anAddressOfIpv6LeavesAllOfIpv4ToOthers(TestTransport transport) throws IOException {
    DatagramChannel one = transport.track(transport.provider().openDatagramChannel());
    one.bind(new InetSocketAddress("::1", 0));
    int port = local(one).getPort();
    one.connect(new InetSocketAddress("::1", port));

    DatagramChannel other =
        transport.track(transport.provider().openDatagramChannel(StandardProtocolFamily.INET));
    other.bind(new InetSocketAddress("0.0.0.0", port));
  }

  @EachDatagram
  void withReuseAddressTheLatestGetsThePackets(TestTransport transport) throws IOException {
    DatagramChannel first = transport.openDatagram();
    first.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    first.bind(new InetSocketAddress(transport.loopback(), 0));
    DatagramChannel second = transport.openDatagram();
    second.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    second.bind(local(first));
    first.configureBlocking(false);
    second.configureBlocking(false);
    transport.openDatagram().send(bytes("x"), local(first));
    assertThat(first.receive(ByteBuffer.allocate(1))).isNull();
    assertThat(second.receive(ByteBuffer.allocate(1))).isNotNull();
  }

  @EachDatagram
  void anAddressGoesBeforeAWildcard(TestTransport transport) throws IOException {
    DatagramChannel exact = transport.openDatagram();
    exact.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    exact.bind(new InetSocketAddress(transport.loopback(), 0));
    DatagramChannel wildcard = transport.openDatagram();
    wildcard.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    wildcard.bind(new InetSocketAddress(local(exact).getPort()));
    transport.openDatagram().send(bytes("x"), local(exact));
    assertThat(exact.receive(ByteBuffer.allocate(1))).isNotNull();
    exact.close();
    transport
        .openDatagram()
        .send(bytes("y"), new InetSocketAddress(transport.loopback(), local(wildcard).getPort()));
    assertThat(wildcard.receive(ByteBuffer.allocate(1))).isNotNull();
  }

  @EachDatagram
  void withReusePortASendersPacketsGoToOneSocket(TestTransport transport) throws IOException {
    DatagramChannel[] receivers = new DatagramChannel[3];
    InetSocketAddress address = new InetSocketAddress(transport.loopback(), 0);
    for (int i = 0; i < receivers.length; i++) {
      receivers[i] = transport.openDatagram();
      receivers[i].setOption(StandardSocketOptions.SO_REUSEPORT, true);
      receivers[i].bind(address);
      receivers[i].configureBlocking(false);
      address = local(receivers[i]);
    }
    DatagramChannel sender = transport.bindDatagram();
    for (int i = 0; i < 9; i++) {
      sender.send(bytes("x"), address);
    }
    int reached = 0;
    for (DatagramChannel receiver : receivers) {
      int count = 0;
      while (receiver.receive(ByteBuffer.allocate(1)) != null) {
        count++;
      }
      assertThat(count).isIn(0, 9);
      reached += count;
    }
    assertThat(reached).isEqualTo(9);
  }

  // -- connections

  @EachDatagram
  void aConnectedChannelHearsItsPeerAlone(TestTransport transport) throws IOException {
    DatagramChannel peer = transport.bindDatagram();
    DatagramChannel other = transport.bindDatagram();
    DatagramChannel channel = transport.bindDatagram();
    other.send(bytes("before"), local(channel));
    channel.connect(local(peer));
    other.send(bytes("other"), local(channel));
    peer.send(bytes("peer"), local(channel));
    ByteBuffer buffer = ByteBuffer.allocate(10);
    assertThat(channel.read(buffer)).isEqualTo(4);
    assertThat(text(buffer)).isEqualTo("peer");
  }

  @EachDatagram
  void connectBindsToAnAddressAndDisconnectGoesBack(TestTransport transport) throws IOException {
    DatagramChannel peer = transport.bindDatagram();
    DatagramChannel channel = transport.openDatagram();
    channel.bind(null);
    InetSocketAddress bound = local(channel);

    channel.connect(local(peer));

    assertThat(channel.isConnected()).isTrue();
    assertThat(channel.getRemoteAddress()).isEqualTo(local(peer));
    assertThat(local(channel))
        .isEqualTo(new InetSocketAddress(transport.loopback(), bound.getPort()));
    assertThatThrownBy(() -> channel.connect(local(peer)))
        .isExactlyInstanceOf(AlreadyConnectedException.class);
    assertThatThrownBy(
            () -> channel.send(bytes("x"), new InetSocketAddress(transport.loopback(), 9)))
        .isExactlyInstanceOf(AlreadyConnectedException.class);
    assertThat(channel.send(bytes("x"), local(peer))).isEqualTo(1);

    assertThat(channel.disconnect()).isSameAs(channel);
    assertThat(channel.disconnect()).isSameAs(channel);
    assertThat(channel.isConnected()).isFalse();
    assertThat(channel.getRemoteAddress()).isNull();
    assertThat(local(channel)).isEqualTo(bound);
  }

  @EachDatagram
  void aConnectedSenderLearnsThatNobodyIsThere(TestTransport transport) throws IOException {
    DatagramChannel gone = transport.bindDatagram();
    InetSocketAddress address = local(gone);
    gone.close();
    DatagramChannel channel = transport.openDatagram();
    channel.connect(address);
    channel.configureBlocking(false);
    Selector selector = transport.openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);

    assertThat(channel.write(bytes("x"))).isEqualTo(1);

    assertThat(selector.select(10_000)).isEqualTo(1);
    assertThat(key.isReadable()).isTrue();
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(PortUnreachableException.class);
    assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
  }

  @EachDatagram
  void anUnconnectedSenderDoesNotLearnThatNobodyIsThere(TestTransport transport)
      throws IOException {
    DatagramChannel gone = transport.bindDatagram();
    InetSocketAddress address = local(gone);
    gone.close();
    DatagramChannel channel = transport.bindDatagram();
    channel.configureBlocking(false);
    assertThat(channel.send(bytes("x"), address)).isEqualTo(1);
    assertThat(channel.send(bytes("x"), address)).isEqualTo(1);
    assertThat(channel.receive(ByteBuffer.allocate(1))).isNull();
  }

  @EachDatagram
  void aBroadcastAddressNeedsTheOption(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    InetSocketAddress everybody = new InetSocketAddress("127.255.255.255", 9_999);
    assertThatThrownBy(() -> channel.send(bytes("x"), everybody))
        .isExactlyInstanceOf(BindException.class)
        .hasMessage("Permission denied");
    assertThatThrownBy(() -> channel.connect(everybody))
        .isExactlyInstanceOf(BindException.class)
        .hasMessage("Permission denied");

    channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
    channel.connect(everybody);
    channel.setOption(StandardSocketOptions.SO_BROADCAST, false);
    forgetRoutes(transport);
    assertThatThrownBy(() -> channel.write(bytes("x")))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Permission denied");
    assertThatThrownBy(() -> channel.send(bytes("x"), everybody))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Permission denied");
  }

  /** The kernel asks a connected socket for the option only when it looks for a route anew. */
  private static void forgetRoutes(TestTransport transport) throws IOException {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    try (DatagramChannel member = transport.openDatagram()) {
      InetAddress group =
          InetAddress.getByName(
              transport.kind() == TransportKind.RING_INET6 ? "ff02::4d2" : "239.1.2.90");
      member.join(group, loopback);
    }
  }

  @EachDatagram
  void aBroadcastReachesAllWildcards(TestTransport transport) throws IOException {
    DatagramChannel first = transport.openDatagram();
    first.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(null);
    int port = local(first).getPort();
    DatagramChannel second = transport.openDatagram();
    second.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(new InetSocketAddress(port));
    DatagramChannel sender = transport.openDatagram();
    sender.setOption(StandardSocketOptions.SO_BROADCAST, true);

    sender.send(bytes("x"), new InetSocketAddress("127.255.255.255", port));

    assertThat(first.receive(ByteBuffer.allocate(1))).isNotNull();
    assertThat(second.receive(ByteBuffer.allocate(1))).isNotNull();
  }

  // -- readiness

  @EachDatagram
  void aKeyIsReadableWithAPacketAndAlwaysWritable(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    receiver.configureBlocking(false);
    Selector selector = transport.openSelector();
    SelectionKey key = receiver.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    assertThat(selector.select()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(SelectionKey.OP_WRITE);
    key.interestOps(SelectionKey.OP_READ);
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();

    transport.openDatagram().send(bytes("x"), local(receiver));

    assertThat(selector.select(10_000)).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(SelectionKey.OP_READ);
    receiver.receive(ByteBuffer.allocate(1));
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();
  }

  @EachDatagram
  void aSleepingSelectorIsWokenByAPacket(TestTransport transport) throws Exception {
    DatagramChannel receiver = transport.bindDatagram();
    receiver.configureBlocking(false);
    Selector selector = transport.openSelector();
    receiver.register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting = transport.background(() -> selector.select(20_000));
    selecting.awaitBlockedIn("select");
    transport.openDatagram().send(bytes("x"), local(receiver));
    assertThat(selecting.result()).isEqualTo(1);
  }

  // -- close and interrupts

  @EachDatagram
  void aClosedChannelRefusesEverything(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.bindDatagram();
    InetSocketAddress address = local(channel);
    ByteBuffer buffer = ByteBuffer.allocate(1);
    channel.close();
    assertThatThrownBy(() -> channel.send(buffer, address))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.receive(buffer)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.read(buffer)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.write(buffer)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.bind(null)).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.connect(address))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(channel::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(channel::getRemoteAddress).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.getOption(StandardSocketOptions.SO_RCVBUF))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThat(channel.disconnect()).isSameAs(channel);
  }

  @EachDatagram
  void aClosedChannelIsNotConnected(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    channel.connect(local(transport.bindDatagram()));
    channel.close();
    assertThat(channel.isConnected()).isFalse();
  }

  @EachDatagram
  void theStateIsCheckedBeforeTheBuffers(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
    assertThatThrownBy(() -> channel.read(readOnly))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> channel.read(new ByteBuffer[] {readOnly}))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    channel.connect(local(transport.bindDatagram()));
    assertThatThrownBy(() -> channel.read(readOnly))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.read(new ByteBuffer[] {readOnly}))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @EachDatagram
  void closeEndsAReceive(TestTransport transport, ThreadKind threadKind) throws Exception {
    DatagramChannel channel = transport.bindDatagram();
    Background<?> waiting =
        transport.background(threadKind, () -> channel.receive(ByteBuffer.allocate(1)));
    waiting.awaitBlockedIn("receive");
    channel.close();
    assertThat(waiting.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
  }

  @EachDatagram
  void anInterruptClosesAChannelThatReceives(TestTransport transport, ThreadKind threadKind)
      throws Exception {
    DatagramChannel channel = transport.bindDatagram();
    Background<?> waiting =
        transport.background(threadKind, () -> channel.receive(ByteBuffer.allocate(1)));
    waiting.awaitBlockedIn("receive");
    waiting.thread().interrupt();
    assertThat(waiting.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @EachDatagram
  void anInterruptBeforeClosesABlockingChannel(TestTransport transport) throws IOException {
    DatagramChannel sender = transport.bindDatagram();
    DatagramChannel receiver = transport.bindDatagram();
    InetSocketAddress address = local(receiver);
    sender.send(bytes("x"), address);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> receiver.receive(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> sender.send(bytes("x"), address))
        .isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  // -- options

  @EachDatagram
  void optionsAreThoseOfThePlatform(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    try (DatagramSocket platform = new DatagramSocket(null)) {
      assertThat(channel.supportedOptions())
          .containsExactlyInAnyOrderElementsOf(platform.supportedOptions());
    }
    for (SocketOption<?> option : channel.supportedOptions()) {
      if (option != StandardSocketOptions.IP_MULTICAST_IF) {
        assertThat(channel.getOption(option)).as(option.name()).isNotNull();
      }
    }
    assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_IF)).isNull();
    assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_LOOP)).isTrue();
    assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(1);
    assertThat(channel.getOption(StandardSocketOptions.SO_BROADCAST)).isFalse();
    assertThatThrownBy(() -> channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 256))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.getOption(StandardSocketOptions.TCP_NODELAY))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
  }

  @EachDatagram
  void aWildcardDestinationMeansLoopback(TestTransport transport) throws IOException {
    DatagramChannel receiver = transport.bindDatagram();
    InetAddress any =
        InetAddress.getByName(transport.kind() == TransportKind.RING_INET6 ? "::" : "0.0.0.0");
    transport
        .openDatagram()
        .send(bytes("x"), new InetSocketAddress(any, local(receiver).getPort()));
    assertThat(receiver.receive(ByteBuffer.allocate(1))).isNotNull();
  }
}
