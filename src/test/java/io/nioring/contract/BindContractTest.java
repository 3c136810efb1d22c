package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Binding, and what addresses look like afterwards. */
class BindContractTest {
  @EachTransport
  void unboundServerHasNoAddress(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThat(server.getLocalAddress()).isNull();
    assertThat(server.isBlocking()).isTrue();
    assertThat(server.provider()).isSameAs(transport.provider());
  }

  @EachTransport
  void boundServerShowsItsAddress(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    SocketAddress address = transport.bindAddress();

    assertThat(server.bind(address)).isSameAs(server);

    if (transport.isUnix()) {
      assertThat(server.getLocalAddress()).isEqualTo(address);
    } else {
      InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
      assertThat(bound.getAddress()).isEqualTo(transport.loopback());
      assertThat(bound.getPort()).isPositive();
    }
  }

  @EachInet
  void twoServersAtPortZeroGetDifferentPorts(TestTransport transport) throws IOException {
    assertThat(transport.listen().getLocalAddress())
        .isNotEqualTo(transport.listen().getLocalAddress());
  }

  /** A server may look up the names of its clients; the next ones' addresses are without. */
  @EachInet
  void aNameThatWasLookedUpIsShownByThatAddressAlone(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel first = transport.openClient();
    first.connect(server.getLocalAddress());
    InetSocketAddress named = (InetSocketAddress) transport.accept(server).getRemoteAddress();
    assertThat(named.getHostName()).isNotEmpty();

    SocketChannel second = transport.openClient();
    second.connect(server.getLocalAddress());

    assertThat(second.getLocalAddress().toString()).startsWith("/");
    assertThat(transport.accept(server).getRemoteAddress().toString()).startsWith("/");
  }

  @EachInet
  void chosenPortIsKept(TestTransport transport) throws IOException {
    SocketAddress address = transport.refusingAddress();
    ServerSocketChannel server = transport.openServer();

    server.bind(address);

    assertThat(server.getLocalAddress()).isEqualTo(address);
  }

  @EachInet
  void addressIsFreeAgainWhenTheListenerCloses(TestTransport transport) throws IOException {
    SocketAddress address = transport.refusingAddress();

    for (int i = 0; i < 3; i++) {
      try (ServerSocketChannel server = transport.openServer()) {
        server.bind(address);
        assertThat(server.getLocalAddress()).isEqualTo(address);
      }
    }
  }

  @EachTransport
  void addressInUseIsRefused(TestTransport transport) throws IOException {
    SocketAddress address = transport.listen().getLocalAddress();
    ServerSocketChannel second = transport.openServer();

    assertThatThrownBy(() -> second.bind(address))
        .isExactlyInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");
    assertThat(second.isOpen()).isTrue();
    assertThat(second.getLocalAddress()).isNull();
  }

  @EachTransport
  void serverThatFailedToBindMayBindElsewhere(TestTransport transport) throws IOException {
    SocketAddress taken = transport.listen().getLocalAddress();
    ServerSocketChannel second = transport.openServer();
    assertThatThrownBy(() -> second.bind(taken)).isInstanceOf(BindException.class);

    second.bind(transport.bindAddress());

    transport.connectTo(second);
    assertThat(transport.accept(second)).isNotNull();
  }

  @EachTransport
  void clientCannotBindAnAddressInUse(TestTransport transport) throws IOException {
    SocketAddress address = transport.listen().getLocalAddress();
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> client.bind(address)).isExactlyInstanceOf(BindException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void secondBindIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.openClient();
    client.bind(transport.bindAddress());

    assertThatThrownBy(() -> server.bind(transport.bindAddress()))
        .isExactlyInstanceOf(AlreadyBoundException.class);
    assertThatThrownBy(() -> server.bind(null)).isExactlyInstanceOf(AlreadyBoundException.class);
    assertThatThrownBy(() -> client.bind(transport.bindAddress()))
        .isExactlyInstanceOf(AlreadyBoundException.class);
    assertThat(server.isOpen()).isTrue();
    assertThat(client.isOpen()).isTrue();
  }

  @EachTransport
  void bindReportsTheChannelsStateBeforeTheAddress(TestTransport transport) throws IOException {
    SocketAddress unsupported = new SocketAddress() {};
    SocketChannel client = transport.openClient();
    client.bind(transport.bindAddress());

    assertThatThrownBy(() -> client.bind(unsupported))
        .isExactlyInstanceOf(AlreadyBoundException.class);
    client.close();
    assertThatThrownBy(() -> client.bind(unsupported))
        .isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachTransport
  void bindOfAConnectedChannelIsRefused(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();

    assertThatThrownBy(() -> pair.client().bind(transport.bindAddress()))
        .isExactlyInstanceOf(AlreadyBoundException.class);
    assertThatThrownBy(() -> pair.server().bind(null))
        .isExactlyInstanceOf(AlreadyBoundException.class);
  }

  @EachTransport
  void bindOfAClosedServerIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    server.close();

    assertThatThrownBy(() -> server.bind(transport.bindAddress()))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(server::getLocalAddress).isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(server::accept).isInstanceOf(ClosedChannelException.class);
  }

