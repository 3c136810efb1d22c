package io.nioring.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Names in the abstract namespace. */
@Timeout(180)
class AbstractNameTest {
  private final AbstractSocketAddress name = AbstractSocketAddress.unique("name");

  private static SocketChannel unixSocket(RingNetwork network) throws IOException {
    return network.provider().openSocketChannel(StandardProtocolFamily.UNIX);
  }

  private static ServerSocketChannel unixServer(RingNetwork network) throws IOException {
    return network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  void aServerIsReachedByItsNameAndSeesTheClients(Mode mode) throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().mode(mode).build();
    AbstractSocketAddress own = AbstractSocketAddress.unique("client");
    try (RingNetwork network = RingNetwork.open(config);
        ServerSocketChannel server = unixServer(network).bind(name);
        SocketChannel client = unixSocket(network).bind(own)) {
      assertThat(client.connect(name)).isTrue();
      try (SocketChannel accepted = server.accept()) {
        assertThat(server.getLocalAddress()).isEqualTo(name);
        assertThat(client.getRemoteAddress()).isEqualTo(name);
        assertThat(client.getLocalAddress()).isEqualTo(own);
        assertThat(accepted.getRemoteAddress()).isEqualTo(own);
        assertThat(accepted.getLocalAddress()).isEqualTo(name);
        assertThat(network.statistics().listeners()).isEqualTo(1);
      }
    }
  }

  @Test
  void theNameIsFreeWhenTheListenerCloses() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      ServerSocketChannel server = unixServer(network).bind(name);
      ServerSocketChannel second = unixServer(network);
      assertThatThrownBy(() -> second.bind(name)).isInstanceOf(BindException.class);
      server.close();
      second.bind(name);
    }
  }

  @Test
  void connectWithoutAListenerRefuses() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      assertThatThrownBy(() -> unixSocket(network).connect(name))
          .isInstanceOf(ConnectException.class)
          .hasMessage("Connection refused");
      unixSocket(network).bind(name);
      assertThatThrownBy(() -> unixSocket(network).connect(name))
          .isInstanceOf(ConnectException.class); // bound is not listening
    }
  }

  @Test
  void networksDoNotShareNames() throws IOException {
    try (RingNetwork one = RingNetwork.open();
        RingNetwork other = RingNetwork.open()) {
      unixServer(one).bind(name);
      unixServer(other).bind(name);
    }
  }

  @Test
  void channelsOfIpFamiliesDoNotTakeIt() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      assertThatThrownBy(() -> network.provider().openSocketChannel().connect(name))
          .isInstanceOf(UnsupportedAddressTypeException.class);
      assertThatThrownBy(() -> network.provider().openServerSocketChannel().bind(name))
          .isInstanceOf(UnsupportedAddressTypeException.class);
    }
  }
}
