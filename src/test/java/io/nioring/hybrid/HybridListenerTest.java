package io.nioring.hybrid;

import static io.nioring.hybrid.HybridNetwork.exchange;
import static io.nioring.hybrid.HybridNetwork.isPlatforms;
import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners of hybrid mode: in the kernel and in the namespace at once. */
class HybridListenerTest {
  private final HybridNetwork hybrid = new HybridNetwork();

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path directory;

  @AfterEach
  void close() throws IOException {
    hybrid.close();
    assertThat(hybrid.network().statistics().openChannels()).isZero();
    assertThat(hybrid.network().statistics().memoryInUseBytes()).isZero();
  }

  @Test
  void clientsInsideTakeTheRingAndClientsOutsideTheKernel() throws IOException {
    ServerSocketChannel server = hybrid.listen();

    SocketChannel inside = hybrid.inside(server.getLocalAddress());
    SocketChannel acceptedInside = hybrid.track(server.accept());
    SocketChannel outside = hybrid.outside(server.getLocalAddress());
    SocketChannel acceptedOutside = hybrid.track(server.accept());

    exchange(inside, acceptedInside);
    exchange(outside, acceptedOutside);
    assertThat(isPlatforms(acceptedInside)).isFalse();
    assertThat(isPlatforms(acceptedOutside)).as("handed out unwrapped").isTrue();
    assertThat(hybrid.network().statistics().ringAccepted()).isEqualTo(1);
    assertThat(hybrid.network().statistics().kernelAccepted()).isEqualTo(1);
    assertThat(acceptedInside.getRemoteAddress()).isEqualTo(inside.getLocalAddress());
  }

  @Test
  void acceptTakesFromBothInTurn() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    for (int i = 0; i < 4; i++) {
      hybrid.inside(server.getLocalAddress());
      hybrid.outside(server.getLocalAddress());
    }

