package io.nioring.hybrid;

import static java.nio.channels.SelectionKey.OP_READ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A selector that nobody closes and nobody uses is collected, whatever was registered with it. */
class DroppedSelectorTest {
  private final HybridNetwork hybrid = new HybridNetwork();

  @AfterEach
  void close() throws IOException {
    hybrid.close();
  }

  private interface Use {
    void accept(Selector selector) throws IOException;
  }

  private void assertIsCollectedAfter(Use use) throws IOException {
    WeakReference<Selector> dropped = openAndDrop(use);

    await()
        .atMost(Duration.ofSeconds(20))
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              System.gc();
              return dropped.get() == null;
            });
    assertThat(dropped.get()).isNull();
  }

  private WeakReference<Selector> openAndDrop(Use use) throws IOException {
    Selector selector = hybrid.network().provider().openSelector();
    use.accept(selector);
    return new WeakReference<>(selector);
  }

  @Test
  void afterADatagramChannelThatWasDroppedToo() throws IOException {
    assertIsCollectedAfter(
        selector -> {
          DatagramChannel channel = hybrid.network().provider().openDatagramChannel();
          channel.configureBlocking(false);
          channel.register(selector, OP_READ);
          selector.selectNow();
        });
  }

  @Test
  void afterChannelsThatWereClosed() throws IOException {
    ServerSocketChannel server = hybrid.listen();
    assertIsCollectedAfter(
        selector -> {
          SocketChannel outside = hybrid.outside(server.getLocalAddress());
          try (SocketChannel accepted = server.accept()) {
            accepted.configureBlocking(false);
            accepted.register(selector, OP_READ);
            selector.select(1);
          }
          selector.selectNow();
          outside.close();
        });
  }

  @Test
  void afterAKeyThatWasCancelled() throws IOException {
    DatagramChannel channel = hybrid.track(hybrid.network().provider().openDatagramChannel());
    channel.configureBlocking(false);
    assertIsCollectedAfter(
        selector -> {
          channel.register(selector, OP_READ).cancel();
          selector.selectNow();
        });
  }

  @Test
  void afterAConnectToTheKernel() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ServerSocketChannel elsewhere = hybrid.listenOutside(any);
    assertIsCollectedAfter(
        selector -> {
          SocketChannel channel = hybrid.network().provider().openSocketChannel();
          channel.configureBlocking(false);
          channel.register(selector, SelectionKey.OP_CONNECT);
          channel.connect(elsewhere.getLocalAddress());
          selector.select(1_000);
          channel.close();
          selector.selectNow();
        });
  }

  @Test
  void afterAListenerThatWasClosed() throws IOException {
    assertIsCollectedAfter(
        selector -> {
          ServerSocketChannel server = hybrid.listen();
          server.configureBlocking(false);
          server.register(selector, SelectionKey.OP_ACCEPT);
          selector.selectNow();
          server.close();
          selector.selectNow();
        });
  }

  @Test
  void afterAConnectedChannelThatWasDroppedToo() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ServerSocketChannel elsewhere = hybrid.listenOutside(any);
    assertIsCollectedAfter(
        selector -> {
          SocketChannel channel = hybrid.network().provider().openSocketChannel();
          channel.connect(elsewhere.getLocalAddress());
          channel.configureBlocking(false);
          channel.register(selector, OP_READ);
          selector.selectNow();
        });
  }
}
