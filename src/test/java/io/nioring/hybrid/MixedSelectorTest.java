package io.nioring.hybrid;

import static io.nioring.hybrid.HybridNetwork.assertReceives;
import static io.nioring.hybrid.HybridNetwork.isPlatforms;
import static io.nioring.hybrid.HybridNetwork.send;
import static java.nio.channels.SelectionKey.OP_READ;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.OpenDescriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One selector for channels of every kind. */
class MixedSelectorTest {
  private final HybridNetwork hybrid = new HybridNetwork();

  @AfterEach
  void close() throws IOException {
    hybrid.close();
  }

  @Test
  void everyKindOfChannelEndsAWait() throws Exception {
    Selector selector = hybrid.selector();
    ServerSocketChannel server = hybrid.listen();
    SocketChannel inside = hybrid.inside(server.getLocalAddress());
    SocketChannel overRing = hybrid.track(server.accept());
    SocketChannel outside = hybrid.outside(server.getLocalAddress());
    SocketChannel fromKernel = hybrid.track(server.accept());
    ServerSocketChannel elsewhere =
        hybrid.listenOutside(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    SocketChannel toKernel = hybrid.inside(elsewhere.getLocalAddress());
    SocketChannel peer = hybrid.track(elsewhere.accept());
    DatagramChannel datagrams = hybrid.track(hybrid.network().provider().openDatagramChannel());
    datagrams.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Pipe pipe = hybrid.network().provider().openPipe();
    hybrid.track(pipe.source());
    hybrid.track(pipe.sink());
    for (var channel : List.of(overRing, fromKernel, toKernel, datagrams, pipe.source())) {
      channel.configureBlocking(false);
      channel.register(selector, OP_READ);
    }
    for (int round = 0; round < 3; round++) {
      assertWaitIsEndedBy(selector, () -> send(inside, 1), overRing);
      assertReceives(overRing, 1);
      assertWaitIsEndedBy(selector, () -> send(outside, 2), fromKernel);
      assertReceives(fromKernel, 2);
      assertWaitIsEndedBy(selector, () -> send(peer, 3), toKernel);
      assertReceives(toKernel, 3);
      assertWaitIsEndedBy(
          selector,
          () -> datagrams.send(ByteBuffer.allocate(1), datagrams.getLocalAddress()),
          datagrams);
      datagrams.receive(ByteBuffer.allocate(1));
      assertWaitIsEndedBy(selector, () -> pipe.sink().write(ByteBuffer.allocate(1)), pipe.source());
      pipe.source().read(ByteBuffer.allocate(1));
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Lets another thread act once this one waits, or nearly so. */
  private static void assertWaitIsEndedBy(Selector selector, Action action, Object channel)
      throws Exception {
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      Future<?> acted =
          other.submit(
              () -> {
                action.run();
                return null;
              });
      assertThat(selector.select(20_000)).isEqualTo(1);
      assertThat(selector.selectedKeys().iterator().next().channel()).isSameAs(channel);
      acted.get(20, TimeUnit.SECONDS);
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void aPendingWakeupSurvivesThePollOfTheKernel() throws IOException {
    Selector selector = hybrid.selector();
    ServerSocketChannel server = hybrid.listen();
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    selector.wakeup();

    assertThat(selector.select()).isZero();
  }

  @Test
  void noDescriptorStaysOpenWhenChannelsCloseWhileTheSelectorWaits() throws Exception {
    ServerSocketChannel server = hybrid.listen();
    Selector selector = hybrid.selector();
    Thread selecting = new Thread(() -> selectUntilClosed(selector), "selecting");
    selecting.setDaemon(true);
    openAndClose(server, selector, 20);
    long before = OpenDescriptors.count();
    selecting.start();

    openAndClose(server, selector, 1_000);

    selector.wakeup();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (OpenDescriptors.count() > before + 8 && System.nanoTime() < deadline) {
      selector.wakeup();
      Thread.onSpinWait();
    }
    assertThat(OpenDescriptors.count()).isLessThanOrEqualTo(before + 8);
    selector.close();
    selecting.join(20_000);
    assertThat(selecting.isAlive()).isFalse();
  }

  private static void selectUntilClosed(Selector selector) {
    try {
      while (selector.isOpen()) {
        selector.select();
        selector.selectedKeys().clear();
      }
    } catch (IOException | java.nio.channels.ClosedSelectorException e) {
      return; // closed: the test is over
    }
  }

  /** Connects from outside, registers what is accepted, and closes it on this thread. */
  private void openAndClose(ServerSocketChannel server, Selector selector, int count)
      throws IOException {
    List<SocketChannel> open = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
        SocketChannel accepted = server.accept();
        assertThat(isPlatforms(accepted)).isTrue();
        accepted.configureBlocking(false);
        accepted.register(selector, OP_READ);
        send(client, i);
        open.add(accepted);
      }
      if (open.size() == 10) {
        selector.wakeup();
        for (SocketChannel each : open) {
          each.close();
        }
        open.clear();
      }
    }
  }
}
