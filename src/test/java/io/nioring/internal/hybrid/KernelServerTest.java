package io.nioring.internal.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.atMost;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.nioring.internal.channel.RingServerSocketChannel;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TestNetworks;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.route.Mode;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelServerTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final InetSocketAddress TAKEN_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 7777);

  private static final long A_MINUTE = TimeUnit.MINUTES.toNanos(1);

  /** Longer than a thread is usually kept from its processor. */
  private static final long SLOW_MILLIS = 300;

  private final MemoryPool memory = new MemoryPool(false);
  private final ChannelRegistry registry = new ChannelRegistry(memory, 1_000, "kernel-server-test");
  private KernelServer server;

  @BeforeEach
  void bind() throws IOException {
    server = bind(PlatformProvider.lazy());
  }

  private KernelServer bind(PlatformProvider platform) throws IOException {
    return KernelServer.bind(
        network(platform), AddressFamily.INET, ANY_PORT, 1, Map.of(), new PollSet());
  }

  private NetworkResources network(PlatformProvider platform) {
    return TestNetworks.of(memory, platform, registry, new TrafficCounters(), Mode.HYBRID);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    registry.close();
  }

  @Test
  void aWaitThatACloseOvertookLeavesNoSelectorOpen() throws IOException {
    List<Selector> opened = new ArrayList<>();
    SelectorProvider noting = mock();
    when(noting.openServerSocketChannel())
        .thenAnswer(call -> PlatformProvider.lazy().get().openServerSocketChannel());
    when(noting.openSelector())
        .thenAnswer(
            call -> {
              AbstractSelector selector = PlatformProvider.lazy().get().openSelector();
              opened.add(selector);
              return selector;
            });
    KernelServer closed = bind(new PlatformProvider(() -> noting));
    closed.close();

    assertThatThrownBy(() -> closed.await(() -> false, 1_000_000))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(opened).noneMatch(Selector::isOpen);
  }

  /** The platform's select takes milliseconds: 1.9 of them are not one. */
  @Test
  void aWaitIsNotShorterThanAskedFor() throws IOException {
    long nanos = 1_900_000;
    server.await(() -> false, nanos); // opens what it waits in
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      server.await(() -> false, nanos);
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
    }
  }

  @Test
  void theKernelIsSeldomAskedWhileConnectionsComeOverRings() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    AbstractSelector asked = mock();
    NetworkResources network = network(platformOf(inKernel, asked));
    try (ServerSocketChannel listening =
        new RingServerSocketChannel(network, AddressFamily.INET).bind(ANY_PORT)) {
      for (int i = 0; i < 1_000; i++) {
        try (SocketChannel client = new RingSocketChannel(network, AddressFamily.INET)) {
          client.connect(TAKEN_PORT);
          listening.accept().close();
        }
      }
    }
    verify(asked, atMost(1_000 / 16)).selectNow(any());
    verify(asked, atLeast(1_000 / 17 - 8)).selectNow(any());
  }

  /**
   * The kernel makes a socket before it looks for a connection: an accept that finds nothing is
   * expensive.
   */
  @Test
  void aKernelThatHadNothingIsAskedByItsSelector() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    AbstractSelector asked = mock();
    KernelServer quiet = bind(platformOf(inKernel, asked));
    for (int i = 0; i < 100; i++) {
      assertThat(quiet.accept()).isNull();
    }
    verify(inKernel, times(8)).accept();
    verify(asked, times(92)).selectNow(any());

    SocketChannel waiting = mock();
    when(asked.selectNow(any())).thenReturn(1);
    when(inKernel.accept()).thenReturn(waiting);
    assertThat(quiet.accept()).isSameAs(waiting);
  }

  @Test
  void aKernelThatHasNoDescriptorLeftIsAskedByAccepts() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    SelectorProvider platform = mock();
    when(platform.openServerSocketChannel()).thenReturn(inKernel);
    when(platform.openSelector()).thenThrow(new IOException("Too many open files"));
    KernelServer quiet = bind(new PlatformProvider(() -> platform));
    for (int i = 0; i < 100; i++) {
      assertThat(quiet.accept()).isNull();
    }
    verify(inKernel, times(100)).accept();
    verify(platform, times(1)).openSelector();
  }

  @Test
  void ringsAreAcceptedAlthoughTheKernelHasNoDescriptorLeft() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    when(inKernel.accept()).thenThrow(new IOException("Too many open files"));
    NetworkResources network = network(platformOf(inKernel, mock()));
    try (ServerSocketChannel listening =
            new RingServerSocketChannel(network, AddressFamily.INET).bind(ANY_PORT);
        SocketChannel client = new RingSocketChannel(network, AddressFamily.INET)) {
      client.connect(TAKEN_PORT);
      listening.configureBlocking(false);

      assertThatThrownBy(listening::accept).hasMessage("Too many open files");
      listening.accept().close();
      assertThatThrownBy(listening::accept).hasMessage("Too many open files");
    }
  }

  /**
   * The interleaving: a server closes; a client finds nobody over a ring and connects in the
   * kernel, which still listens; the kernel's listener closes while the client's TCP handshake is
   * on its last step, and Linux may leave the client connected with nobody.
   */
  @Test
  void aClientThatMeetsACloseIsStillLedToTheRing() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    NetworkResources network = network(platformOf(inKernel, mock()));
    SocketChannel client = new RingSocketChannel(network, AddressFamily.INET);
    doAnswer(call -> client.connect(TAKEN_PORT)).when(inKernel).close();

    new RingServerSocketChannel(network, AddressFamily.INET).bind(ANY_PORT).close();

    assertThat(client.isConnected()).isTrue();
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1))).hasMessage("Connection reset");
    client.close();
  }

  @Test
  void aConnectThatFindsNoPlatformClosesTheChannel() throws IOException {
    PlatformProvider none =
        new PlatformProvider(
            () -> {
              throw new UnsupportedOperationException("no platform here");
            });
    SocketChannel client = new RingSocketChannel(network(none), AddressFamily.INET);

    assertThatThrownBy(() -> client.connect(TAKEN_PORT)).hasMessage("no platform here");

    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void theRingIsFreedAlsoIfTheKernelsCloseFails() throws IOException {
    ServerSocketChannel inKernel = listeningInKernel();
    NetworkResources network = network(platformOf(inKernel, mock()));
    ServerSocketChannel failing =
        new RingServerSocketChannel(network, AddressFamily.INET).bind(ANY_PORT);
    doThrow(new IOException("Input/output error")).when(inKernel).close();

    assertThatThrownBy(failing::close).hasMessage("Input/output error");

    assertThat(registry.size()).isZero();
    assertThat(network.names().lookup(TAKEN_PORT, false)).isNull();
  }

  /** The kernel has the address until the thread that waits there has left. */
  @Test
  void aCloseWaitsForAThreadThatIsSlowToLeaveTheSelect() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AbstractSelector selector = mock();
    when(selector.select(any(), anyLong()))
        .thenAnswer(
            call -> {
              inside.countDown();
              leave.await();
              return 0;
            });
    KernelServer waited = bind(platformOf(listeningInKernel(), selector));
    Background<Boolean> waiting = Background.run(() -> waited.await(() -> false, A_MINUTE));
    inside.await();

    Background<Void> closing =
        Background.run(
            () -> {
              waited.close();
              return null;
            });

    assertThatThrownBy(() -> closing.get(SLOW_MILLIS, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    leave.countDown();
    closing.result();
    verify(selector).close();
    assertThat(waiting.result()).isFalse();
  }

  /**
   * On JDK 17 a thread that interrupts another one closes its channel with a monitor held that this
   * one needs in order to leave.
   */
  @Test
  void aCloseDoesNotWaitForAThreadThatItKeepsFromLeaving() throws Exception {
    Object monitor = new Object();
    CountDownLatch inside = new CountDownLatch(1);
    AbstractSelector selector = mock();
    when(selector.select(any(), anyLong()))
        .thenAnswer(
            call -> {
              inside.countDown();
              synchronized (monitor) {
                return 0;
              }
            });
    KernelServer waited = bind(platformOf(listeningInKernel(), selector));
    long start;
    Background<Boolean> waiting;
    synchronized (monitor) {
      waiting = Background.run(() -> waited.await(() -> false, A_MINUTE));
      inside.await();
      start = System.nanoTime();
      waited.close();
    }
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThat(waiting.result()).isFalse();
  }

  private static ServerSocketChannel listeningInKernel() throws IOException {
    ServerSocketChannel inKernel = mock();
    when(inKernel.getLocalAddress()).thenReturn(TAKEN_PORT);
    when(inKernel.isOpen()).thenReturn(true);
    return inKernel;
  }

  private static PlatformProvider platformOf(
      ServerSocketChannel inKernel, AbstractSelector selector) throws IOException {
    SelectorProvider platform = mock();
    when(platform.openServerSocketChannel()).thenReturn(inKernel);
    when(platform.openSelector()).thenReturn(selector);
    return new PlatformProvider(() -> platform);
  }
}
