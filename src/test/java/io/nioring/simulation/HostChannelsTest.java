package io.nioring.simulation;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Channels that a host opens in one call. */
class HostChannelsTest {
  private final Simulation sim = Simulation.open();
  private final RingHost client = sim.host("client");
  private final RingHost server = sim.host("server");

  @AfterEach
  void close() {
    sim.close();
  }

  @Test
  void aHostConnectsToAnother() throws Exception {
    try (ServerSocketChannel listener = server.listen(80);
        SocketChannel channel = client.connect(server, 80);
        SocketChannel accepted = listener.accept()) {
      assertThat(listener.getLocalAddress()).isEqualTo(new InetSocketAddress(server.address(), 80));
      assertThat(((InetSocketAddress) accepted.getRemoteAddress()).getAddress())
          .isEqualTo(client.address());
      channel.write(ByteBuffer.allocate(3));
      assertThat(accepted.read(ByteBuffer.allocate(3))).isEqualTo(3);
    }
  }

  @Test
  void whatFailsLeavesNoChannel() throws IOException {
    try (ServerSocketChannel listener = server.listen(0)) {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      assertThatThrownBy(() -> server.listen(port)).isInstanceOf(BindException.class);
    }
    assertThatThrownBy(() -> client.connect(server, 80)).isInstanceOf(ConnectException.class);
    try (Simulation other = Simulation.open()) {
      RingHost foreign = other.host("foreign");
      assertThatThrownBy(() -> client.connect(foreign, 80))
          .isInstanceOf(IllegalArgumentException.class);
    }
    sim.checkNoLeaks(ofSeconds(1));
  }
}
