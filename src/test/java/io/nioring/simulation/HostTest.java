package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts: what belongs to them, and what happens to them. */
@Timeout(180)
@SuppressWarnings({"AddressSelection", "CanonicalDuration", "try"})
class HostTest {
  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
  private final RingHost a = sim.host("a");
  private final RingHost b = sim.host("b");

  @AfterEach
  void close() {
    sim.close();
  }

  @Test
  void addressesAreGivenInOrderAndAreKeptApart() {
    assertThat(a.address().getHostAddress()).isEqualTo("10.0.0.1");
    assertThat(b.address().getHostAddress()).isEqualTo("10.0.0.2");
    assertThat(b.address().getHostName()).isEqualTo("b");
    assertThat(sim.host("a")).isSameAs(a);
    RingHost c = sim.host("c", "192.168.7.1", "fd00::1");
    assertThat(c.addresses()).hasSize(2);
    assertThat(sim.hostOf(c.addresses().get(1))).isSameAs(c);
    assertThatThrownBy(() -> sim.host("d", "192.168.7.1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sim.host("d", "example.org"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("example.org");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1"})
  void anAddressThatIsNotAHostsAloneIsRefused(String address) {
    assertThatThrownBy(() -> sim.host("d", "192.168.7.1", address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(".* is a .* address, which is given to no host");
    assertThat(sim.hosts()).hasSize(3);
  }

  @Test
  void aThreadsChannelsBelongToItsHost() throws Exception {
    ServerSocketChannel server =
        b.call(
            () -> {
              ServerSocketChannel opened = sim.network().provider().openServerSocketChannel();
              opened.bind(new InetSocketAddress(80)); // the wildcard of b
              return opened;
            });
    SocketChannel client = a.call(() -> sim.network().provider().openSocketChannel());
    client.connect(new InetSocketAddress(b.address(), 80));
    SocketChannel accepted = server.accept();
    assertThat(((InetSocketAddress) accepted.getRemoteAddress()).getAddress())
        .isEqualTo(a.address());
    SocketChannel elsewhere = a.provider().openSocketChannel();
    assertThatThrownBy(() -> elsewhere.connect(new InetSocketAddress(a.address(), 80)))
        .isInstanceOf(ConnectException.class);
    assertThatThrownBy(() -> SimPair.listen(a, 81).bind(null)).isInstanceOf(Exception.class);
    ServerSocketChannel foreign = a.provider().openServerSocketChannel();
    assertThatThrownBy(() -> foreign.bind(new InetSocketAddress(b.address(), 82)))
        .isInstanceOf(BindException.class)
        .hasMessage("Cannot assign requested address");
    SocketChannel ofNobody = sim.network().provider().openSocketChannel();
    ofNobody.connect(new InetSocketAddress(b.address(), 80));
    assertThat(((InetSocketAddress) server.accept().getRemoteAddress()).getAddress())
        .isEqualTo(sim.localhost().address());
  }

  @Test
  void loopbackIsOneForAllUnlessIsolated() throws Exception {
    ServerSocketChannel server = a.provider().openServerSocketChannel();
    server.bind(new InetSocketAddress("127.0.0.1", 80));
    SocketChannel client = b.provider().openSocketChannel();
    client.connect(server.getLocalAddress());
    try (Simulation isolated =
        Simulation.open(SimulationConfig.builder().isolatedLoopback(true).build())) {
      RingHost one = isolated.host("one");
      RingHost two = isolated.host("two");
      ServerSocketChannel ofOne = one.provider().openServerSocketChannel();
      ofOne.bind(new InetSocketAddress("127.0.0.1", 80));
      SocketChannel ofTwo = two.provider().openSocketChannel();
      assertThatThrownBy(() -> ofTwo.connect(ofOne.getLocalAddress()))
          .isInstanceOf(ConnectException.class);
      SocketChannel own = one.provider().openSocketChannel();
      own.connect(ofOne.getLocalAddress());
    }
  }

  /** The names of hosts are known to their network, without a lookup of the JVM's. */
  @Test
  void anUnresolvedNameOfAHostIsItsAddress() throws Exception {
    ServerSocketChannel server = SimPair.listen(b, 80);
    InetSocketAddress name = InetSocketAddress.createUnresolved("b", 80);
    try (SocketChannel channel = a.provider().openSocketChannel();
        SocketChannel adaptor = a.provider().openSocketChannel();
        Socket plain = a.socketFactory().createSocket()) {
      channel.connect(name);
      adaptor.socket().connect(name, 1000);
      plain.connect(name);
      assertThat(channel.getRemoteAddress()).isEqualTo(server.getLocalAddress());
      assertThat(adaptor.socket().getInetAddress()).isEqualTo(b.address());
      assertThat(plain.getInetAddress()).isEqualTo(b.address());
    }
    try (SocketChannel upperCase = a.provider().openSocketChannel()) {
      upperCase.connect(InetSocketAddress.createUnresolved("B", 80));
      assertThat(upperCase.getRemoteAddress()).isEqualTo(server.getLocalAddress());
    }
    try (SocketChannel channel = a.provider().openSocketChannel()) {
      assertThatThrownBy(() -> channel.connect(InetSocketAddress.createUnresolved("nobody", 80)))
          .isInstanceOf(UnresolvedAddressException.class);
      assertThat(channel.isOpen()).isTrue();
    }
  }

  @Test
  void aPausedHostTakesConnectsUntilItsBacklogIsFull() throws Exception {
    ServerSocketChannel server = b.provider().openServerSocketChannel();
    server.bind(new InetSocketAddress(b.address(), 80), 1);
    server.configureBlocking(false);
    b.pause();
    SocketChannel first = connecting();
    assertThat(first.finishConnect()).isTrue();
    assertThat(connecting().finishConnect()).isTrue();
    SocketChannel third = connecting();
    assertThat(third.finishConnect()).isFalse();
    assertThat(server.accept()).isNull();
    first.write(ByteBuffer.wrap(new byte[3]));
    b.resume();
    SocketChannel accepted = server.accept();
    assertThat(accepted.read(ByteBuffer.allocate(10))).isEqualTo(3);
    assertThat(third.finishConnect()).isTrue();
  }

  /** Its programs do not run: their time does not pass either. */
  @Test
  void aPausedHostsConnectsBeginWhenItIsResumed() throws Exception {
    ServerSocketChannel server = SimPair.listen(b, 80);
    server.configureBlocking(false);
    a.pause();
    SocketChannel client = connecting();
    sim.advance(sim.config().connectTimeout().multipliedBy(2));
    sim.link(a, b).latency(ofSeconds(1));
    assertThat(client.finishConnect()).isFalse();
    assertThat(server.accept()).isNull();
    a.resume();
    assertThat(client.finishConnect()).isFalse();
    sim.advance(ofSeconds(2));
    assertThat(client.finishConnect()).isTrue();
    sim.advance(ofSeconds(1));
    assertThat(server.accept()).isNotNull();
  }

  private SocketChannel connecting() throws IOException {
    SocketChannel client = a.provider().openSocketChannel();
    client.configureBlocking(false);
    client.connect(new InetSocketAddress(b.address(), 80));
    return client;
  }

  @Test
  void aKilledHostEndsItsConnections() throws Exception {
    SimPair pair = SimPair.connect(sim, a, b, 80);
    SimPair unread = SimPair.connect(sim, a, b, 81);
    unread.write(unread.client(), "unread");
    b.kill();
    assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThatThrownBy(() -> unread.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    SimPair.listen(b, 80).close();
  }

  @Test
  void aKilledHostEndsConnectionsThatItHasDropped() throws Exception {
    ServerSocketChannel server = SimPair.listen(b, 80);
    SocketChannel client = a.connect(b, 80);
    WeakReference<SocketChannel> dropped = new WeakReference<>(server.accept());
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(dropped.get()).isNull();
            });
    b.kill();
    client.configureBlocking(false);
    assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @Test
  void aCrashedHostIsSilentAndResetsAfterItsRestart() throws Exception {
    SimPair pair = SimPair.connect(sim, a, b, 80);
    b.crash();
    assertThat(b.isUp()).isFalse();
    sim.advance(ofSeconds(60));
    assertThat(pair.read(pair.client())).isEmpty();
    pair.write(pair.client(), "anybody there?");
    assertThat(pair.read(pair.client())).isEmpty();
    SocketChannel lost = connecting();
    sim.advance(sim.config().connectTimeout());
    assertThatThrownBy(lost::finishConnect)
        .isInstanceOf(ConnectException.class)
        .hasMessage("Connection timed out");
    b.restart();
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    SimPair again = SimPair.connect(sim, a, b, 80);
    again.write(again.client(), "hello");
    assertThat(again.read(again.server())).isEqualTo("hello");
  }

  @Test
  void nothingIsBoundOnAHostThatIsOff() throws Exception {
    b.crash();
    assertThatThrownBy(() -> b.listen(80))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Network is down");
    try (ServerSocket socket = b.serverSocketFactory().createServerSocket()) {
      assertThatThrownBy(() -> socket.bind(new InetSocketAddress(80)))
          .isInstanceOf(SocketException.class)
          .hasMessage("Network is down");
      b.restart();
      socket.bind(new InetSocketAddress(80));
      assertThat(a.connect(b, 80).isConnected()).isTrue();
    }
  }

  /** The reset of its crash was lost: there were bytes that it had not read. */
  @Test
  void aCrashedHostResetsAfterItsRestartWhatItHadNotRead() throws Exception {
    SimPair pair = SimPair.connect(sim, a, b, 80);
    pair.write(pair.client(), "unread");
    b.crash();
    pair.write(pair.client(), "anybody there?");
    b.restart();
    assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
  }

  @Test
  void aCrashedHostResetsAfterItsRestartWhatItHadNotAccepted() throws Exception {
    SimPair.listen(b, 80);
    SocketChannel client = connecting();
    sim.advance(ofSeconds(1));
    assertThat(client.finishConnect()).isTrue();
    b.crash();
    client.write(ByteBuffer.allocate(1));
    b.restart();
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
  }

  /**
   * A connection is lost that a thread is about to accept when the host crashes.
   *
   * <pre>{@code
   * accepts: takes the end from the queue; makes its channel, which is one of the host's
   * crashes:                             ^ closes the channels of the host
   * }</pre>
   */
  @Test
  void aCrashedHostKeepsNoConnectionThatIsBeingAccepted() throws Exception {
    for (int round = 0; round < 300; round++) {
      ServerSocketChannel server = SimPair.listen(b, 80);
      Background<List<SocketChannel>> accepts =
          Background.run(ThreadKind.PLATFORM, () -> acceptAll(server));
      SocketChannel client = a.connect(b, 80);
      b.crash();
      b.restart();
      client.configureBlocking(false);
      assertThatThrownBy(
              () -> {
                client.write(ByteBuffer.allocate(1));
                client.read(ByteBuffer.allocate(1));
              })
          .as("round %s", round)
          .isInstanceOf(SocketException.class);
      assertThat(accepts.result()).noneMatch(SocketChannel::isOpen);
      client.close();
    }
  }

  /**
   * As above, with a thread that has taken the connection from the queue and gets no further before
   * the host is on again.
   */
  @ParameterizedTest
  @ValueSource(strings = {"channel", "plain socket", "asynchronous channel"})
  void aSlowAcceptOfACrashedHostFails(String kind) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch restarted = new CountDownLatch(1);
    b.resources().wire().addObserver(stallAccepts(taken, restarted));
    Background<Closeable> accepts = Background.run(ThreadKind.PLATFORM, acceptOf(kind));
    Background<SocketChannel> connects =
        Background.run(ThreadKind.PLATFORM, () -> a.connect(b, 80));
    taken.await();
    b.crash();
    b.restart();
    restarted.countDown();
    Throwable failure = accepts.failure();
    assertThat(failure instanceof ExecutionException ? failure.getCause() : failure)
        .isInstanceOfAny(AsynchronousCloseException.class, SocketException.class);
    SocketChannel client = connects.result();
    client.write(ByteBuffer.allocate(1));
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class);
    assertThat(sim.openChannels()).extracting(OpenChannel::channel).containsExactly(client);
  }

  private static Observer stallAccepts(CountDownLatch taken, CountDownLatch until) {
    return new Observer() {
      @Override
      public void accepted(Endpoint server, int queued) {
        taken.countDown();
        try {
          until.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  private Callable<Closeable> acceptOf(String kind) throws IOException {
    InetSocketAddress address = new InetSocketAddress(b.address(), 80);
    switch (kind) {
      case "channel":
        return SimPair.listen(b, 80)::accept;
      case "plain socket":
        ServerSocket plain = b.serverSocketFactory().createServerSocket(80);
        return plain::accept;
      default:
        AsynchronousServerSocketChannel server =
            b.asynchronousProvider().openAsynchronousServerSocketChannel(null).bind(address);
        return () -> server.accept().get();
    }
  }

  private static List<SocketChannel> acceptAll(ServerSocketChannel server) throws IOException {
    List<SocketChannel> accepted = new ArrayList<>();
    while (server.isOpen()) {
      try {
        accepted.add(server.accept());
      } catch (ClosedChannelException e) {
        return accepted; // its host has crashed
      }
    }
    return accepted;
  }

  @Test
  void anIsolatedHostReachesNobodyThatComesLaterEither() throws Exception {
    try (Fault cut = sim.isolate(b)) {
      RingHost later = sim.host("later");
      ServerSocketChannel server = SimPair.listen(later, 80);
      SocketChannel client = b.provider().openSocketChannel();
      client.configureBlocking(false);
      client.connect(server.getLocalAddress());
      assertThat(client.finishConnect()).isFalse();
      cut.close();
      assertThat(client.finishConnect()).isTrue();
    }
  }

  @Test
  void twoGroupsAreCutOffFromOneAnother() throws Exception {
    RingHost c = sim.host("c");
    RingHost d = sim.host("d");
    ServerSocketChannel server = SimPair.listen(b, 80);
    try (Fault cut = sim.partition(List.of(a, c), List.of(b, d))) {
      assertThat(sim.report()).contains("partition a, c from b, d");
      SimPair.connect(sim, a, c, 80).close();
      SimPair.connect(sim, b, d, 80).close();
      SocketChannel client = connecting();
      assertThat(client.finishConnect()).isFalse();
      cut.close();
      assertThat(client.finishConnect()).isTrue();
      server.close();
    }
    List<RingHost> many = IntStream.range(0, 7).mapToObj(i -> sim.host("m" + i)).toList();
    assertThat(sim.partition(many, List.of(a)))
        .hasToString("Fault[partition m0, m1, m2, m3, m4 and 2 more from a]");
    assertThatThrownBy(() -> sim.partition(List.of(a, c), List.of(c)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("both sides");
  }

  @Test
  void aBridgeReachesBothSides() throws Exception {
    RingHost bridge = sim.host("bridge");
    try (Fault cut = sim.bridge(bridge, List.of(a), List.of(b))) {
      SimPair.connect(sim, a, bridge, 80).close();
      SimPair.connect(sim, b, bridge, 80).close();
      ServerSocketChannel server = SimPair.listen(b, 80);
      SocketChannel client = connecting();
      assertThat(client.finishConnect()).isFalse();
      sim.heal();
      assertThat(cut.isActive()).isFalse();
      assertThat(client.finishConnect()).isTrue();
      server.close();
    }
  }

  /** Repeated: a jump must not overtake what the event before it has begun. */
  @RepeatedTest(100)
  void virtualTimeJumpsWhenAllThreadsOfHostsWait() throws Exception {
    try (Simulation jumping =
        Simulation.open(SimulationConfig.builder().virtualTime(true).build())) {
      RingHost client = jumping.host("client");
      RingHost server = jumping.host("server");
      jumping.link(client, server).latency(ofSeconds(60));
      ServerSocketChannel listener = SimPair.listen(server, 80);
      Background<Integer> echo =
          Background.run(
              ThreadKind.PLATFORM,
              () ->
                  server.call(
                      () -> {
                        SocketChannel accepted = listener.accept();
                        ByteBuffer bytes = ByteBuffer.allocate(10);
                        for (int i = 0; i < 15; i++) {
                          accepted.read(bytes.clear());
                          accepted.write(bytes.flip());
                        }
                        return 15;
                      }));
      int answers =
          client.call(
              () -> {
                SocketChannel channel = client.provider().openSocketChannel();
                channel.connect(listener.getLocalAddress());
                int sum = 0;
                for (int i = 0; i < 15; i++) {
                  channel.write(ByteBuffer.wrap(new byte[1]));
                  sum += channel.read(ByteBuffer.allocate(10));
                }
                return sum;
              });
      assertThat(answers).isEqualTo(15);
      assertThat(echo.result()).isEqualTo(15);
      assertThat(jumping.elapsed()).isEqualTo(ofSeconds(60 * 32));
    }
  }

  @Test
  void theSchedulerAndTheClockFollowVirtualTime() {
    List<String> ran = new java.util.ArrayList<>();
    var ticks =
        sim.scheduler()
            .scheduleAtFixedRate(
                () -> ran.add(sim.clock().instant().toString()),
                10,
                10,
                java.util.concurrent.TimeUnit.SECONDS);
    sim.advance(ofSeconds(25));
    assertThat(ran).containsExactly("2000-01-01T00:00:10Z", "2000-01-01T00:00:20Z");
    assertThat(ticks.cancel(false)).isTrue();
    Clock clock = a.clock();
    assertThat(clock.instant()).isEqualTo(sim.clock().instant());
    a.setClockOffset(ofMillis(-500)); // of the clock that the program has already
    assertThat(clock.instant().toString()).isEqualTo("2000-01-01T00:00:24.500Z");
    assertThat(b.clock().instant()).isEqualTo(sim.clock().instant());
    assertThat(clock.withZone(ZoneOffset.ofHours(1)).instant()).isEqualTo(clock.instant());
    sim.advance(ofSeconds(Long.MAX_VALUE));
    assertThat(sim.elapsed()).isGreaterThan(Duration.ofDays(292 * 365));
  }
}
