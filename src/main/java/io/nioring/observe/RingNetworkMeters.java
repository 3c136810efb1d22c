package io.nioring.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * The statistics of a network as Micrometer meters, with names that follow OpenTelemetry's
 * conventions.
 *
 * <pre>{@code
 * new RingNetworkMeters(network).bindTo(registry);
 * }</pre>
 *
 * <ul>
 *   <li>{@code nioring.connection.count}: sockets now, by {@code network.connection.state}, {@code
 *       network.transport} ({@code tcp}, {@code unix}) and {@code route}
 *   <li>{@code nioring.connections}: connections made so far, by {@code route} and {@code outcome}
 *       ({@code connected}, {@code accepted})
 *   <li>{@code nioring.io}: bytes that went over rings, {@code network.io.direction} is {@code
 *       receive}
 *   <li>{@code nioring.listener.backlog}: connections that wait, by {@code network.local.address}
 *   <li>{@code nioring.memory.used}: bytes of ring memory in use
 *   <li>{@code nioring.write.blocked}, {@code nioring.read.delay}: timers of how long writers had
 *       no room, and how long bytes waited to be read; only {@linkplain #withWaits() if requested},
 *       since each read and write then reads the clock
 * </ul>
 *
 * Sockets are counted when a meter of them is read, but not again within half a second, so {@code
 * nioring.connection.count} and {@code nioring.listener.backlog} are at most that old. A listener
 * that is new has its meter from the first such count on.
 *
 * <p>No meter has the address of a client or of a peer. The meters refer to the network; a closed
 * one shows its last counts.
 */
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public final class RingNetworkMeters implements MeterBinder {
  private static final String ROUTE = "route";

  private final RingNetwork network;
  private final boolean waits;

  /**
   * Makes the meters of a network, without those of waits.
   *
   * @param network the network
   */
  public RingNetworkMeters(RingNetwork network) {
    this(Objects.requireNonNull(network, "network"), false);
  }

  private RingNetworkMeters(RingNetwork network, boolean waits) {
    this.network = network;
    this.waits = waits;
  }

  /**
   * Adds the two timers of waits.
   *
   * @return meters of the same network
   */
  public RingNetworkMeters withWaits() {
    return new RingNetworkMeters(network, true);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bindCounters(registry);
    bindSockets(registry);
    Gauge.builder("nioring.memory.used", network, net -> net.statistics().memoryInUseBytes())
        .description("Ring memory in use")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    if (waits) {
      Timer blocked =
          Timer.builder("nioring.write.blocked")
              .description("How long writers waited for room")
              .register(registry);
      Timer delay =
          Timer.builder("nioring.read.delay")
              .description("How long bytes waited to be read")
              .register(registry);
      WaitObserver.observe(NetworkInternals.of(network), blocked, delay);
    }
  }

  private void bindCounters(MeterRegistry registry) {
    connections(registry, "ring", "connected", RingNetworkStatistics::ringConnections);
    connections(registry, "ring", "accepted", RingNetworkStatistics::ringAccepted);
    connections(registry, "kernel", "connected", RingNetworkStatistics::kernelConnections);
    connections(registry, "kernel", "accepted", RingNetworkStatistics::kernelAccepted);
    FunctionCounter.builder("nioring.io", network, net -> net.statistics().ringBytes())
        .tag("network.io.direction", "receive")
        .description("Bytes that were read out of rings")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
  }

  private void connections(
      MeterRegistry registry,
      String route,
      String outcome,
      ToDoubleFunction<RingNetworkStatistics> figure) {
    FunctionCounter.builder(
            "nioring.connections", network, net -> figure.applyAsDouble(net.statistics()))
        .tags(ROUTE, route, "outcome", outcome)
        .description("Connections made")
        .register(registry);
  }

  private void bindSockets(MeterRegistry registry) {
    MultiGauge backlogs =
        MultiGauge.builder("nioring.listener.backlog")
            .description("Connections that wait to be accepted")
            .register(registry);
    SocketCounts counts = new SocketCounts(network, backlogs::register);
    for (String state : SocketCounts.STATES) {
      for (String transport : List.of("tcp", "unix")) {
        for (String route : List.of("ring", "kernel", "hybrid")) {
          if (SocketCounts.isPossible(state, route)) {
            gauge(registry, counts, new SocketCounts.Kind(state, transport, route));
          }
        }
      }
    }
    counts.refresh();
  }

  private static void gauge(MeterRegistry registry, SocketCounts counts, SocketCounts.Kind kind) {
    Gauge.builder("nioring.connection.count", counts, all -> all.of(kind))
        .tags(
            Tags.of(
                "network.connection.state",
                kind.state(),
                "network.transport",
                kind.transport(),
                ROUTE,
                kind.route()))
        .description("Sockets now")
        .strongReference(true)
        .register(registry);
  }
}
