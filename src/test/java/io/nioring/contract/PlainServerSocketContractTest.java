package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.util.HashSet;
import java.util.Set;

/** {@link ServerSocket} over the platform, over rings, and over the kernel through ours. */
class PlainServerSocketContractTest {
  private static final int LONG_MILLIS = (int) Deadline.DEFAULT.toMillis();

  // -- binding

  @EachSocketWorld
  void unboundServerHasNoAddressAndAcceptsNothing(SocketWorld world) throws IOException {
    ServerSocket server = world.unbound();

    assertThat(server.isBound()).isFalse();
    assertThat(server.getLocalPort()).isEqualTo(-1);
    assertThat(server.getInetAddress()).isNull();
    assertThat(server.getLocalSocketAddress()).isNull();
    assertThatThrownBy(server::accept).isExactlyInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void bindGivesTheAddressThatWasAskedFor(SocketWorld world) throws IOException {
    ServerSocket server = world.unbound();

    server.bind(new InetSocketAddress(world.loopback(), 0));

    assertThat(server.isBound()).isTrue();
    assertThat(server.getLocalPort()).isPositive();
    assertThat(server.getInetAddress()).isEqualTo(world.loopback());
    assertThatThrownBy(() -> server.bind(null)).isExactlyInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void anyAddressStaysTheWildcard(SocketWorld world) throws IOException {
    ServerSocket server = world.closing(world.servers().createServerSocket(0));

    assertThat(server.getInetAddress().isAnyLocalAddress()).isTrue();
    Socket client = world.connectTo(server);
    assertThat(world.closing(server.accept()).getLocalAddress()).isEqualTo(world.loopback());
    assertThat(client.getPort()).isEqualTo(server.getLocalPort());
  }

  @EachSocketWorld
  void takenAddressIsRefusedAndTheServerCanBeBoundElsewhere(SocketWorld world) throws IOException {
    ServerSocket first = world.server();
    ServerSocket second = world.unbound();

    assertThatThrownBy(() -> second.bind(first.getLocalSocketAddress()))
        .isExactlyInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");
    assertThat(second.isBound()).isFalse();
    second.bind(new InetSocketAddress(world.loopback(), 0));
    assertThat(second.getLocalPort()).isPositive().isNotEqualTo(first.getLocalPort());
  }

  @EachSocketWorld
  void closedServerFreesItsAddress(SocketWorld world) throws IOException {
    InetSocketAddress address = world.refusing();

    ServerSocket again = world.unbound();
    again.bind(address);

    assertThat(again.getLocalSocketAddress()).isEqualTo(address);
  }

  // -- accepting

  @EachSocketWorld
  void acceptGivesConnectionsInOrder(SocketWorld world) throws IOException {
    ServerSocket server = world.server();
    for (int i = 0; i < 5; i++) {
      world.connectTo(server).getOutputStream().write(i);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(world.closing(server.accept()).getInputStream().read()).isEqualTo(i);
    }
  }

  @EachSocketWorld
  void acceptWaitsForAConnection(SocketWorld world, ThreadKind threads) throws Exception {
    ServerSocket server = world.server();
    Background<Socket> accepting = world.background(threads, server::accept);
    accepting.awaitBlockedIn("accept");

    Socket client = world.connectTo(server);

    Socket accepted = world.closing(accepting.result());
    assertThat(accepted.getRemoteSocketAddress()).isEqualTo(client.getLocalSocketAddress());
  }

  @EachSocketWorld
  void acceptedSocketInheritsTheOptionsOfItsServer(SocketWorld world) throws IOException {
    ServerSocket server = world.unbound();
    server.setOption(StandardSocketOptions.IP_TOS, 0x10);
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(world.loopback(), 0));

    Socket client = world.connectTo(server);
    Socket accepted = world.closing(server.accept());

    assertThat(accepted.getTrafficClass()).isEqualTo(0x10);
    assertThat(accepted.getReuseAddress()).isTrue();
    assertThat(accepted.getKeepAlive()).isFalse();
    assertThat(client.getTrafficClass()).isZero();
    assertThat(client.getReuseAddress()).isFalse();
  }

  @EachSocketWorld
  void acceptTimesOutAndGoesOn(SocketWorld world) throws IOException {
    ServerSocket server = world.server();
    server.setSoTimeout(60);
    assertThat(server.getSoTimeout()).isEqualTo(60);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(server::accept)
          .isExactlyInstanceOf(SocketTimeoutException.class)
          .hasMessage("Accept timed out");
    }
    server.setSoTimeout(LONG_MILLIS);
    world.connectTo(server);
    assertThat(world.closing(server.accept()).getSoTimeout()).isZero();
  }

