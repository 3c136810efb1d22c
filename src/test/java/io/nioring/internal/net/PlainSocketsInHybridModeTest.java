package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plain sockets that meet others of the network and the kernel's at once. */
@Timeout(180)
class PlainSocketsInHybridModeTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final RingNetwork network =
      RingNetwork.open(RingNetworkConfig.builder().mode(Mode.HYBRID).build());

  @AfterEach
  void closeNetwork() {
    network.close();
  }

  private ServerSocket server() throws IOException {
    return network.serverSocketFactory().createServerSocket(0, 50, LOOPBACK);
  }

  private Socket ringClient(ServerSocket server) throws IOException {
    return network.socketFactory().createSocket(LOOPBACK, server.getLocalPort());
  }

  @Test
  void clientsOfBothKindsAreAccepted() throws Exception {
    try (ServerSocket server = server()) {
      for (int i = 0; i < 40; i++) {
        boolean ring = i % 3 != 0;
        Background<Socket> accepting = Background.run(server::accept);
        try (Socket client =
                ring ? ringClient(server) : new Socket(LOOPBACK, server.getLocalPort());
            Socket accepted = accepting.result()) {
          client.getOutputStream().write(i);
          assertThat(accepted.getInputStream().read()).isEqualTo(i);
          accepted.getOutputStream().write(i + 1);
          assertThat(client.getInputStream().read()).isEqualTo(i + 1);
          assertThat(accepted.getRemoteSocketAddress()).isEqualTo(client.getLocalSocketAddress());
        }
      }
    }
    assertThat(network.statistics().ringAccepted()).isEqualTo(26);
    assertThat(network.statistics().kernelAccepted()).isEqualTo(14);
    assertThat(network.statistics().openChannels()).isZero();
  }

  @Test
  void whatTheKernelGaveAheadIsResetByAClose() throws Exception {
    ServerSocket server = server();
    Background<Socket> accepting = Background.run(server::accept);
    accepting.awaitBlockedIn("accept");
    try (Socket first = ringClient(server);
        Socket accepted = accepting.result();
        Socket ahead = new Socket(LOOPBACK, server.getLocalPort())) {
      assertThat(accepted.getPort()).isEqualTo(first.getLocalPort());

      server.close();

      ahead.setSoTimeout((int) Deadline.DEFAULT.toMillis());
      assertThatThrownBy(() -> ahead.getInputStream().read())
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertThatThrownBy(() -> new Socket(LOOPBACK, server.getLocalPort()))
          .isExactlyInstanceOf(ConnectException.class);
    }
  }

  /**
   * The thread that accepts ahead keeps the kernel's socket while it is in there.
   *
   * <p>At an address of this process's own, and a port that Linux gives nobody: another process
   * that was given the same one between two rounds would have the address.
   */
  @Test
  void theAddressIsFreeOnceAServerIsClosedThatHasAccepted() throws Exception {
    long process = ProcessHandle.current().pid();
    byte[] own = {127, (byte) (1 + process % 250), (byte) (process >> 8), 2};
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(own), 20_000);
    for (int i = 0; i < 100; i++) {
      try (ServerSocket server = network.serverSocketFactory().createServerSocket()) {
        server.setReuseAddress(true);
        server.bind(address);
        server.setSoTimeout(1);
        assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @Test
  void clientTakesNameAndOptionsAlongToTheKernel() throws Exception {
    try (ServerSocket outside = new ServerSocket(0, 50, LOOPBACK);
        Socket client = network.socketFactory().createSocket()) {
      client.setKeepAlive(true);
      client.setSoLinger(true, 7);
      client.setOOBInline(true);
      client.bind(new InetSocketAddress(LOOPBACK, 0));
      int port = client.getLocalPort();
      client.connect(outside.getLocalSocketAddress(), (int) Deadline.DEFAULT.toMillis());

      try (Socket accepted = outside.accept()) {
        assertThat(accepted.getPort()).isEqualTo(port).isEqualTo(client.getLocalPort());
        assertThat(client.getKeepAlive()).isTrue();
        assertThat(client.getSoLinger()).isEqualTo(7);
        assertThat(client.getOOBInline()).isTrue();
        accepted.sendUrgentData(5);
        assertThat(client.getInputStream().read()).isEqualTo(5);
      }
    }
    assertThat(network.statistics().kernelConnections()).isEqualTo(1);
  }

  @Test
  void closeOfTheNetworkEndsWhatWaits() throws Exception {
    ServerSocket server = server();
    Background<Socket> accepting = Background.run(server::accept);
    accepting.awaitBlockedIn("accept");
    try (ServerSocket outside = new ServerSocket(0, 50, LOOPBACK)) {
      Socket client = ringClient(outside);
      Background<Integer> reading = Background.run(() -> client.getInputStream().read());
      reading.awaitBlockedIn("read");

      network.close();

      assertThat(accepting.failure()).isExactlyInstanceOf(SocketException.class);
      assertThat(reading.failure()).isExactlyInstanceOf(SocketException.class);
      assertThatThrownBy(() -> network.socketFactory().createSocket().bind(null))
          .isExactlyInstanceOf(SocketException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void droppedServerIsClosed() throws Exception {
    int port = dropServer();

    Deadline.await(
        "the port is free",
        () -> {
          System.gc();
          return isRefused(port);
        });
  }

  private int dropServer() throws IOException {
    ServerSocket server = server();
    server.setSoTimeout(1);
    assertThatThrownBy(server::accept).isInstanceOf(IOException.class); // which starts the thread
    return server.getLocalPort();
  }

  private static boolean isRefused(int port) throws IOException {
    try (Socket outside = new Socket(LOOPBACK, port)) {
      return !outside.isConnected();
    } catch (ConnectException e) {
      return true;
    }
  }
}
