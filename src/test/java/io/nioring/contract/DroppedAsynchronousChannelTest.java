package io.nioring.contract;

import static io.nioring.contract.AsynchronousWorld.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import io.nioring.contract.AsynchronousWorld.Kind;
import io.nioring.contract.AsynchronousWorld.Listening;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Asynchronous channels and groups that a program drops: as on the platform they stay open. */
@SuppressWarnings({"AddressSelection", "FutureReturnValueIgnored", "try"})
class DroppedAsynchronousChannelTest {
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
  private static final int COLLECTIONS = 3;

  /** Its pending operation goes on, and nobody is told of an end. */
  @ParameterizedTest
  @EnumSource
  void aDroppedChannelStaysOpen(Kind kind) throws Exception {
    try (AsynchronousWorld world = new AsynchronousWorld(kind)) {
      AsynchronousChannelGroup group = world.fixedGroup(1, "handlers");
      Dropped dropped = new Dropped();
      AsynchronousSocketChannel peer = dropped.pairWithPendingRead(world, group);
      Listening<Integer> end = new Listening<>();
      peer.read(ByteBuffer.allocate(1), null, end);
      collect();

      assertThat(get(peer.write(ByteBuffer.wrap(new byte[] {42})))).isEqualTo(1);
      assertThat(dropped.listening.told().result()).isEqualTo(1);
      assertThat(dropped.buffer.get(0)).isEqualTo((byte) 42);
      assertThat(dropped.listening.told().thread().getName()).isEqualTo("handlers");
      collect();

      assertThat(get(peer.write(ByteBuffer.allocate(10)))).isEqualTo(10);
      assertThat(end.isTold()).as("an end of the dropped channel").isFalse();
    }
  }

  /** What a program keeps of a channel that it has dropped. */
  private static final class Dropped {
    private final Listening<Integer> listening = new Listening<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(1);

    AsynchronousSocketChannel pairWithPendingRead(
        AsynchronousWorld world, AsynchronousChannelGroup group) throws Exception {
      try (AsynchronousServerSocketChannel server = world.listen(group)) {
        Future<AsynchronousSocketChannel> accepted = server.accept();
        AsynchronousSocketChannel client = world.openClient(group);
        get(client.connect(server.getLocalAddress()));
        get(accepted).read(buffer, null, listening);
        return client;
      }
    }
  }

  /** The platform's threads hold their group; of ours, what is pending does. */
  @ParameterizedTest
  @EnumSource(names = {"PLATFORM", "RING", "HYBRID"})
  void operationsOfADroppedGroupGoOn(Kind kind) throws Exception {
    try (AsynchronousWorld world = new AsynchronousWorld(kind)) {
      AsynchronousSocketChannel peer;
      Dropped dropped = new Dropped(); // nobody can close its channel
      try (AsynchronousServerSocketChannel server = world.listen(null)) {
        Future<AsynchronousSocketChannel> accepted = server.accept();
        connectInDroppedGroup(
            world.provider(), (InetSocketAddress) server.getLocalAddress(), dropped);
        peer = world.track(get(accepted));
      }
      collect();

      assertThat(get(peer.write(ByteBuffer.wrap(new byte[] {42})))).isEqualTo(1);
      assertThat(dropped.listening.told().result()).isEqualTo(1);
      assertThat(dropped.listening.told().thread().getName()).isEqualTo("dropped");
      peer.close();
      if (kind != Kind.PLATFORM) {
        awaitNothingOpen(world::statistics);
      }
    }
  }

  /** Once neither end of a connection can be used any more, it is gone. */
  private static void awaitNothingOpen(Supplier<RingNetworkStatistics> statistics)
      throws IOException {
    Deadline.await(
        "the dropped channel gone with its peer",
        () -> {
          System.gc();
          return statistics.get().openChannels() == 0;
        });
  }

  private static void connectInDroppedGroup(
      AsynchronousChannelProvider provider, InetSocketAddress address, Dropped dropped)
      throws Exception {
    AsynchronousChannelGroup group = group(provider);
    AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group);
    get(client.connect(address));
    client.read(dropped.buffer, null, dropped.listening);
  }

  private static AsynchronousChannelGroup group(AsynchronousChannelProvider provider)
      throws IOException {
    return provider.openAsynchronousChannelGroup(
        1,
        body -> {
          Thread thread = new Thread(body, "dropped");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The platform keeps all of it for ever. */
  @Test
  void aDroppedGroupWithNothingPendingIsCollectedWithItsChannels() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      AsynchronousChannelProvider provider = network.asynchronousProvider();
      try (AsynchronousServerSocketChannel server =
          provider.openAsynchronousServerSocketChannel(null).bind(ANY_PORT)) {
        Future<AsynchronousSocketChannel> accepted = server.accept();
        WeakReference<AsynchronousChannelGroup> group =
            connectInGroup(provider, (InetSocketAddress) server.getLocalAddress());
        try (AsynchronousSocketChannel peer = get(accepted)) {
          Deadline.await(
              "the group collected",
              () -> {
                System.gc();
                return group.get() == null;
              });

          assertThat(get(peer.write(ByteBuffer.allocate(10)))).isEqualTo(10);
          Listening<Integer> silence = new Listening<>();
          peer.read(ByteBuffer.allocate(1), 100, TimeUnit.MILLISECONDS, null, silence);
          assertThat(silence.told().failure()).isInstanceOf(InterruptedByTimeoutException.class);
        }
      }
      awaitNothingOpen(network::statistics);
    }
  }

  private static WeakReference<AsynchronousChannelGroup> connectInGroup(
      AsynchronousChannelProvider provider, InetSocketAddress address) throws Exception {
    AsynchronousChannelGroup group = group(provider);
    get(provider.openAsynchronousSocketChannel(group).connect(address));
    return new WeakReference<>(group);
  }

  /** Enough for what is unreachable to be found out, and for a cleaner to run. */
  private static void collect() {
    for (int i = 0; i < COLLECTIONS; i++) {
      WeakReference<Object> sentinel = new WeakReference<>(new Object());
      while (sentinel.get() != null) {
        System.gc();
      }
    }
  }
}
