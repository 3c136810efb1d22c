package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PlatformProviderTest {

  private static final long WAIT_MILLIS = 30_000;

  private final PlatformProvider platform = PlatformProvider.lazy();

  @Test
  void givesAnInstanceOfThePlatformsOwnClass() {
    SelectorProvider provider = platform.get();

    assertThat(provider.getClass().getName()).startsWith("sun.nio.ch.");
    assertThat(provider.getClass().getModule()).isEqualTo(Object.class.getModule());
    assertThat(provider).isNotSameAs(SelectorProvider.provider());
    assertThat(platform.isAvailable()).isTrue();
  }

  @Test
  void givesTheSameProviderEachTime() {
    assertThat(platform.get()).isSameAs(platform.get());
  }

  @Test
  void itsSelectorSeesItsSocketChannels() throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (Selector selector = platform.get().openSelector();
        ServerSocketChannel server = platform.get().openServerSocketChannel().bind(anyPort);
        SocketChannel client = platform.get().openSocketChannel()) {
      client.connect(server.getLocalAddress());
      try (SocketChannel accepted = server.accept()) {
        assertThat(client.provider()).isSameAs(platform.get());
        assertThat(accepted.provider()).isSameAs(platform.get());
        accepted.configureBlocking(false);
        SelectionKey key = accepted.register(selector, SelectionKey.OP_READ);
        client.write(ByteBuffer.wrap(new byte[] {42}));

        assertThat(selector.select(WAIT_MILLIS)).isEqualTo(1);
        assertThat(selector.selectedKeys()).containsExactly(key);
        ByteBuffer received = ByteBuffer.allocate(2);
        assertThat(accepted.read(received)).isEqualTo(1);
        assertThat(received.get(0)).isEqualTo((byte) 42);
      }
    }
  }

  @Test
  void itsDatagramChannelsWork() throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (Selector selector = platform.get().openSelector();
        DatagramChannel receiver =
            platform.get().openDatagramChannel(StandardProtocolFamily.INET).bind(anyPort);
        DatagramChannel sender =
            platform.get().openDatagramChannel(StandardProtocolFamily.INET).bind(anyPort)) {
      receiver.configureBlocking(false);
      receiver.register(selector, SelectionKey.OP_READ);
      sender.send(ByteBuffer.wrap(new byte[] {42}), receiver.getLocalAddress());

      assertThat(selector.select(WAIT_MILLIS)).isEqualTo(1);
      assertThat(receiver.receive(ByteBuffer.allocate(2))).isEqualTo(sender.getLocalAddress());
    }
  }

  @Test
  void itsUnixChannelsWork(@TempDir Path directory) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server =
            platform.get().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(address);
        SocketChannel client = platform.get().openSocketChannel(StandardProtocolFamily.UNIX)) {
      assertThat(client.connect(address)).isTrue();
      try (SocketChannel accepted = server.accept()) {
        assertThat(accepted.getLocalAddress()).isEqualTo(address);
      }
    }
  }

  @Test
  void ipv6IsThatOfThePlatform() throws IOException {
    SelectorProvider without = mock(SelectorProvider.class);
    when(without.openSocketChannel(StandardProtocolFamily.INET6))
        .thenThrow(new UnsupportedOperationException("IPv6 not available"));
    PlatformProvider old = new PlatformProvider(() -> without);

    assertThat(old.hasIpv6()).isFalse();
    assertThat(old.hasIpv6()).isFalse();
    verify(without, times(1)).openSocketChannel(StandardProtocolFamily.INET6);
    assertThat(new PlatformProvider(PlatformProviderTest::none).hasIpv6()).isTrue();
  }

  /** A socket that could not be opened for lack of descriptors tells nothing for later. */
  @Test
  void failureToAskForIpv6IsNotKept() throws IOException {
    SelectorProvider scarce = mock(SelectorProvider.class);
    when(scarce.openSocketChannel(StandardProtocolFamily.INET6))
        .thenThrow(new IOException("Too many open files"))
        .thenThrow(new UnsupportedOperationException("IPv6 not available"));
    PlatformProvider asked = new PlatformProvider(() -> scarce);

    assertThat(asked.hasIpv6()).isTrue();
    assertThat(asked.hasIpv6()).isFalse();
  }

  private static SelectorProvider none() {
    throw new UnsupportedOperationException("none");
  }

  @Test
  void theSourceIsNotAskedBeforeTheProviderIs() {
    AtomicInteger calls = new AtomicInteger();
    PlatformProvider provider =
        new PlatformProvider(
            () -> {
              calls.incrementAndGet();
              return platform.get();
            });
    assertThat(calls).hasValue(0);

    assertThat(provider.isAvailable()).isTrue();
    assertThat(provider.get()).isSameAs(platform.get());
    assertThat(calls).hasValue(1);
  }

  @Test
  void threadsThatComeFirstTogetherGetTheSameProvider() throws Exception {
    int threads = 8;
    CyclicBarrier inTheSource = new CyclicBarrier(threads);
    PlatformProvider provider =
        new PlatformProvider(
            () -> {
              await(inTheSource);
              return PlatformProvider.lazy().get();
            });
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<SelectorProvider>> calls = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        calls.add(provider::get);
      }
      for (Future<SelectorProvider> future :
          executor.invokeAll(calls, WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        assertThat(future.get()).isSameAs(provider.get());
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void aSourceThatFailsMakesItUnavailableAndIsAskedAgain() {
    AtomicInteger calls = new AtomicInteger();
    PlatformProvider provider =
        new PlatformProvider(
            () -> {
              if (calls.incrementAndGet() <= 2) {
                throw new UnsupportedOperationException("not here");
              }
              return platform.get();
            });

    assertThat(provider.isAvailable()).isFalse();
    assertThatThrownBy(provider::get)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("not here");
    assertThat(provider.get()).isSameAs(platform.get());
    assertThat(provider.isAvailable()).isTrue();
  }

  @Test
  void aSourceThatGivesNullMakesItUnavailable() {
    PlatformProvider provider = new PlatformProvider(() -> null);

    assertThat(provider.isAvailable()).isFalse();
    assertThatThrownBy(provider::get).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void withoutTheReflectionFactoryTheFlagsThatHelpAreNamed() {
    assertUnavailable(
        new PlatformProviderLookup(List.of("sun.nio.ch.PollSelectorProvider"), "no.such.Factory"),
        "no.such.Factory");
  }

  @Test
  void onAnUnknownPlatformTheFlagsThatHelpAreNamed() {
    assertUnavailable(
        new PlatformProviderLookup(
            List.of("no.such.A", "no.such.B"), "sun.reflect.ReflectionFactory"),
        "[no.such.A, no.such.B]");
  }

  @Test
  void aFactoryOfAnotherShapeIsNoProvider() {
    assertUnavailable(
        new PlatformProviderLookup(List.of("java.lang.Object"), "java.lang.Object"),
        "newConstructorForSerialization");
  }

  @Test
  void aClassOfAnotherKindIsNoProvider() {
    assertUnavailable(
        new PlatformProviderLookup(List.of("java.lang.Object"), "sun.reflect.ReflectionFactory"),
        "java.lang.Object");
  }

  private static void assertUnavailable(Supplier<SelectorProvider> lookup, String inCause) {
    PlatformProvider provider = new PlatformProvider(lookup);

    assertThat(provider.isAvailable()).isFalse();
    assertThatThrownBy(provider::get)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("--add-modules jdk.unsupported")
        .hasMessageContaining("--add-exports java.base/sun.nio.ch=ALL-UNNAMED")
        .cause()
        .hasMessageContaining(inCause);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
