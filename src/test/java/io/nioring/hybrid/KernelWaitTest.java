package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A connect that waits in the kernel, at an outside listener whose backlog is full, keeps nobody
 * else waiting: not even who binds the same port or path elsewhere.
 */
@Timeout(180)
@SuppressWarnings("AddressSelection") // literals, not names
class KernelWaitTest {
  private static final long WAIT_SECONDS = 60;

  /** What waited for the connect took a second, at least. */
  private static final long AT_ONCE_MILLIS = 900;

  private static final int BACKLOG = 1;
  private static final int MORE_THAN_FITS = 8;

  private final SelectorProvider platform = PlatformProvider.lazy().get();
  private final HybridNetwork network = new HybridNetwork();
  private final List<Background<?>> waiting = new ArrayList<>();
  private final List<SocketChannel> filling = new ArrayList<>();
  private ServerSocketChannel full;

  @TempDir private Path directory;

  @BeforeEach
  void fillABacklog() throws IOException {
    full = platform.openServerSocketChannel();
    full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    for (int i = 0; i < MORE_THAN_FITS; i++) {
      SocketChannel client = platform.openSocketChannel();
      filling.add(client);
      client.configureBlocking(false);
      client.connect(full.getLocalAddress());
    }
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel each : filling) {
      each.close();
    }
    full.close();
    network.close();
    waiting.forEach(Background::awaitDone);
  }

  /** Starts a blocking connect and comes back when it is in the kernel. */
  private Thread startConnect(SocketChannel client, SocketAddress remote) {
    return start(() -> client.connect(remote), client);
  }

  private Thread start(Callable<?> connect, SocketChannel client) {
    Background<?> task = Background.run(connect);
    waiting.add(task);
    await()
        .atMost(WAIT_SECONDS, TimeUnit.SECONDS)
        .until(() -> client.toString().contains("pending") && waitsInKernel(task));
    assertThat(task.isDone()).isFalse();
    return task.thread();
  }

  private static boolean waitsInKernel(Background<?> task) {
    for (StackTraceElement each : task.thread().getStackTrace()) {
      if (each.getMethodName().equals("awaitInKernel")) {
        return true;
      }
    }
    return false;
  }

  private static void atOnce(String what, Callable<?> operation) throws Exception {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 3 && best > AT_ONCE_MILLIS; i++) { // the machine may be busy
      long start = System.nanoTime();
      operation.call();
      best = Math.min(best, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
    assertThat(best).as(what).isLessThan(AT_ONCE_MILLIS);
  }

  private int port() throws IOException {
    return ((InetSocketAddress) full.getLocalAddress()).getPort();
  }

  private void bindAndClose(SocketAddress address) throws IOException {
    network.listen(address).close();
  }

  @Test
  void bindsAndConnectsElsewhereDoNotWait() throws Exception {
    startConnect(network.open(), full.getLocalAddress());

    atOnce(
        "binds at ports that are equal modulo 16",
        () -> {
          int free = 0;
          for (int port = port() % 16 + 20_000; free < 20 && port < 32_000; port += 16) {
            try {
              bindAndClose(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
              free++;
            } catch (BindException e) {
              // somebody else has it
            }
          }
          return free;
        });
    atOnce(
        "bind of the port at another address",
        () -> {
          bindAndClose(new InetSocketAddress("127.0.0.2", port()));
          return null;
        });
    atOnce(
        "bind of a path",
        () -> {
          bindAndClose(UnixDomainSocketAddress.of(directory.resolve("s" + System.nanoTime())));
          return null;
        });
    atOnce("non-blocking connects", this::connectElsewhere);
  }

  private Void connectElsewhere() throws IOException {
    int port = port();
    for (SocketAddress each :
        List.of(
            new InetSocketAddress("127.0.0.1", port < 32_768 ? port + 16 : port - 16),
            new InetSocketAddress("127.0.0.2", port))) {
      try (SocketChannel client = network.open()) {
        client.configureBlocking(false);
        client.connect(each);
      } catch (ConnectException e) {
        // refused at once
      }
    }
    try (SocketChannel same = network.open()) {
      same.configureBlocking(false);
      same.connect(full.getLocalAddress());
    }
    return null;
  }

  @Test
  void bindOfAPathDoesNotWaitForAConnectToAnother() throws Exception {
    UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("full"));
    try (ServerSocketChannel fullToo =
        platform.openServerSocketChannel(StandardProtocolFamily.UNIX)) {
      fullToo.bind(path, BACKLOG);
      for (int i = 0; i < 2; i++) {
        SocketChannel client = platform.openSocketChannel(StandardProtocolFamily.UNIX);
        filling.add(client);
        client.connect(path);
      }
      SocketChannel client =
          network.track(
              network.network().provider().openSocketChannel(StandardProtocolFamily.UNIX));
      Background<?> task = Background.run(() -> client.connect(path));
      waiting.add(task);
      await().atMost(WAIT_SECONDS, TimeUnit.SECONDS).until(() -> waitsInKernel(task));

      atOnce(
          "bind of another path",
          () -> {
            bindAndClose(UnixDomainSocketAddress.of(directory.resolve("s" + System.nanoTime())));
            return null;
          });
      client.close();
    }
  }

  @Test
  void bindDoesNotWaitForAPlainConnect() throws Exception {
    try (Socket plain = network.network().socketFactory().createSocket()) {
      SocketAddress address = full.getLocalAddress();
      Background<?> task =
          Background.run(
              () -> {
                plain.connect(address);
                return null;
              });
      waiting.add(task);
      await().atMost(WAIT_SECONDS, TimeUnit.SECONDS).until(() -> isInPlatformsSocket(task));
      atOnce(
          "bind of the same address, which somebody has",
          () ->
              assertThatExceptionOfType(BindException.class)
                  .isThrownBy(() -> network.listen(address)));
    }
  }

  private static boolean isInPlatformsSocket(Background<?> task) {
    for (StackTraceElement each : task.thread().getStackTrace()) {
      if (each.getClassName().equals("sun.nio.ch.NioSocketImpl")
          && each.getMethodName().equals("connect")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void waitEndsWithRoom() throws Exception {
    SocketChannel client = network.open();
    startConnect(client, full.getLocalAddress());
    for (SocketChannel each : filling) {
      each.close();
    }
    Background<?> connect = waiting.get(0);
    full.configureBlocking(false); // the last one may be accepted before the connect is done
    while (!connect.isDone()) {
      SocketChannel accepted = full.accept();
      if (accepted != null) {
        accepted.close();
      }
    }
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(true);
    assertThat(client.isConnected()).isTrue();
    assertThat(client.isBlocking()).isTrue();
  }

  @Test
  void waitEndsByClose() throws IOException {
    SocketChannel client = network.open();
    startConnect(client, full.getLocalAddress());
    client.close();
    assertThat(waiting.get(0).failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
  }

  @Test
  void waitEndsByInterrupt() throws IOException {
    SocketChannel client = network.open();
    startConnect(client, full.getLocalAddress()).interrupt();
    assertThat(waiting.get(0).failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
    assertThat(client.isOpen()).isFalse();
  }

  /** As the platform's: also where nobody has to wait. */
  @Test
  void interruptedCallerIsNotConnected() throws Exception {
    try (ServerSocketChannel free = platform.openServerSocketChannel()) {
      free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("free"));
      try (ServerSocketChannel freePath =
          platform.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(path)) {
        for (SocketAddress each : List.of(free.getLocalAddress(), freePath.getLocalAddress())) {
          refusesWhenInterrupted(platform, each);
          refusesWhenInterrupted(network.network().provider(), each);
        }
      }
    }
  }

  private static void refusesWhenInterrupted(SelectorProvider provider, SocketAddress remote)
      throws IOException {
    StandardProtocolFamily family =
        remote instanceof UnixDomainSocketAddress
            ? StandardProtocolFamily.UNIX
            : StandardProtocolFamily.INET;
    try (SocketChannel client = provider.openSocketChannel(family)) {
      Background<Boolean> task =
          Background.run(
              () -> {
                Thread.currentThread().interrupt();
                return client.connect(remote);
              });
      assertThat(task.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
      assertThat(client.isOpen()).isFalse();
    }
  }

  @Test
  void waitOfTheAdaptorEndsInTime() throws IOException {
    SocketChannel client = network.open();
    assertThatThrownBy(() -> client.socket().connect(full.getLocalAddress(), 100))
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessage("Connect timed out");
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void waitOfTheAdaptorEndsByClose() throws IOException {
    SocketChannel client = network.open();
    SocketAddress address = full.getLocalAddress();
    start(
        () -> {
          client.socket().connect(address, 60_000);
          return null;
        },
        client);
    client.close();
    assertThat(waiting.get(0).failure()).isInstanceOf(IOException.class);
  }
}