    boolean previous = isPlatforms(hybrid.track(server.accept()));
    for (int i = 1; i < 8; i++) {
      boolean next = isPlatforms(hybrid.track(server.accept()));
      assertThat(next).as("accept %d", i).isNotEqualTo(previous);
      previous = next;
    }
  }

  /** Of a kernel that had nothing so far less is asked; it must not be forgotten. */
  @Test
  void theKernelGetsItsTurnAlthoughARingConnectionAlwaysWaits() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    for (int i = 0; i < 1_000; i++) {
      acceptOneMoreOverRing(server);
    }
    hybrid.outside(server.getLocalAddress());
    SocketChannel waiting = hybrid.inside(server.getLocalAddress());

    int overRing = 0;
    while (acceptOneMoreOverRing(server)) {
      assertThat(++overRing).isLessThanOrEqualTo(16);
    }

    hybrid.outside(server.getLocalAddress());
    acceptOneMoreOverRing(server);
    assertThat(acceptOneMoreOverRing(server)).as("in turn again").isFalse();
    assertThat(waiting.isConnected()).isTrue();
  }

  /**
   * After some accepts that found nothing the kernel is asked in another way, which must miss
   * nothing.
   */
  @Test
  void aNonBlockingAcceptFindsWhatTheKernelHas() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    server.configureBlocking(false);
    for (int i = 0; i < 100; i++) {
      assertThat(server.accept()).isNull();
      if (i % 3 == 0) {
        SocketChannel client = hybrid.outside(server.getLocalAddress());
        exchange(client, acceptSoon(server));
      }
    }
    server.configureBlocking(true);
    hybrid.outside(server.getLocalAddress());
    assertThat(isPlatforms(hybrid.track(server.accept()))).isTrue();
  }

  /** A connect may return a moment before the kernel has put the connection into its queue. */
  private SocketChannel acceptSoon(ServerSocketChannel server) {
    return hybrid.track(
        await()
            .pollInSameThread()
            .pollDelay(Duration.ZERO)
            .until(server::accept, Objects::nonNull));
  }

  @Test
  void whatANonBlockingAcceptOpenedIsClosedWithTheServer() throws IOException {
    int before = kernelSelectors();
    ServerSocketChannel server = hybrid.listen();
    server.configureBlocking(false);
    for (int i = 0; i < 100; i++) {
      assertThat(server.accept()).isNull();
    }

    assertThat(kernelSelectors()).isEqualTo(before + 1);

    server.close();

    assertThat(kernelSelectors()).isEqualTo(before);
  }

  private static int kernelSelectors() throws IOException {
    return DescriptorProgram.descriptors().get(DescriptorProgram.Kind.POLL);
  }

  /** Connects over a ring, then accepts: whether what came was of a ring. */
  private boolean acceptOneMoreOverRing(ServerSocketChannel server) throws IOException {
    try (SocketChannel client = hybrid.open()) {
      client.connect(server.getLocalAddress());
      try (SocketChannel accepted = server.accept()) {
        return !isPlatforms(accepted);
      }
    }
  }

  @Test
  void aBlockedAcceptIsEndedByEitherSide() throws Exception {
    ServerSocketChannel server = hybrid.listen();
    for (int i = 0; i < 6; i++) {
      CompletableFuture<SocketChannel> accepted = acceptInBackground(server);
      boolean overRing = i % 2 == 0;
      SocketChannel client =
          overRing
              ? hybrid.inside(server.getLocalAddress())
              : hybrid.outside(server.getLocalAddress());

      SocketChannel peer = hybrid.track(accepted.get(20, TimeUnit.SECONDS));

      assertThat(isPlatforms(peer)).isEqualTo(!overRing);
      exchange(client, peer);
    }
  }

  @Test
  void aBlockedAcceptIsEndedByClose() throws Exception {
    ServerSocketChannel server = hybrid.listen();
    CompletableFuture<SocketChannel> accepted = acceptInBackground(server);

    server.close();

    assertThatThrownBy(() -> accepted.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(AsynchronousCloseException.class);
  }

  private static CompletableFuture<SocketChannel> acceptInBackground(ServerSocketChannel server) {
    CompletableFuture<SocketChannel> accepted = new CompletableFuture<>();
    Thread accepting =
        new Thread(
            () -> {
              try {
                accepted.complete(server.accept());
              } catch (IOException e) {
                accepted.completeExceptionally(e);
              }
            },
            "accepting");
    accepting.setDaemon(true);
    accepting.start();
    while (accepting.getState() == Thread.State.NEW || !isInAccept(accepting)) {
      Thread.onSpinWait();
    }
    return accepted;
  }

  private static boolean isInAccept(Thread thread) {
    for (StackTraceElement element : thread.getStackTrace()) {
      if (element.getMethodName().equals("await")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void acceptIsSelectedForBothSides() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    server.configureBlocking(false);
    Selector selector = hybrid.selector();
    SelectionKey key = server.register(selector, OP_ACCEPT);
    assertThat(selector.selectNow()).isZero();

    hybrid.outside(server.getLocalAddress());
    assertThat(selector.select(20_000)).isEqualTo(1);
    assertThat(isPlatforms(hybrid.track(server.accept()))).isTrue();
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();

    hybrid.inside(server.getLocalAddress());
    assertThat(selector.select(20_000)).isEqualTo(1);
    assertThat(key.isAcceptable()).isTrue();
    assertThat(isPlatforms(hybrid.track(server.accept()))).isFalse();
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();
  }

  @Test
  void aKeyThatWasRegisteredBeforeTheBindIsSelectedForBothSides() throws IOException {
    ServerSocketChannel server =
        hybrid.track(hybrid.network().provider().openServerSocketChannel());
    server.configureBlocking(false);
    Selector selector = hybrid.selector();
    SelectionKey key = server.register(selector, 0);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    key.interestOps(OP_ACCEPT);

    hybrid.outside(server.getLocalAddress());
    assertThat(selector.select(20_000)).isEqualTo(1);
    hybrid.track(server.accept());
    selector.selectedKeys().clear();
    hybrid.inside(server.getLocalAddress());
    assertThat(selector.select(20_000)).isEqualTo(1);
  }

  @Test
  void aKeyReadyOnBothSidesIsHandedToTheActionOnce() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    server.configureBlocking(false);
    Selector selector = hybrid.selector();
    server.register(selector, OP_ACCEPT);
    hybrid.outside(server.getLocalAddress());
    hybrid.inside(server.getLocalAddress());
    int[] calls = new int[1];

    int selected = selector.select(key -> calls[0]++, 20_000);

    assertThat(selected).isEqualTo(1);
    assertThat(calls[0]).isEqualTo(1);
  }

  @Test
  void theKernelChoosesThePortAndItIsTakenThereToo() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    assertThat(((InetSocketAddress) server.getLocalAddress()).getPort()).isPositive();

    assertThatThrownBy(() -> hybrid.listenOutside(server.getLocalAddress()))
        .isInstanceOf(BindException.class);
    assertThatThrownBy(() -> hybrid.listen(server.getLocalAddress()))
        .isInstanceOf(BindException.class);
  }

  @Test
  void aWildcardListenerIsReachedOverTheRingByEveryLocalAddress() throws IOException {
    ServerSocketChannel server = hybrid.listen(new InetSocketAddress(0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    byte[] loopback6 = new byte[16];
    loopback6[15] = 1;
    byte[] mapped4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
    List<InetAddress> hosts =
        List.of(
            InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
            InetAddress.getByAddress(loopback6),
            InetAddress.getByAddress(new byte[4]),
            Inet6Address.getByAddress(null, mapped4, -1)); // InetAddress would make it IPv4
    for (InetAddress host : hosts) {
      SocketChannel client = hybrid.inside(new InetSocketAddress(host, port));
      SocketChannel accepted = hybrid.track(server.accept());
      assertThat(isPlatforms(accepted)).as(host.toString()).isFalse();
      exchange(client, accepted);
    }
  }

  @Test
  void afterTheListenerClosedAConnectIsRefused() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    SocketAddress address = server.getLocalAddress();
    server.close();

    assertThatThrownBy(() -> hybrid.inside(address)).isInstanceOf(ConnectException.class);
  }

  /** As on the platform, whose selector holds the descriptor of a closed channel until then. */
  @Test
  void kernelsPartOfARegisteredListenerEndsWithTheNextSelect() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    SocketAddress address = server.getLocalAddress();
    server.configureBlocking(false);
    Selector selector = hybrid.selector();
    server.register(selector, OP_ACCEPT);

    server.close();
    assertThatThrownBy(() -> hybrid.listen(address)).isInstanceOf(BindException.class);

    selector.selectNow();
    assertThatThrownBy(() -> hybrid.inside(address)).isInstanceOf(ConnectException.class);
    hybrid.listen(address);
  }

  @Test
  void aUnixPathIsAFileForTheOutside() throws IOException {
    Path path = directory.resolve("both.sock");
    ServerSocketChannel server = hybrid.listen(UnixDomainSocketAddress.of(path));
    assertThat(Files.exists(path)).isTrue();

    SocketChannel outside = hybrid.outside(server.getLocalAddress());
    SocketChannel acceptedOutside = hybrid.track(server.accept());
    SocketChannel inside = hybrid.inside(server.getLocalAddress());
    SocketChannel acceptedInside = hybrid.track(server.accept());

    assertThat(isPlatforms(acceptedOutside)).isTrue();
    assertThat(isPlatforms(acceptedInside)).isFalse();
    exchange(outside, acceptedOutside);
    exchange(inside, acceptedInside);
  }

  @Test
  void aUnixPathIsFoundThroughALink() throws IOException {
    Path path = directory.resolve("real.sock");
    ServerSocketChannel server = hybrid.listen(UnixDomainSocketAddress.of(path));
    Path link = Files.createSymbolicLink(directory.resolve("link.sock"), path);

    hybrid.inside(UnixDomainSocketAddress.of(link));

    assertThat(isPlatforms(hybrid.track(server.accept()))).isFalse();
  }

  @Test
  void aUnixPathNeedsNoPermissionToWrite() throws IOException {
    Path path = directory.resolve("readonly.sock");
    ServerSocketChannel server = hybrid.listen(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));

    hybrid.inside(server.getLocalAddress());

    assertThat(isPlatforms(hybrid.track(server.accept()))).isFalse();
  }

  @Test
  void anUnlinkedUnixPathIsNotConnectable() throws IOException {
    Path path = directory.resolve("gone.sock");
    ServerSocketChannel server = hybrid.listen(UnixDomainSocketAddress.of(path));
    Files.delete(path);

    assertThatThrownBy(() -> hybrid.inside(UnixDomainSocketAddress.of(path)))
        .isInstanceOf(SocketException.class);
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void aReplacedUnixPathLeadsToTheNewListener() throws IOException {
    UnixDomainSocketAddress address =
        UnixDomainSocketAddress.of(directory.resolve("replaced.sock"));
    hybrid.listen(address);
    Files.delete(address.getPath());
    ServerSocketChannel replacing = hybrid.listenOutside(address);

    SocketChannel client = hybrid.inside(address);
    SocketChannel accepted = hybrid.track(replacing.accept());

    exchange(client, accepted);
    assertThat(hybrid.network().statistics().kernelConnections()).isEqualTo(1);
    assertThat(hybrid.network().statistics().ringConnections()).isZero();
  }

  /**
   * The interleaving: a client finds nobody in this JVM; the server binds in the kernel and then
   * over rings; the client asks the kernel, which knows the server already. It must not stay there.
   */
  @ParameterizedTest
  @ValueSource(strings = {"inet, blocking", "inet, non-blocking", "unix, blocking"})
  void clientThatTriesWhileItsServerBindsTakesTheRing(String kind) throws Exception {
    boolean blocking = !kind.contains("non-blocking");
    for (int i = 0; i < 200; i++) {
      SocketAddress address =
          kind.startsWith("unix")
              ? UnixDomainSocketAddress.of(directory.resolve("late" + i))
              : freeAddress();
      CountDownLatch refused = new CountDownLatch(1);
      Background<SocketChannel> trying =
          Background.run(() -> connectUntilServed(address, blocking, refused));
      assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
      try (ServerSocketChannel server = hybrid.listen(address);
          SocketChannel accepted = server.accept();
          SocketChannel client = trying.get(20, TimeUnit.SECONDS)) {
        assertThat(isPlatforms(accepted)).as("round %d", i).isFalse();
        exchange(client, accepted);
      }
    }
    assertThat(hybrid.network().statistics().kernelConnections()).isZero();
  }

  private SocketChannel connectUntilServed(
      SocketAddress address, boolean blocking, CountDownLatch refused) throws IOException {
    SelectorProvider provider = hybrid.network().provider();
    while (true) {
      SocketChannel client =
          address instanceof UnixDomainSocketAddress
              ? provider.openSocketChannel(StandardProtocolFamily.UNIX)
              : provider.openSocketChannel();
      try {
        client.configureBlocking(blocking);
        if (!client.connect(address)) {
          while (!client.finishConnect()) {
            Thread.onSpinWait();
          }
        }
        client.configureBlocking(true);
        return client;
      } catch (SocketException e) {
        assertThat(client.isOpen()).isFalse();
        refused.countDown();
      }
    }
  }

  private InetSocketAddress freeAddress() throws IOException {
    try (ServerSocketChannel probe = hybrid.listenOutside(ANY_PORT)) {
      return (InetSocketAddress) probe.getLocalAddress();
    }
  }

  @Test
  void refusedConnectIsNoConnectionOfTheKernels() throws IOException {
    SocketAddress nobody = freeAddress();
    assertThatThrownBy(() -> hybrid.inside(nobody)).isInstanceOf(ConnectException.class);
    assertThat(hybrid.network().statistics().kernelConnections()).isZero();
  }

  @Test
  void connectionOfTheKernelsIsCountedOnceItIsFinished() throws IOException {
    ServerSocketChannel outside = hybrid.listenOutside(ANY_PORT);
    SocketChannel client = hybrid.open();
    client.configureBlocking(false);
    if (!client.connect(outside.getLocalAddress())) {
      assertThat(hybrid.network().statistics().kernelConnections()).isZero();
      client.configureBlocking(true);
    }
    assertThat(client.finishConnect()).isTrue();
    assertThat(client.finishConnect()).isTrue();
    assertThat(hybrid.network().statistics().kernelConnections()).isEqualTo(1);
  }
}
