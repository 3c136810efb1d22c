package io.nioring.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TestNetworks;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.route.Mode;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ring memory runs out after the first segment, which holds 8 KiB. */
class ScarceMemoryTest {
  private static final int FIRST_SEGMENT_BYTES = 8 * 1024;
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final MemoryPool enough = new MemoryPool(false);
  private final MemoryPool scarce = mock();
  private final ChannelRegistry registry = new ChannelRegistry(enough, 1_000, "scarce-memory-test");
  private List<Integer> wakeUps;
  private RingSocketChannel client;
  private RingSocketChannel server;

  @BeforeEach
  void connect() throws IOException {
    when(scarce.take(anyInt(), anyInt(), anyBoolean()))
        .thenAnswer(call -> enough.take(8 * 1024, 512, true))
        .thenReturn(null);
    NetworkResources network =
        TestNetworks.of(
            scarce, PlatformProvider.lazy(), registry, new TrafficCounters(), Mode.RING);
    try (var listener = new RingServerSocketChannel(network, AddressFamily.INET)) {
      listener.bind(ADDRESS);
      client = new RingSocketChannel(network, AddressFamily.INET);
      client.connect(ADDRESS);
      server = (RingSocketChannel) listener.accept();
    }
    client.configureBlocking(false);
    server.configureBlocking(false);
    wakeUps = WakeUps.recorded(server.poll());
  }

  @AfterEach
  void close() throws IOException {
    registry.close();
    assertThat(enough.bytesInUse()).isZero();
  }

  private void assertFirstSegmentArrived() throws IOException {
    assertThat(server.read(ByteBuffer.allocate(20_000))).isEqualTo(FIRST_SEGMENT_BYTES);
    assertThat(client.write(ByteBuffer.allocate(10))).as("there is room again").isEqualTo(10);
  }

  @Test
  void writeGivesWhatItCouldAndTheNextOneIsNotReady() throws IOException {
    client.write(ByteBuffer.allocate(FIRST_SEGMENT_BYTES - 1_000));
    wakeUps.clear();
    ByteBuffer src = ByteBuffer.allocate(10_000);

    assertThat(client.write(src)).isEqualTo(1_000);
    assertThat(src.position()).isEqualTo(1_000);
    assertThat(client.write(src)).isZero();
    assertThat(src.position()).isEqualTo(1_000);
    assertThat(client.readiness(Readiness.OUT)).isZero();
    assertFirstSegmentArrived();
    assertThat(client.readiness(Readiness.OUT)).isEqualTo(Readiness.OUT);
  }

  @Test
  void gatheringWriteGivesWhatItCould() throws IOException {
    ByteBuffer[] srcs = {ByteBuffer.allocate(FIRST_SEGMENT_BYTES), ByteBuffer.allocate(10)};

    assertThat(client.write(srcs)).isEqualTo(FIRST_SEGMENT_BYTES);
    assertThat(client.write(srcs)).isZero();
    assertFirstSegmentArrived();
  }

  @Test
  @Timeout(180)
  void blockingWriteContinuesWithWhatItHas() throws Exception {
    client.configureBlocking(true);
    server.configureBlocking(true);
    FutureTask<Integer> writing =
        new FutureTask<>(() -> client.write(ByteBuffer.allocate(100_000)));
    Thread writer = new Thread(writing, "scarce-memory-writer");
    writer.setDaemon(true);
    writer.start();

    int count = 0;
    while (count < 100_000) {
      count += server.read(ByteBuffer.allocate(3_000));
    }
    assertThat(writing.get()).isEqualTo(100_000);
  }
}
