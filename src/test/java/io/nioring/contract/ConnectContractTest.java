package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Connecting, and the states of a client channel around it. */
class ConnectContractTest {
  @EachInet
  void addressOfOneFamilyReachesNoneOfTheOther(TestTransport transport) throws IOException {
    assertUnreachable(
        transport, Addresses.IPV6_LOOPBACK, Addresses.IPV4_LOOPBACK, "Network is unreachable");
    assertUnreachable(
        transport,
        Addresses.IPV4_LOOPBACK,
        Addresses.IPV6_LOOPBACK,
        "Address family not supported by protocol");
  }

  private static void assertUnreachable(
      TestTransport transport, InetAddress from, InetAddress to, String message)
      throws IOException {
    ServerSocketChannel server = transport.openServer();
    server.bind(new InetSocketAddress(to, 0));
    SocketChannel client = transport.openClient();
    client.bind(new InetSocketAddress(from, 0));

    assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage(message);

    assertThat(client.isOpen()).isFalse();
  }

  @EachTransport
  void unconnectedChannelRefusesToReadAndWriteAndStaysOpen(TestTransport transport)
      throws IOException {
    SocketChannel client = transport.openClient();
    ByteBuffer[] buffers = {ByteBuffer.allocate(1)};

    assertThatThrownBy(() -> client.read(buffers[0]))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> client.read(buffers))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> client.write(buffers[0]))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> client.write(buffers))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(client::shutdownInput).isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(client::shutdownOutput).isExactlyInstanceOf(NotYetConnectedException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void freshChannelIsNeitherConnectedNorPending(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThat(client.isConnected()).isFalse();
    assertThat(client.isConnectionPending()).isFalse();
    assertThat(client.isBlocking()).isTrue();
    assertThat(client.isRegistered()).isFalse();
    assertThat(client.getLocalAddress()).isNull();
    assertThat(client.getRemoteAddress()).isNull();
    assertThat(client.validOps()).isEqualTo(OP_READ | OP_WRITE | OP_CONNECT);
    assertThat(client.provider()).isSameAs(transport.provider());
  }

  @EachTransport
  void blockingConnectCompletesBeforeAccept(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();

    assertThat(client.connect(server.getLocalAddress())).isTrue();

    assertThat(client.isConnected()).isTrue();
    assertThat(client.isConnectionPending()).isFalse();
    assertThat(client.getRemoteAddress()).isEqualTo(server.getLocalAddress());
    ChannelIo.send(client, "early");
    assertThat(ChannelIo.receive(transport.accept(server), 5)).isEqualTo("early");
  }

  @EachTransport
  void acceptStillHandsOutAConnectionWhoseClientHasClosed(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    ChannelIo.send(client, "early");
    client.close();

    SocketChannel accepted = transport.accept(server);

    assertThat(accepted.isConnected()).isTrue();
    assertThat(ChannelIo.receiveAll(accepted)).isEqualTo("early");
  }

  @EachInet
  void nonBlockingInetConnectIsPendingUntilFinished(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();

    assertThat(client.connect(server.getLocalAddress())).isFalse();
    assertThat(client.isConnectionPending()).isTrue();
    assertThat(client.isConnected()).isFalse();
    ReadyOps.await(client, OP_CONNECT, OP_CONNECT);
    assertThat(client.finishConnect()).isTrue();

    assertThat(client.isConnectionPending()).isFalse();
    assertThat(client.isConnected()).isTrue();
    assertThat(ReadyOps.now(client, OP_CONNECT)).isZero();
  }

  @EachUnix
  void nonBlockingUnixConnectCompletesAtOnce(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();

    assertThat(client.connect(server.getLocalAddress())).isTrue();

    assertThat(client.isConnected()).isTrue();
    assertThat(client.isConnectionPending()).isFalse();
  }

  @EachInet
  void pendingChannelRefusesToReadWriteAndConnectAgain(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());

    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> client.write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(NotYetConnectedException.class);
    assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
        .isExactlyInstanceOf(ConnectionPendingException.class);
    assertThatThrownBy(() -> client.bind(null))
        .isExactlyInstanceOf(ConnectionPendingException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachInet
  void blockingFinishConnectEndsANonBlockingConnect(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());
    client.configureBlocking(true);

    assertThat(client.finishConnect()).isTrue();

    ChannelIo.send(client, "x");
    assertThat(ChannelIo.receive(transport.accept(server), 1)).isEqualTo("x");
  }

  @EachTransport
  void finishConnectWithoutConnectIsRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThatThrownBy(client::finishConnect)
        .isExactlyInstanceOf(NoConnectionPendingException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void finishConnectOnAConnectedChannelIsTrue(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    assertThat(pair.client().finishConnect()).isTrue();
    assertThat(pair.server().finishConnect()).isTrue();
  }

  @EachTransport
  void secondConnectIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);

    assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
        .isExactlyInstanceOf(AlreadyConnectedException.class);
    assertThat(client.isConnected()).isTrue();
  }

  @EachInet
  void blockingConnectWithoutAListenerIsRefusedAndClosesTheChannel(TestTransport transport)
      throws IOException {
    SocketAddress address = transport.refusingAddress();
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> client.connect(address))
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(client.isOpen()).isFalse();
    assertThat(client.isConnected()).isFalse();
  }

  @EachInet
  void nonBlockingConnectWithoutAListenerIsRefusedByFinishConnect(TestTransport transport)
      throws IOException {
    SocketAddress address = transport.refusingAddress();
    SocketChannel client = transport.openNonBlockingClient();
    Selector selector = transport.openSelector();
    SelectionKey key = client.register(selector, OP_CONNECT);

    assertThatThrownBy(
            () -> {
              if (!client.connect(address)) {
                selector.select(Deadline.DEFAULT.toMillis());
                assertThat(key.isConnectable()).isTrue();
                client.finishConnect();
              }
            })
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertThat(client.isOpen()).isFalse();
    assertThat(key.isValid()).isFalse();
  }

  @EachUnix
  void connectToAPathThatIsNotThereSaysSo(TestTransport transport) throws IOException {
    SocketAddress address = transport.freshPath();

    for (SocketChannel client :
        new SocketChannel[] {transport.openClient(), transport.openNonBlockingClient()}) {
      assertThatThrownBy(() -> client.connect(address))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessageStartingWith("No such file or directory");
      assertThat(client.isOpen()).isFalse();
    }
  }

  @EachTransport
  void manyRefusedConnectsLeaveNothingBehind(TestTransport transport) throws IOException {
    SocketAddress address = transport.refusingAddress();

    for (int i = 0; i < 500; i++) {
      SocketChannel client = transport.provider().openSocketChannel(family(transport));
      assertThatThrownBy(() -> client.connect(address)).isInstanceOf(SocketException.class);
      assertThat(client.isOpen()).isFalse();
    }
  }

  private static StandardProtocolFamily family(TestTransport transport) {
    return transport.isUnix() ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET6;
  }

  @EachInet
  void unresolvedAddressIsRefused(TestTransport transport) throws IOException {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nobody.invalid", 80);
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> client.connect(unresolved))
        .isExactlyInstanceOf(UnresolvedAddressException.class);
    assertThatThrownBy(() -> client.bind(unresolved))
        .isExactlyInstanceOf(UnresolvedAddressException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void foreignAddressTypesAreRefused(TestTransport transport) throws IOException {
    SocketAddress foreign =
        new SocketAddress() {
          private static final long serialVersionUID = 1L;
        };
    SocketAddress otherFamily =
        transport.isUnix()
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 80)
            : UnixDomainSocketAddress.of("/other.sock");
    SocketChannel client = transport.openClient();

    for (SocketAddress address : new SocketAddress[] {foreign, otherFamily}) {
      assertThatThrownBy(() -> client.connect(address))
          .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
      assertThatThrownBy(() -> client.bind(address))
          .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    }
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void nullAddressIsRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> client.connect(null)).isInstanceOf(RuntimeException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachInet
  void channelOfTheIpv4FamilyRefusesIpv6Addresses(TestTransport transport) throws IOException {
    InetSocketAddress ipv6 = new InetSocketAddress(Addresses.IPV6_LOOPBACK, 80);
    SocketChannel client =
        transport.track(transport.provider().openSocketChannel(StandardProtocolFamily.INET));
    ServerSocketChannel server =
        transport.track(transport.provider().openServerSocketChannel(StandardProtocolFamily.INET));

    assertThatThrownBy(() -> client.connect(ipv6))
        .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    assertThatThrownBy(() -> client.bind(ipv6))
        .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    assertThatThrownBy(() -> server.bind(ipv6))
        .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    assertThat(client.isOpen()).isTrue();
    assertThat(server.isOpen()).isTrue();
  }

  @EachProvider
  void openChecksTheProtocolFamily(TestTransport transport) {
    assertThatThrownBy(() -> transport.provider().openSocketChannel(null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> transport.provider().openServerSocketChannel(null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> transport.provider().openSocketChannel(() -> "banana"))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> transport.provider().openServerSocketChannel(() -> "banana"))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
  }

  @EachTransport
  void closedChannelRefusesEverything(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    client.close();

    assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(client::finishConnect).isInstanceOf(ClosedChannelException.class);
    assertClosed(() -> client.bind(null));
    assertClosed(() -> client.read(ByteBuffer.allocate(1)));
    assertClosed(() -> client.write(ByteBuffer.allocate(1)));
    assertClosed(() -> client.configureBlocking(false));
    assertClosed(client::shutdownInput);
    assertClosed(client::shutdownOutput);
    assertClosed(client::getLocalAddress);
    assertClosed(client::getRemoteAddress);
    assertThat(client.isOpen()).isFalse();
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call).isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachInet
  void addressesOfBothEndsMirrorOneAnother(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);

    InetSocketAddress local = (InetSocketAddress) client.getLocalAddress();
    assertThat(local.getAddress().isAnyLocalAddress()).isFalse();
    assertThat(local.getPort()).isPositive();
    assertThat(accepted.getRemoteAddress()).isEqualTo(local);
    assertThat(accepted.getLocalAddress()).isEqualTo(client.getRemoteAddress());
    assertThat(client.getRemoteAddress()).isEqualTo(server.getLocalAddress());
  }

  @EachUnix
  void addressesOfAnUnboundUnixClientAreUnnamed(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);

    assertThat(client.getLocalAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
    assertThat(accepted.getRemoteAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
    assertThat(accepted.getLocalAddress()).isEqualTo(server.getLocalAddress());
  }

  @EachUnix
  void acceptedUnixChannelShowsTheNameOfItsClient(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();
    SocketAddress name = transport.freshPath();
    client.bind(name);
    client.connect(server.getLocalAddress());

    assertThat(client.getLocalAddress()).isEqualTo(name);
    assertThat(transport.accept(server).getRemoteAddress()).isEqualTo(name);
  }

  @EachInet
  void clientBoundBeforeConnectKeepsItsPort(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();
    client.bind(new InetSocketAddress(transport.loopback(), 0));
    SocketAddress local = client.getLocalAddress();

    client.connect(server.getLocalAddress());

    assertThat(client.getLocalAddress()).isEqualTo(local);
    assertThat(transport.accept(server).getRemoteAddress()).isEqualTo(local);
  }

  @EachInet
  void clientBoundToTheWildcardGetsItsAddressByConnect(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();
    client.bind(null);
    InetSocketAddress bound = (InetSocketAddress) client.getLocalAddress();
    assertThat(bound.getAddress().isAnyLocalAddress()).isTrue();
    assertThat(bound.getPort()).isPositive();

    client.connect(server.getLocalAddress());

    InetSocketAddress connected = (InetSocketAddress) client.getLocalAddress();
    assertThat(connected.getPort()).isEqualTo(bound.getPort());
    assertThat(connected.getAddress()).isEqualTo(transport.loopback());
  }

  @EachInet
  void pendingConnectToTheWildcardAddressShowsTheLoopback(TestTransport transport)
      throws IOException {
    int port = ((InetSocketAddress) transport.listen().getLocalAddress()).getPort();
    SocketChannel client = transport.openNonBlockingClient();
    InetAddress wildcard =
        InetAddress.getByName(transport.loopback().getAddress().length == 4 ? "0.0.0.0" : "::");

    client.connect(new InetSocketAddress(wildcard, port));

    assertThat(client.getRemoteAddress())
        .isEqualTo(new InetSocketAddress(transport.loopback(), port));
  }

  @EachInet
  void connectToTheWildcardAddressReachesTheLoopback(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    server.bind(new InetSocketAddress(0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    SocketChannel client = transport.openClient();

    client.connect(new InetSocketAddress(port));

    assertThat(client.isConnected()).isTrue();
    InetSocketAddress local = (InetSocketAddress) client.getLocalAddress();
    assertThat(local.getAddress().isAnyLocalAddress()).isFalse();
  }

  @EachTransport
  void connectInterestMayBeRegisteredBeforeConnect(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    Selector selector = transport.openSelector();
    SelectionKey key = client.register(selector, OP_CONNECT);

    if (!client.connect(server.getLocalAddress())) {
      assertThat(selector.select(Deadline.DEFAULT.toMillis())).isEqualTo(1);
      assertThat(key.isConnectable()).isTrue();
      assertThat(client.finishConnect()).isTrue();
      selector.selectedKeys().clear();
    }

    assertThat(selector.selectNow()).isZero();
    key.interestOps(OP_CONNECT | OP_READ | OP_WRITE);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
  }

  @EachInet
  void connectAndReadInterestShowsConnectFirst(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    Selector selector = transport.openSelector();
    client.connect(server.getLocalAddress());
    SelectionKey key = client.register(selector, OP_CONNECT | OP_READ);
    ChannelIo.send(transport.accept(server), "x");

    assertThat(selector.select(Deadline.DEFAULT.toMillis())).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_CONNECT);
    assertThat(client.finishConnect()).isTrue();
    selector.selectedKeys().clear();
    assertThat(selector.select(Deadline.DEFAULT.toMillis())).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_READ);
  }

  @EachInet
  void closeOfAPendingChannelIsSeenByTheServer(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openNonBlockingClient();
    client.connect(server.getLocalAddress());

    client.close();

    assertThat(client.isConnectionPending()).isFalse();
    assertThat(client.isConnected()).isFalse();
    assertThat(ChannelIo.awaitRead(transport.accept(server))).isEqualTo(-1);
  }

  @EachTransport
  void closedChannelIsNoLongerConnected(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    pair.client().close();

    assertThat(pair.client().isConnected()).isFalse();
    assertThat(pair.client().isConnectionPending()).isFalse();
  }
}
