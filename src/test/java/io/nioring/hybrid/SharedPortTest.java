package io.nioring.hybrid;

import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port that a listener of ours shares with one outside, by {@code SO_REUSEPORT}. */
@Timeout(180)
@SuppressWarnings("AddressSelection") // literals, not names
class SharedPortTest {
  private final SelectorProvider platform = PlatformProvider.lazy().get();
  private final HybridNetwork network = new HybridNetwork();

  @AfterEach
  void close() throws IOException {
    network.close();
  }

  private static ServerSocketChannel listen(ServerSocketChannel server, String ip, int port)
      throws IOException {
    return server.setOption(SO_REUSEPORT, true).bind(new InetSocketAddress(ip, port));
  }

  private ServerSocketChannel ours() throws IOException {
    return network.track(network.network().provider().openServerSocketChannel());
  }

  private static int port(ServerSocketChannel server) throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  private boolean isOverRing(String ip, int port) throws IOException {
    SocketChannel client = network.inside(new InetSocketAddress(ip, port));
    return ((RingSocket) client).isOnRing();
  }

  @Test
  void listenerOutsideWithJustTheAddressGoesBeforeOurWildcard() throws IOException {
    ServerSocketChannel ours = listen(ours(), "0.0.0.0", 0);
    assertThat(isOverRing("127.0.0.1", port(ours))).as("alone").isTrue();

    try (ServerSocketChannel outside =
        listen(platform.openServerSocketChannel(), "127.0.0.1", port(ours))) {
      assertThat(isOverRing("127.0.0.1", port(ours))).isFalse();
      try (SocketChannel accepted = outside.accept()) {
        assertThat(accepted).isNotNull();
      }
      assertThat(isOverRing("127.0.0.2", port(ours))).isTrue();
    }
    assertThat(isOverRing("127.0.0.1", port(ours))).isTrue();
  }

  @Test
  void wildcardOfIpv4OutsideGoesBeforeOurWildcardOfBoth() throws IOException {
    ServerSocketChannel ours = listen(ours(), "::", 0);
    try (ServerSocketChannel outside =
        listen(
            platform.openServerSocketChannel(StandardProtocolFamily.INET), "0.0.0.0", port(ours))) {
      assertThat(isOverRing("127.0.0.1", port(ours))).isFalse();
      assertThat(isOverRing("::1", port(ours))).isTrue();
      outside.accept().close();
    }
  }

  @Test
  void ourListenerWithJustTheAddressGoesBeforeAWildcardOutside() throws IOException {
    try (ServerSocketChannel outside = listen(platform.openServerSocketChannel(), "0.0.0.0", 0)) {
      listen(ours(), "127.0.0.1", port(outside));
      assertThat(isOverRing("127.0.0.1", port(outside))).isTrue();
      assertThat(isOverRing("127.0.0.2", port(outside))).isFalse();
      outside.accept().close();
    }
  }

  @Test
  void textOfAChannelInTheKernelIsThePlatforms() throws IOException {
    ServerSocketChannel outside = network.listenOutside(new InetSocketAddress("127.0.0.1", 0));
    SocketChannel client = network.inside(outside.getLocalAddress());

    assertThat(client)
        .hasToString(
            "java.nio.channels.SocketChannel[connected local=%s remote=%s]",
            client.getLocalAddress(), client.getRemoteAddress());
  }
}