  /** In the kernel only on newer JDKs, as for a read. */
  @EachSocketWorld
  void waitForTheTurnCountsToTheTimeLimitOfAnAccept(SocketWorld world, ThreadKind threads)
      throws Exception {
    boolean isCounted = world.isOnRings() || Runtime.version().feature() >= 25;
    ServerSocket server = world.server();
    Background<Socket> first = world.background(threads, server::accept);
    first.awaitBlockedIn("accept");
    server.setSoTimeout(60);

    Background<Socket> second = world.background(threads, server::accept);
    if (!isCounted) {
      world.connectTo(server); // ends the turn of the first
    }
    assertThat(second.failure())
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessage("Accept timed out");

    if (isCounted) {
      world.connectTo(server);
    }
    assertThat(world.closing(first.result()).isConnected()).isTrue();
  }

  @EachSocketWorld
  void closeEndsAnAccept(SocketWorld world, ThreadKind threads) throws Exception {
    ServerSocket server = world.server();
    Background<Socket> accepting = world.background(threads, server::accept);
    accepting.awaitBlockedIn("accept");

    server.close();

    assertThat(accepting.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
    assertThatThrownBy(server::accept).isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(server::getSoTimeout).isExactlyInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void closeResetsWhatWasNotAccepted(SocketWorld world) throws IOException {
    ServerSocket server = world.server();
    Socket client = world.connectTo(server);

    server.close();

    client.setSoTimeout(LONG_MILLIS);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  @EachSocketWorld
  void interruptLeavesAPlatformThreadsAcceptWaiting(SocketWorld world) throws Exception {
    ServerSocket server = world.server();
    Background<Boolean> accepting =
        world.background(
            ThreadKind.PLATFORM,
            () -> {
              Thread.currentThread().interrupt();
              world.closing(server.accept());
              return Thread.interrupted();
            });
    accepting.awaitBlockedIn("accept");
    accepting.thread().interrupt();
    accepting.awaitBlockedIn("accept");

    world.connectTo(server);

    assertThat(accepting.result()).as("the flag is kept").isTrue();
    assertThat(server.isClosed()).isFalse();
  }

  @EachSocketWorld
  void interruptOfAVirtualThreadClosesTheServer(SocketWorld world, ThreadKind threads)
      throws Exception {
    ServerSocket server = world.server();
    Background<Socket> accepting = world.background(threads, server::accept);
    accepting.awaitBlockedIn("accept");

    accepting.thread().interrupt();

    if (threads == ThreadKind.VIRTUAL) {
      assertThat(accepting.failure())
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Closed by interrupt");
      assertThat(server.isClosed()).isTrue();
    } else {
      world.connectTo(server);
      world.closing(accepting.result());
    }
  }

  @EachSocketWorld
  void severalThreadsAcceptEachAnother(SocketWorld world, ThreadKind threads) throws Exception {
    ServerSocket server = world.server();
    Background<Socket> first = world.background(threads, server::accept);
    Background<Socket> second = world.background(threads, server::accept);

    Set<Integer> ports = new HashSet<>();
    ports.add(world.connectTo(server).getLocalPort());
    ports.add(world.connectTo(server).getLocalPort());

    assertThat(
            Set.of(
                world.closing(first.result()).getPort(), world.closing(second.result()).getPort()))
        .isEqualTo(ports);
  }

  @EachSocketWorld
  void acceptedSocketServesAsAnyOther(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair(); // whose server is closed
    pair.server().getOutputStream().write("after".getBytes(UTF_8));
    pair.server().shutdownOutput();

    assertThat(pair.client().getInputStream().readAllBytes()).asString().isEqualTo("after");
    assertThatThrownBy(() -> pair.server().bind(null)).isInstanceOf(SocketException.class);
  }

  // -- options

  @EachSocketWorld
  void optionsAreThoseOfThePlatform(SocketWorld world) throws IOException {
    try (ServerSocket platform = new ServerSocket()) {
      ServerSocket server = world.unbound();
      assertThat(server.supportedOptions()).isEqualTo(platform.supportedOptions());
      assertThat(server.getReuseAddress()).isEqualTo(platform.getReuseAddress());
    }
  }

  @EachSocketWorld
  void optionsAreKept(SocketWorld world) throws IOException {
    ServerSocket server = world.unbound();
    server.setReceiveBufferSize(30_000);
    server.setReuseAddress(true);
    server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    server.bind(new InetSocketAddress(world.loopback(), 0));

    assertThat(server.getReuseAddress()).isTrue();
    assertThat(server.getOption(StandardSocketOptions.SO_REUSEPORT)).isTrue();
    assertThat(server.getReceiveBufferSize()).isPositive();
    assertThatThrownBy(() -> server.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> server.setReceiveBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }
}