  @EachTransport
  void acceptBeforeBindIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThatThrownBy(server::accept).isExactlyInstanceOf(NotYetBoundException.class);
    assertThat(server.isOpen()).isTrue();
  }

  @EachInet
  void nullAddressBindsAServerToTheWildcardAndAFreePort(TestTransport transport)
      throws IOException {
    ServerSocketChannel server = transport.openServer();

    server.bind(null);

    InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
    assertThat(bound.getAddress().isAnyLocalAddress()).isTrue();
    assertThat(bound.getPort()).isPositive();
  }

  @EachUnix
  void nullAddressBindsAServerToAFreshName(TestTransport transport) throws IOException {
    ServerSocketChannel first = transport.openServer();
    ServerSocketChannel second = transport.openServer();

    first.bind(null);
    second.bind(null);

    UnixDomainSocketAddress address = (UnixDomainSocketAddress) first.getLocalAddress();
    try {
      assertThat(address.getPath().toString()).isNotEmpty();
      assertThat(second.getLocalAddress()).isNotEqualTo(address);
      transport.connectTo(first);
      assertThat(transport.accept(first)).isNotNull();
    } finally {
      Files.deleteIfExists(address.getPath());
      Files.deleteIfExists(((UnixDomainSocketAddress) second.getLocalAddress()).getPath());
    }
  }

  @EachUnix
  void anotherPathToAServerIsSeenOnlyByTheClient(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    Path bound = ((UnixDomainSocketAddress) server.getLocalAddress()).getPath();
    SocketAddress other =
        UnixDomainSocketAddress.of(bound.resolveSibling(".").resolve(bound.getFileName()));
    SocketChannel client = transport.openClient();

    client.connect(other);

    assertThat(client.getRemoteAddress()).isEqualTo(other);
    assertThat(transport.accept(server).getLocalAddress()).isEqualTo(server.getLocalAddress());
  }

  @EachUnix
  void emptyPathIsNoServersName(TestTransport transport) throws IOException {
    SocketAddress unnamed = UnixDomainSocketAddress.of("");
    ServerSocketChannel server = transport.openServer();
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> server.bind(unnamed))
        .isInstanceOf(BindException.class)
        .hasMessage("Server socket cannot bind to unnamed address");
    assertThatThrownBy(() -> client.connect(unnamed))
        .isInstanceOf(ConnectException.class)
        .hasMessage("Connection refused");
  }

  /** The kernel never sees what programs call an address: a server must not trust a client's. */
  @EachInet
  void hostNamesOfTheClientAreNotSeenByTheServer(TestTransport transport) throws IOException {
    byte[] loopback = transport.loopback().getAddress();
    ServerSocketChannel server = transport.openServer();
    server.bind(new InetSocketAddress(InetAddress.getByAddress("server.example", loopback), 0));
    assertThat(hostOf(server.getLocalAddress())).isEqualTo(transport.loopback().getHostAddress());
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    SocketChannel client = transport.openClient();
    client.bind(new InetSocketAddress(InetAddress.getByAddress("client.example", loopback), 0));

    client.connect(
        new InetSocketAddress(InetAddress.getByAddress("asked.example", loopback), port));

    assertThat(hostOf(client.getRemoteAddress())).isEqualTo("asked.example");
    assertNoHostNames(transport, client, transport.accept(server));
  }

  /** The same where the address that was bound does not tell: by a wildcard, by a client's port. */
  @EachInet
  void hostNamesOfTheClientAreNotSeenByAServerOfAllAddresses(TestTransport transport)
      throws IOException {
    byte[] loopback = transport.loopback().getAddress();
    ServerSocketChannel server = transport.openServer();
    server.bind(null);
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    SocketChannel client = transport.openClient();
    client.connect(
        new InetSocketAddress(InetAddress.getByAddress("asked.example", loopback), port));

    assertNoHostNames(transport, client, transport.accept(server));
  }

  /** Of the addresses that are not what the client asked for. */
  private static void assertNoHostNames(
      TestTransport transport, SocketChannel client, SocketChannel accepted) throws IOException {
    for (SocketAddress each :
        List.of(
            client.getLocalAddress(), accepted.getLocalAddress(), accepted.getRemoteAddress())) {
      assertThat(hostOf(each)).isEqualTo(transport.loopback().getHostAddress());
    }
  }

  /** The host name, or the address as text; never looked up. */
  private static String hostOf(SocketAddress address) {
    return ((InetSocketAddress) address).getHostString();
  }

  @EachUnix
  void pathHasAtMost106Bytes(TestTransport transport) throws IOException {
    UnixDomainSocketAddress longest = filledUp(transport.freshPath(), 106);
    UnixDomainSocketAddress tooLong = filledUp(transport.freshPath(), 107);
    transport.openServer().bind(longest);
    transport.openClient().connect(longest);

    assertThatThrownBy(() -> transport.openServer().bind(tooLong))
        .isInstanceOf(SocketException.class)
        .hasMessage("Unix domain path too long");
    assertThatThrownBy(() -> transport.openClient().connect(tooLong))
        .isInstanceOf(SocketException.class)
        .hasMessage("Unix domain path too long");
  }

  private static UnixDomainSocketAddress filledUp(UnixDomainSocketAddress address, int bytes) {
    String path = address.getPath().toString();
    return UnixDomainSocketAddress.of(path + "x".repeat(bytes - path.length()));
  }

  @EachUnix
  void nullAddressLeavesAUnixClientUnnamed(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    client.bind(null);

    assertThat(client.getLocalAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
  }

  @EachTransport
  void serverRefusesForeignAddressTypes(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    SocketAddress foreign =
        new SocketAddress() {
          private static final long serialVersionUID = 1L;
        };
    SocketAddress otherFamily =
        transport.isUnix()
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
            : UnixDomainSocketAddress.of("/other.sock");

    for (SocketAddress address : List.of(foreign, otherFamily)) {
      assertThatThrownBy(() -> server.bind(address))
          .isExactlyInstanceOf(UnsupportedAddressTypeException.class);
    }
    assertThat(server.isOpen()).isTrue();
  }

  @EachInet
  void serverRefusesUnresolvedAddresses(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThatThrownBy(() -> server.bind(InetSocketAddress.createUnresolved("nobody.invalid", 0)))
        .isExactlyInstanceOf(UnresolvedAddressException.class);
  }

  @EachInet
  void wildcardServerAnswersAtEveryLocalAddress(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    server.bind(new InetSocketAddress(0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();

    for (InetAddress address : localAddresses()) {
      InetSocketAddress target = new InetSocketAddress(address, port);
      SocketChannel client = transport.openClient();
      client.connect(target);
      SocketChannel accepted = transport.accept(server);

      assertThat(client.getRemoteAddress()).isEqualTo(target);
      assertThat(accepted.getLocalAddress()).isEqualTo(target);
      assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
    }
  }

  private static List<InetAddress> localAddresses() throws IOException {
    List<InetAddress> addresses = new ArrayList<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (!address.isLinkLocalAddress()) {
          addresses.add(address);
        }
      }
    }
    return addresses;
  }

  @EachInet
  void ipv4WildcardServerAnswersAtTheIpv4Loopback(TestTransport transport) throws IOException {
    ServerSocketChannel server =
        transport.track(transport.provider().openServerSocketChannel(StandardProtocolFamily.INET));
    server.bind(new InetSocketAddress(Addresses.IPV4_WILDCARD, 0));
    InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
    SocketChannel client =
        transport.track(transport.provider().openSocketChannel(StandardProtocolFamily.INET));

    client.connect(new InetSocketAddress(Addresses.IPV4_LOOPBACK, bound.getPort()));

    assertThat(bound.getAddress()).isInstanceOf(Inet4Address.class);
    assertThat(transport.accept(server)).isNotNull();
    assertThat(((InetSocketAddress) client.getLocalAddress()).getAddress())
        .isInstanceOf(Inet4Address.class);
  }

  @EachInet
  void classOfTheBoundAddressComesBack(TestTransport transport) throws IOException {
    for (InetAddress address : List.of(Addresses.IPV4_LOOPBACK, Addresses.IPV6_LOOPBACK)) {
      ServerSocketChannel server = transport.openServer();
      server.bind(new InetSocketAddress(address, 0));

      InetAddress bound = ((InetSocketAddress) server.getLocalAddress()).getAddress();
      assertThat(bound).isEqualTo(address);
      assertThat(bound instanceof Inet6Address).isEqualTo(address instanceof Inet6Address);
    }
  }

  @EachInet
  void oneLoopbackAddressDoesNotAnswerForAnother(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    server.bind(new InetSocketAddress(Addresses.IPV4_LOOPBACK, 0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    SocketChannel client = transport.openClient();

    assertThatThrownBy(
            () -> client.connect(new InetSocketAddress(Addresses.OTHER_IPV4_LOOPBACK, port)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Connection refused");
  }

  @EachUnix
  void pathOfAClosedListenerIsRefusedOrGone(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketAddress address = server.getLocalAddress();
    server.close();

    assertThatThrownBy(() -> transport.openClient().connect(address))
        .isInstanceOf(IOException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage()).isIn("Connection refused", "No such file or directory"));
  }

  @EachUnix
  void nameOfABoundClientIsNotConnectable(TestTransport transport) throws IOException {
    SocketChannel named = transport.openClient();
    SocketAddress name = transport.freshPath();
    named.bind(name);

    assertThatThrownBy(() -> transport.openClient().connect(name))
        .isInstanceOf(IOException.class)
        .hasMessage("Connection refused");
  }

  @EachUnix
  void pathThatIsTooLongIsRefused(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();
    SocketAddress tooLong = UnixDomainSocketAddress.of(Path.of("/" + "x".repeat(200)));

    assertThatThrownBy(() -> server.bind(tooLong)).isInstanceOf(IOException.class);
  }
}
