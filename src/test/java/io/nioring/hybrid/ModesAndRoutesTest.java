package io.nioring.hybrid;

import static io.nioring.hybrid.HybridNetwork.exchange;
import static io.nioring.hybrid.HybridNetwork.isPlatforms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which mode and which route hands out what. */
class ModesAndRoutesTest {
  @Test
  void kernelModeHandsOutThePlatformsOwnObjects() throws IOException {
    RingNetworkConfig kernel = RingNetworkConfig.builder().mode(Mode.KERNEL).build();
    try (RingNetwork network = RingNetwork.open(kernel)) {
      SelectorProvider provider = network.provider();
      try (var client = provider.openSocketChannel();
          var unix = provider.openSocketChannel(StandardProtocolFamily.UNIX);
          var server = provider.openServerSocketChannel();
          var selector = provider.openSelector();
          var datagrams = provider.openDatagramChannel()) {
        assertThat(isPlatforms(client)).isTrue();
        assertThat(isPlatforms(unix)).isTrue();
        assertThat(isPlatforms(server)).isTrue();
        assertThat(isPlatforms(datagrams)).isTrue();
        assertThat(selector.getClass()).isEqualTo(platformsSelectorClass());
      }
    }
  }

  private static Class<?> platformsSelectorClass() throws IOException {
    try (var selector = SelectorProvider.provider().openSelector()) {
      return selector.getClass();
    }
  }

  /** An address that was not asked for is bound in the mode that leads to it. */
  @ParameterizedTest
  @CsvSource({
    "RING, unix:*=hybrid",
    "RING, unix:*=kernel",
    "HYBRID, unix:*=ring",
    "KERNEL, unix:*=ring"
  })
  void aUnixServerOfAnyPathCanBeConnectedTo(Mode mode, String routes) throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().mode(mode).routes(routes).build();
    try (HybridNetwork hybrid = new HybridNetwork(config)) {
      ServerSocketChannel server =
          hybrid.track(
              hybrid.network().provider().openServerSocketChannel(StandardProtocolFamily.UNIX));
      server.bind(null);
      UnixDomainSocketAddress address = (UnixDomainSocketAddress) server.getLocalAddress();
      try {
        SocketChannel client = hybrid.inside(address);
        exchange(client, hybrid.track(server.accept()));
      } finally {
        Files.deleteIfExists(address.getPath());
      }
    }
  }

  @Test
  void aRouteTakesAnAddressOutOfTheKernel() throws IOException {
    RingNetworkConfig config =
        RingNetworkConfig.builder().mode(Mode.HYBRID).routes("tcp:10.99.0.0/16:*=ring").build();
    try (HybridNetwork hybrid = new HybridNetwork(config)) {
      ServerSocketChannel server =
          hybrid.listen(
              new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 99, 1, 2}), 80));
      SocketChannel client = hybrid.inside(server.getLocalAddress());
      exchange(client, hybrid.track(server.accept()));
      assertThat(hybrid.network().statistics().ringAccepted()).isEqualTo(1);
    }
  }

  @Test
  void aServerWhoseAddressIsTakenByARingCanBeBoundElsewhere() throws IOException {
    int port = freePort();
    RingNetworkConfig config =
        RingNetworkConfig.builder().mode(Mode.HYBRID).routes("tcp:127.0.0.1:*=ring").build();
    try (HybridNetwork hybrid = new HybridNetwork(config)) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      hybrid.listen(new InetSocketAddress(loopback, port));
      ServerSocketChannel server =
          hybrid.track(hybrid.network().provider().openServerSocketChannel());
      assertThatThrownBy(() -> server.bind(new InetSocketAddress(port)))
          .isInstanceOf(BindException.class);

      server.setOption(StandardSocketOptions.SO_RCVBUF, 10_000);
      server.bind(new InetSocketAddress(loopback, 0));
      SocketChannel client = hybrid.inside(server.getLocalAddress());
      exchange(client, hybrid.track(server.accept()));
    }
  }

  @Test
  void thePortOfTheKernelsChoiceIsOneThatNoRingHas() throws IOException {
    RingNetworkConfig config =
        RingNetworkConfig.builder().mode(Mode.HYBRID).routes("tcp:127.0.0.1:*=ring").build();
    try (HybridNetwork hybrid = new HybridNetwork(config)) {
      for (int port = 32_768; port < 45_000; port++) { // much of the range that both choose from
        hybrid.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
      for (int i = 0; i < 20; i++) {
        ServerSocketChannel server = hybrid.listen(new InetSocketAddress(0));
        SocketChannel outside =
            hybrid.outside(
                new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.socket().getLocalPort()));
        exchange(outside, hybrid.track(server.accept()));
        server.close();
      }
    }
  }

  @Test
  void aRouteSendsAnAddressToTheKernelThoughAListenerIsInside() throws IOException {
    int port = freePort();
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .mode(Mode.HYBRID)
            .routes("tcp:127.0.0.1:" + port + "=kernel")
            .build();
    try (HybridNetwork hybrid = new HybridNetwork(config)) {
      ServerSocketChannel server =
          hybrid.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      SocketChannel client = hybrid.inside(server.getLocalAddress());
      SocketChannel accepted = hybrid.track(server.accept());
      assertThat(isPlatforms(accepted)).isTrue();
      exchange(client, accepted);
      assertThat(hybrid.network().statistics().kernelConnections()).isEqualTo(1);
    }
  }

  private static int freePort() throws IOException {
    try (HybridNetwork probe = new HybridNetwork()) {
      return ((InetSocketAddress) probe.listen().getLocalAddress()).getPort();
    }
  }

  @Test
  void ringModeNeverReachesTheKernel() throws IOException {
    try (HybridNetwork outside = new HybridNetwork();
        RingNetwork ring = RingNetwork.open()) {
      ServerSocketChannel server =
          outside.listenOutside(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel client = ring.provider().openSocketChannel()) {
        assertThatThrownBy(() -> client.connect(server.getLocalAddress()))
            .isInstanceOf(ConnectException.class);
      }
    }
  }
}
