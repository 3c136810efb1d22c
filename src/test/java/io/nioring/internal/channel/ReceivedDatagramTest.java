package io.nioring.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TestNetworks;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Observer;
import io.nioring.route.Mode;
import java.lang.ref.WeakReference;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of a datagram once it was received. */
@Timeout(180)
class ReceivedDatagramTest {
  private final MemoryPool memory = new MemoryPool(false);
  private final ChannelRegistry registry = new ChannelRegistry(memory, 1_000, "test-housekeeping");
  private final NetworkResources network =
      TestNetworks.of(memory, PlatformProvider.lazy(), registry, new TrafficCounters(), Mode.RING);

  /** A socket that waits for its next packet does not keep the last one. */
  @Test
  void anAdaptorKeepsNothingOfIt() throws Exception {
    AtomicReference<WeakReference<byte[]>> sent = new AtomicReference<>();
    network
        .wire()
        .addObserver(
            new Observer() {
              @Override
              public void datagramSent(
                  InetSocketAddress from, InetSocketAddress to, byte[] payload) {
                sent.set(new WeakReference<>(payload));
              }
            });
    try (DatagramSocket socket =
        RingDatagramChannel.openUninterruptible(network, AddressFamily.INET4).socket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      socket.send(new DatagramPacket(new byte[50_000], 50_000, socket.getLocalSocketAddress()));
      DatagramPacket received = new DatagramPacket(new byte[60_000], 60_000);
      socket.receive(received);

      assertThat(received.getLength()).isEqualTo(50_000);
      while (sent.get().get() != null) { // until the test's timeout
        System.gc();
        Thread.sleep(10);
      }
    } finally {
      registry.close();
    }
  }
}
