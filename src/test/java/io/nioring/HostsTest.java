package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
  private static final String HOSTS = "db.test=10.1.2.3; Mail.Test = fd00::7;";

  @Test
  void namesAreReadInAnyCase() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().hosts(HOSTS).build();

    assertThat(config.hosts()).containsOnlyKeys("db.test", "mail.test");
    assertThat(config.hosts().get("mail.test"))
        .containsExactly(InetAddress.getByName("fd00::7"))
        .extracting(InetAddress::getHostName)
        .containsExactly("mail.test");
  }

  @Test
  void nameMayHaveSeveralAddresses() throws IOException {
    InetAddress six = InetAddress.getByName("fd00::7");
    InetAddress four = InetAddress.getByName("10.1.2.3");
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .hosts("a.test = fd00::7 , 10.1.2.3; b.test=10.1.2.3,10.1.2.3")
            .host("C.test", four, six, four)
            .build();

    assertThat(config.hosts().get("a.test")).containsExactly(six, four);
    assertThat(config.hosts().get("b.test")).containsExactly(four);
    assertThat(config.hosts().get("c.test"))
        .containsExactly(four, six)
        .extracting(InetAddress::getHostName)
        .containsOnly("c.test");
    try (RingNetwork network = RingNetwork.open(config)) {
      assertThat(network.address("A.test")).isEqualTo(six);
      assertThat(network.addresses("A.test")).containsExactly(six, four);
    }
  }

  @Test
  void connectUsesTheFirstAddress() throws IOException {
    RingNetworkConfig config =
        RingNetworkConfig.builder().hosts("db.test=10.1.2.3,10.1.2.4").build();
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocketChannel first = network.provider().openServerSocketChannel();
        ServerSocketChannel second = network.provider().openServerSocketChannel();
        SocketChannel channel = network.provider().openSocketChannel()) {
      first.bind(new InetSocketAddress(network.addresses("db.test").get(0), 80));
      second.bind(new InetSocketAddress(network.addresses("db.test").get(1), 80));

      channel.connect(InetSocketAddress.createUnresolved("db.test", 80));

      assertThat(channel.getRemoteAddress()).isEqualTo(first.getLocalAddress());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "db",
        "=10.1.2.3",
        "db=",
        "db=other",
        "10.1.2.3=10.1.2.3",
        "a=1.2.3.4;A=::1",
        "a=1.2.3.4,",
        "a=,::1",
        "a=1.2.3.4 ::1"
      })
  void wrongTextIsRefused(String text) {
    assertThatThrownBy(() -> RingNetworkConfig.builder().hosts(text).build())
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNullIsNamed() {
    RingNetworkConfig.Builder builder = RingNetworkConfig.builder();
    assertThatThrownBy(() -> builder.host("db.test", null))
        .isExactlyInstanceOf(NullPointerException.class)
        .hasMessage("address");
    assertThatThrownBy(() -> builder.host(null, InetAddress.getLoopbackAddress()))
        .isExactlyInstanceOf(NullPointerException.class)
        .hasMessage("name");
  }

  /** As most servers are bound. In the other modes the address may be another machine's. */
  @Test
  void aWildcardIsAtTheAddressesOfHostsInModeRing() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().hosts(HOSTS).build();
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocket server = network.serverSocketFactory().createServerSocket(80);
        Socket client = network.socketFactory().createSocket("db.test", 80);
        Socket accepted = server.accept();
        Socket ofBothFamilies = network.socketFactory().createSocket("mail.test", 80)) {
      assertThat(server.getInetAddress().isAnyLocalAddress()).isTrue();
      assertThat(accepted.getLocalAddress()).isEqualTo(network.address("db.test"));
      assertThat(accepted.getRemoteSocketAddress()).isEqualTo(client.getLocalSocketAddress());
      assertThat(ofBothFamilies.isConnected()).isTrue();
      assertThatThrownBy(() -> network.socketFactory().createSocket("10.1.2.4", 80))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aWildcardOfDatagramsIsAtTheAddressesOfHosts() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().hosts(HOSTS).build();
    try (RingNetwork network = RingNetwork.open(config);
        DatagramChannel receiver = network.provider().openDatagramChannel();
        DatagramChannel sender = network.provider().openDatagramChannel()) {
      receiver.bind(new InetSocketAddress(53)).configureBlocking(false);
      sender.send(ByteBuffer.allocate(3), new InetSocketAddress(network.address("db.test"), 53));
      assertThat(receiver.receive(ByteBuffer.allocate(9))).isNotNull();
    }
  }

  @Test
  void aWildcardIsNotAtTheAddressesOfHostsInModeHybrid() throws IOException {
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .mode(Mode.HYBRID)
            .routes(Routes.parse("tcp:10.1.2.3:*=ring"))
            .hosts(HOSTS)
            .build();
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocket server = network.serverSocketFactory().createServerSocket(0)) {
      assertThatThrownBy(
              () -> network.socketFactory().createSocket("db.test", server.getLocalPort()))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void networkKnowsItsHostsAndNoOthers() throws IOException {
    try (RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().hosts(HOSTS).build())) {
      assertThat(network.address("DB.test")).isEqualTo(InetAddress.getByName("10.1.2.3"));
      assertThatThrownBy(() -> network.address("localhost"))
          .isExactlyInstanceOf(UnknownHostException.class)
          .hasMessageContaining("localhost");
    }
  }

  @Test
  void socketsAndChannelsFindTheHosts() throws IOException {
    try (RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().hosts(HOSTS).build());
        ServerSocket server =
            network.serverSocketFactory().createServerSocket(80, 5, network.address("db.test"));
        Socket byName = network.socketFactory().createSocket("db.test", 80);
        Socket unresolved = network.socketFactory().createSocket();
        SocketChannel channel = network.provider().openSocketChannel()) {
      InetSocketAddress address = InetSocketAddress.createUnresolved("db.test", 80);
      unresolved.connect(address);
      channel.connect(address);

      assertThat(byName.getRemoteSocketAddress()).isEqualTo(server.getLocalSocketAddress());
      assertThat(unresolved.getRemoteSocketAddress()).isEqualTo(server.getLocalSocketAddress());
      assertThat(channel.getRemoteAddress()).isEqualTo(server.getLocalSocketAddress());
    }
  }
}
