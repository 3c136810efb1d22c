package io.nioring.contract;

import static java.net.StandardSocketOptions.SO_LINGER;
import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;

/** Which local addresses clients may have, bound, connected and closed, and what they look like. */
class ClientPortContractTest {
  private static SocketChannel reusing(TestTransport transport) throws IOException {
    return transport.openClient().setOption(SO_REUSEADDR, true);
  }

  private static SocketAddress anyPort(TestTransport transport) {
    return new InetSocketAddress(transport.loopback(), 0);
  }

  private static void assertInUse(TestTransport transport, SocketAddress address)
      throws IOException {
    SocketChannel client = transport.openClient();
    assertThatThrownBy(() -> client.bind(address))
        .isExactlyInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");
    ServerSocketChannel server = transport.openServer();
    assertThatThrownBy(() -> server.bind(address))
        .isExactlyInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");
  }

  @EachInet
  void reusingClientsShareAPort(TestTransport transport) throws IOException {
    SocketChannel first = reusing(transport).bind(anyPort(transport));
    SocketChannel second = reusing(transport).bind(first.getLocalAddress());

    assertThat(second.getLocalAddress()).isEqualTo(first.getLocalAddress());
    SocketChannel third = transport.openClient();
    assertThatThrownBy(() -> third.bind(first.getLocalAddress())).isInstanceOf(BindException.class);
    assertThat(first.connect(transport.listen().getLocalAddress())).isTrue();
    assertThat(second.connect(transport.listen().getLocalAddress())).isTrue();
    assertThat(second.getLocalAddress()).isEqualTo(first.getLocalAddress());
  }

  @EachInet
  void boundClientSharesItsPortFromTheOptionOn(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient().bind(anyPort(transport));
    SocketAddress address = client.getLocalAddress();
    SocketChannel second = reusing(transport);
    assertThatThrownBy(() -> second.bind(address)).isInstanceOf(BindException.class);

    client.setOption(SO_REUSEADDR, true);

    assertThat(second.bind(address).getLocalAddress()).isEqualTo(address);
    SocketChannel unwilling = transport.openClient();
    assertThatThrownBy(() -> unwilling.bind(address)).isInstanceOf(BindException.class);
    assertThat(transport.openServer().bind(address).getLocalAddress()).isEqualTo(address);
  }

  @EachInet
  void boundClientSharesItsPortNoLonger(TestTransport transport) throws IOException {
    SocketChannel client = reusing(transport).bind(anyPort(transport));
    SocketAddress address = client.getLocalAddress();
    client.setOption(SO_REUSEADDR, false);

    SocketChannel second = reusing(transport);
    assertThatThrownBy(() -> second.bind(address)).isInstanceOf(BindException.class);
  }

  @EachInet
  void listenerSharesItsPortFromTheOptionOn(TestTransport transport) throws IOException {
    ServerSocketChannel first = transport.openServer().bind(anyPort(transport));
    SocketAddress address = first.getLocalAddress();
    ServerSocketChannel second = transport.openServer().setOption(SO_REUSEPORT, true);
    assertThatThrownBy(() -> second.bind(address)).isInstanceOf(BindException.class);

    first.setOption(SO_REUSEPORT, true);

    assertThat(second.bind(address).getLocalAddress()).isEqualTo(address);
  }

  @EachInet
  void portThatAListenerSharesStaysShared(TestTransport transport) throws IOException {
    ServerSocketChannel first =
        transport.openServer().setOption(SO_REUSEPORT, true).bind(anyPort(transport));
    SocketAddress address = first.getLocalAddress();
    first.setOption(SO_REUSEPORT, false);

    ServerSocketChannel second = transport.openServer().setOption(SO_REUSEPORT, true);

    assertThat(second.bind(address).getLocalAddress()).isEqualTo(address);
  }

  @EachInet
  void onePairOfAddressesIsConnectedOnce(TestTransport transport) throws IOException {
    SocketAddress server = transport.listen().getLocalAddress();
    SocketChannel first = reusing(transport).bind(anyPort(transport));
    SocketChannel second = reusing(transport).bind(first.getLocalAddress());
    SocketChannel third = reusing(transport).bind(first.getLocalAddress());
    third.configureBlocking(false);
    first.connect(server);

    for (SocketChannel each : new SocketChannel[] {second, third}) {
      assertThatThrownBy(() -> each.connect(server))
          .isExactlyInstanceOf(BindException.class)
          .hasMessage("Cannot assign requested address");
      assertThat(each.isOpen()).isFalse();
    }
  }

