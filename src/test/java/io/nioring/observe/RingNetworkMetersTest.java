package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The meters of a network. */
class RingNetworkMetersTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private RingNetwork network;
  private SocketChannel client;
  private SocketChannel server;
  private ServerSocketChannel listener;

  @BeforeEach
  void connect() throws Exception {
    network = RingNetwork.open(RingNetworkConfig.builder().bufferSizeBytes(1024).build());
    listener = network.provider().openServerSocketChannel();
    listener.bind(new InetSocketAddress("10.0.0.7", 5432));
    client = network.provider().openSocketChannel();
    client.connect(listener.getLocalAddress());
    server = listener.accept();
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void countsAndGaugesAreThoseOfTheNetwork() throws Exception {
    new RingNetworkMeters(network).bindTo(registry);
    client.write(ByteBuffer.allocate(10));
    server.read(ByteBuffer.allocate(10));
    network.provider().openSocketChannel().connect(listener.getLocalAddress());
    assertThat(registry.get("nioring.io").functionCounter().count()).isEqualTo(10);
    assertThat(
            registry
                .get("nioring.connections")
                .tags("route", "ring", "outcome", "accepted")
                .functionCounter()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("nioring.memory.used").gauge().value())
        .isEqualTo((double) network.statistics().memoryInUseBytes());
    await().until(() -> established() == 4);
    assertThat(backlog(listener)).isEqualTo(1);
  }

  private double backlog(ServerSocketChannel of) throws Exception {
    return registry
        .get("nioring.listener.backlog")
        .tag("network.local.address", of.getLocalAddress().toString().substring(1))
        .gauge()
        .value();
  }

  /** Read alone, so that no other meter has sockets counted. */
  @Test
  void backlogIsNeverMuchOlderThanItsReading() throws Exception {
    new RingNetworkMeters(network).bindTo(registry);
    network.provider().openSocketChannel().connect(listener.getLocalAddress());
    await().until(() -> backlog(listener) == 1);
    listener.accept();
    await().until(() -> backlog(listener) == 0);
  }

  @Test
  void listenersThatComeAndGoHaveMetersMeanwhile() throws Exception {
    new RingNetworkMeters(network).bindTo(registry);
    ServerSocketChannel later = network.provider().openServerSocketChannel();
    later.bind(new InetSocketAddress("10.0.0.8", 80));
    network.provider().openSocketChannel().connect(later.getLocalAddress());
    await()
        .until(
            () -> {
              backlog(listener);
              return registry.find("nioring.listener.backlog").gauges().size() == 2;
            });
    assertThat(backlog(later)).isEqualTo(1);

    later.close();

    await()
        .until(
            () -> {
              backlog(listener);
              return registry.find("nioring.listener.backlog").gauges().size() == 1;
            });
  }

  private double established() {
    return registry
        .get("nioring.connection.count")
        .tags("network.connection.state", "established", "network.transport", "tcp")
        .tag("route", "ring")
        .gauge()
        .value();
  }

  @Test
  void numberOfMetersDoesNotGrowWithConnections() throws Exception {
    new RingNetworkMeters(network).withWaits().bindTo(registry);
    Set<Meter.Id> before = ids();
    for (int i = 0; i < 20; i++) {
      network.provider().openSocketChannel().connect(listener.getLocalAddress());
    }
    await().until(() -> established() == 42);
    assertThat(ids()).isEqualTo(before);
  }

  private Set<Meter.Id> ids() {
    return registry.getMeters().stream().map(Meter::getId).collect(Collectors.toSet());
  }

  @Test
  @SuppressWarnings("try") // it is closed twice
  void closedMetersLeaveNothingAndMayBeBoundAgain() throws Exception {
    RingNetworkMeters meters = new RingNetworkMeters(network).withWaits();
    for (int i = 0; i < 3; i++) {
      MeterRegistry other = new SimpleMeterRegistry();
      meters.bindTo(registry);
      meters.bindTo(other);
      assertThat(established()).isEqualTo(2);
      meters.close();
      meters.close();
      assertThat(registry.getMeters()).isEmpty();
      assertThat(other.getMeters()).isEmpty();
    }
    assertThat(NetworkInternals.of(network).wire().observer()).isNull();
    assertThat(NetworkInternals.of(network).registry().entries())
        .allMatch(each -> each.endpoint() == null || each.endpoint().outputTap() == null);
  }

  @Test
  void networksAreToldApartByTags() throws Exception {
    try (RingNetwork other = RingNetwork.open();
        ServerSocketChannel alone = other.provider().openServerSocketChannel()) {
      alone.bind(listener.getLocalAddress());
      new RingNetworkMeters(network).withTags(Tags.of("network", "a")).bindTo(registry);
      new RingNetworkMeters(other)
          .withWaits()
          .withTags(Tags.of("network", "b"))
          .withTags(Tags.of("zone", "1"))
          .bindTo(registry);
      assertThat(accepted("a")).isEqualTo(1);
      assertThat(accepted("b")).isZero();
      assertThat(registry.find("nioring.listener.backlog").gauges()).hasSize(2);
      assertThat(registry.get("nioring.read.delay").timer().getId().getTags())
          .containsExactly(Tag.of("network", "b"), Tag.of("zone", "1"));
      assertThat(registry.getMeters()).allMatch(each -> each.getId().getTag("network") != null);
    }
  }

  private double accepted(String name) {
    return registry
        .get("nioring.connections")
        .tags("network", name, "outcome", "accepted", "route", "ring")
        .functionCounter()
        .count();
  }

  @Test
  void waitsAreTimedIfAskedFor() throws Exception {
    new RingNetworkMeters(network).withWaits().bindTo(registry);
    client.configureBlocking(false);
    assertThat(client.write(ByteBuffer.allocate(2000))).isEqualTo(1024);
    long full = System.nanoTime();
    await().until(() -> System.nanoTime() - full > TimeUnit.MILLISECONDS.toNanos(30));
    server.read(ByteBuffer.allocate(1024));
    for (String name : new String[] {"nioring.write.blocked", "nioring.read.delay"}) {
      assertThat(registry.get(name).timer().count()).isEqualTo(1);
      assertThat(registry.get(name).timer().totalTime(TimeUnit.MILLISECONDS)).isGreaterThan(29);
    }
  }
}
