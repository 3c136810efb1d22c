package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plain sockets and asynchronous channels belong to hosts too, and meet their faults. */
class HostSocketsTest {
  private static final int PORT = 80;

  private Simulation sim;
  private RingHost client;
  private RingHost server;

  @BeforeEach
  void open() {
    sim = Simulation.open();
    client = sim.host("client");
    server = sim.host("server");
  }

  @AfterEach
  void close() {
    sim.close();
  }

  private Socket connect() throws IOException {
    return client.socketFactory().createSocket(server.address(), PORT);
  }

  @Test
  void plainSocketsOfAHostHaveItsAddress() throws Exception {
    try (ServerSocket listener = server.serverSocketFactory().createServerSocket(PORT);
        Socket socket = connect();
        Socket accepted = listener.accept()) {
      assertThat(socket.getLocalAddress()).isEqualTo(client.address());
      assertThat(accepted.getInetAddress()).isEqualTo(client.address());
      assertThat(accepted.getLocalAddress()).isEqualTo(server.address());
      socket.getOutputStream().write(7);
      assertThat(accepted.getInputStream().read()).isEqualTo(7);
    }
    sim.checkNoLeaks(ofSeconds(1));
  }

  @Test
  void factoriesOfTheNetworkFollowTheThreadsHost() throws Exception {
    RingNetwork network = sim.network();
    try (ServerSocket listener =
            server.call(() -> network.serverSocketFactory().createServerSocket(PORT));
        Socket socket =
            client.call(() -> network.socketFactory().createSocket(server.address(), PORT));
        Socket accepted = listener.accept()) {
      assertThat(socket.getLocalAddress()).isEqualTo(client.address());
      assertThat(accepted.getLocalAddress()).isEqualTo(server.address());
      assertThatThrownBy(
              () -> network.socketFactory().createSocket(InetAddress.getLoopbackAddress(), PORT))
          .as("another host's")
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void plainSocketsMeetTheFaultsOfTheirHosts() throws Exception {
    sim.faults().to(server, PORT).connection(1).upstream().resetAfterBytes(3).install();
    try (ServerSocket listener = server.serverSocketFactory().createServerSocket(PORT);
        Socket socket = connect();
        Socket accepted = listener.accept()) {
      socket.getOutputStream().write(new byte[10]);
      assertThat(accepted.getInputStream().readNBytes(3)).hasSize(3);
      assertThatThrownBy(() -> accepted.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");

      sim.partition(client, server);
      try (Socket second = client.socketFactory().createSocket()) {
        assertThatThrownBy(() -> second.connect(new InetSocketAddress(server.address(), PORT), 20))
            .isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @Test
  void aHostThatIsKilledClosesItsPlainSocketsAlone() throws Exception {
    try (ServerSocket listener = server.serverSocketFactory().createServerSocket(PORT);
        Socket socket = connect();
        Socket accepted = listener.accept()) {
      server.kill();

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThatThrownBy(() -> accepted.getInputStream().read())
          .isInstanceOf(SocketException.class);
      assertThatThrownBy(listener::accept).isInstanceOf(SocketException.class);
      socket.shutdownOutput(); // it is open
      assertThatThrownBy(this::connect).hasMessageContaining("refused");
    }
  }

  @Test
  void leaksOfPlainSocketsNameTheirHost() throws Exception {
    try (ServerSocket listener = server.serverSocketFactory().createServerSocket(PORT)) {
      assertThat(listener.isBound()).isTrue();
      assertThat(sim.openChannels())
          .singleElement()
          .extracting(OpenChannel::host)
          .isEqualTo(server);
    }
    assertThat(sim.openChannels()).isEmpty();
  }

  @Test
  void asynchronousChannelsBelongToTheThreadsHost() throws Exception {
    AsynchronousChannelProvider provider = sim.network().asynchronousProvider();
    try (AsynchronousServerSocketChannel listener =
            server.call(() -> provider.openAsynchronousServerSocketChannel(null));
        AsynchronousSocketChannel channel =
            client.call(() -> provider.openAsynchronousSocketChannel(null))) {
      listener.bind(new InetSocketAddress(PORT));
      Future<AsynchronousSocketChannel> accepting = listener.accept();
      channel.connect(new InetSocketAddress(server.address(), PORT)).get(10, TimeUnit.SECONDS);
      try (AsynchronousSocketChannel accepted = accepting.get(10, TimeUnit.SECONDS)) {
        assertThat(((InetSocketAddress) channel.getLocalAddress()).getAddress())
            .isEqualTo(client.address());
        sim.link(client, server).latency(ofMillis(5));
        channel.write(ByteBuffer.allocate(4)).get(10, TimeUnit.SECONDS);
        Future<Integer> read = accepted.read(ByteBuffer.allocate(4));
        assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(4);

        Future<Integer> waiting = channel.read(ByteBuffer.allocate(4));
        client.kill();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class);
        assertThat(channel.isOpen()).isFalse();
        assertThat(accepted.read(ByteBuffer.allocate(1)).get(10, TimeUnit.SECONDS)).isEqualTo(-1);
      }
    }
  }
}