  @EachInet
  void listenerMayShareAPortWithReusingClientsButNotTheReverse(TestTransport transport)
      throws IOException {
    SocketChannel client = reusing(transport).bind(anyPort(transport));
    SocketAddress address = client.getLocalAddress();

    transport.openServer().bind(address);

    SocketChannel late = reusing(transport);
    assertThatThrownBy(() -> late.bind(address)).isInstanceOf(BindException.class);
    ServerSocketChannel second = transport.openServer();
    assertThatThrownBy(() -> second.bind(address)).isInstanceOf(BindException.class);
  }

  @EachInet
  void bothEndsNameTheClientAlike(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);

    InetSocketAddress seen = (InetSocketAddress) accepted.getRemoteAddress();
    assertThat(seen).isEqualTo(client.getLocalAddress());
    assertThat(seen.getAddress()).isEqualTo(transport.loopback());
    assertThat(seen.isUnresolved()).isFalse();
    assertThat(accepted.getRemoteAddress()).isSameAs(seen);
    assertThat(client.getLocalAddress()).isSameAs(client.getLocalAddress());
    assertThat(accepted.socket().getRemoteSocketAddress()).isEqualTo(seen);
    assertThat(client.socket().getLocalPort()).isEqualTo(seen.getPort());
  }

  /** An address keeps the name that was looked up, and shows it from then on. */
  @EachInet
  void nameLookedUpAtOneEndIsNotShownAtAnother(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);
    for (SocketAddress each :
        new SocketAddress[] {accepted.getRemoteAddress(), accepted.getLocalAddress()}) {
      assertThat(((InetSocketAddress) each).getHostName()).isNotEmpty();
    }

    assertThat(client.getLocalAddress().toString()).startsWith("/");
    assertThat(server.getLocalAddress().toString()).startsWith("/");
    transport.connectTo(server);
    SocketChannel later = transport.accept(server);
    assertThat(later.getRemoteAddress().toString()).startsWith("/");
    assertThat(later.getLocalAddress().toString()).startsWith("/");
  }

  @EachInet
  void portOfALiveClientIsInUse(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel chosen = transport.connectTo(server);
    SocketChannel bound = transport.openClient().bind(anyPort(transport));

    assertInUse(transport, chosen.getLocalAddress());
    assertInUse(transport, bound.getLocalAddress());
    bound.connect(server.getLocalAddress());
    assertInUse(transport, bound.getLocalAddress());
  }

  /** By a reset, which leaves no TIME_WAIT behind in the kernel. */
  @EachInet
  void portOfAClosedClientIsFree(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient().bind(anyPort(transport));
    SocketAddress address = client.getLocalAddress();
    client.connect(transport.listen().getLocalAddress());
    client.setOption(SO_LINGER, 0);
    client.close();

    assertThat(transport.openClient().bind(address).getLocalAddress()).isEqualTo(address);
  }

  @EachInet
  void wildcardOfAClientIsOneAddressOnceItConnects(TestTransport transport) throws IOException {
    InetSocketAddress any = new InetSocketAddress(Addresses.IPV4_WILDCARD, 0);
    SocketChannel client = transport.openClient().bind(any);
    int port = ((InetSocketAddress) client.getLocalAddress()).getPort();
    InetSocketAddress other = new InetSocketAddress(Addresses.OTHER_IPV4_LOOPBACK, port);
    SocketChannel second = transport.openClient();
    assertThatThrownBy(() -> second.bind(other)).isInstanceOf(BindException.class);

    client.connect(transport.listen().getLocalAddress());

    if (transport.isRing() && transport.kind().bindsInKernel()) {
      // The kernel's socket stays bound to the wildcard: it does not know of the ring.
      assertThatThrownBy(() -> second.bind(other)).isInstanceOf(BindException.class);
    } else {
      assertThat(second.bind(other).getLocalAddress()).isEqualTo(other);
    }
    assertInUse(transport, client.getLocalAddress());
  }

  /** Bound to the wildcard of both families, then connected in IPv6: the kernel remembers both. */
  @EachInet
  void connectedWildcardOfBothFamiliesCollidesWithThatOfIpv4(TestTransport transport)
      throws IOException {
    SocketChannel both = transport.track(transport.provider().openSocketChannel());
    both.bind(new InetSocketAddress("::", 0));
    int port = ((InetSocketAddress) both.getLocalAddress()).getPort();
    InetSocketAddress own = new InetSocketAddress(Addresses.IPV6_LOOPBACK, port);
    both.connect(own);

    ServerSocketChannel other =
        transport.track(transport.provider().openServerSocketChannel(StandardProtocolFamily.INET));
    InetSocketAddress all = new InetSocketAddress(Addresses.IPV4_WILDCARD, port);
    assertThatThrownBy(() -> other.bind(all)).isInstanceOf(BindException.class);
    if (!transport.isRing() || !transport.kind().bindsInKernel()) {
      assertThat(both.getLocalAddress()).isEqualTo(own);
      other.bind(new InetSocketAddress(Addresses.IPV4_LOOPBACK, port));
    }
  }

  @EachInet
  void clientConnectsToItself(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient().bind(anyPort(transport));
    SocketAddress own = client.getLocalAddress();

    assertThat(client.connect(own)).isTrue();

    assertThat(client.getLocalAddress()).isEqualTo(own);
    assertThat(client.getRemoteAddress()).isEqualTo(own);
    assertEchoesItself(client);
  }

  @EachInet
  void nonBlockingClientConnectsToItself(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient().bind(anyPort(transport));
    client.configureBlocking(false);

    assertThat(client.connect(client.getLocalAddress())).isFalse();
    assertThat(client.finishConnect()).isTrue();

    client.configureBlocking(true);
    assertEchoesItself(client);
  }

  private static void assertEchoesItself(SocketChannel client) throws IOException {
    ByteBuffer received = ByteBuffer.allocate(4);
    assertThat(client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isEqualTo(3);
    assertThat(client.read(received)).isEqualTo(3);
    assertThat(received.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    client.shutdownOutput();
    assertThat(client.read(received.clear())).isEqualTo(-1);
  }

  // -- scopes

  @EachInet
  void scopeOfAnAddressThatNeedsNoneIsDropped(TestTransport transport) throws IOException {
    InetAddress scoped =
        Inet6Address.getByAddress(null, Addresses.IPV6_LOOPBACK.getAddress(), loopbackInterface());
    ServerSocketChannel server = transport.openServer().bind(new InetSocketAddress(scoped, 0));
    InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
    assertThat(bound.getAddress().getHostAddress()).isEqualTo("0:0:0:0:0:0:0:1");

    SocketChannel client = transport.openClient();
    client.connect(new InetSocketAddress(scoped, bound.getPort()));

    assertThat(hostOf(client.getLocalAddress())).isEqualTo("0:0:0:0:0:0:0:1");
    SocketChannel accepted = transport.accept(server);
    assertThat(hostOf(accepted.getLocalAddress())).isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(hostOf(accepted.getRemoteAddress())).isEqualTo("0:0:0:0:0:0:0:1");
  }

  private static NetworkInterface loopbackInterface() throws IOException {
    return NetworkInterface.getByInetAddress(Addresses.IPV4_LOOPBACK);
  }

  private static String hostOf(SocketAddress address) {
    return ((InetSocketAddress) address).getAddress().getHostAddress();
  }

  /** On each link-local address that this machine has. */
  @EachInet
  void linkLocalAddressGetsItsScope(TestTransport transport) throws IOException {
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress ip : Collections.list(each.getInetAddresses())) {
        if (ip instanceof Inet6Address && ip.isLinkLocalAddress()) {
          InetAddress bare = Inet6Address.getByAddress(null, ip.getAddress(), -1);
          ServerSocketChannel server = transport.openServer().bind(new InetSocketAddress(bare, 0));
          String scoped = bare.getHostAddress() + "%" + each.getIndex();
          assertThat(hostOf(server.getLocalAddress())).isEqualTo(scoped);
        }
      }
    }
  }
}
