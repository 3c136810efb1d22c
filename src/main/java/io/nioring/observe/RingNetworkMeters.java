package io.nioring.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import java.util.ArrayList;
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
 * one shows its last counts. Several networks in one registry need {@linkplain #withTags tags} that
 * tell them apart, since a registry has one meter of a name and tags, whoever comes first.
 *
 * <p>{@link #close} removes the meters from the registries that they were bound to. Thread-safe.
 */
@SuppressWarnings("exports") // optional: a user of this class requires that module too
public final class RingNetworkMeters implements MeterBinder, AutoCloseable {
  private static final String ROUTE = "route";

  private final RingNetwork network;
  private final boolean waits;
  private final Tags tags;

  /** What {@link #close} does for each registry; guarded by its own monitor. */
  private final List<Runnable> bindings = new ArrayList<>();

  /**
   * Makes the meters of a network, without those of waits.
   *
   * @param network the network
   */
  public RingNetworkMeters(RingNetwork network) {
    this(Objects.requireNonNull(network, "network"), false, Tags.empty());
  }

  private RingNetworkMeters(RingNetwork network, boolean waits, Tags tags) {
    this.network = network;
    this.waits = waits;
    this.tags = tags;
  }

  /**
   * Adds the two timers of waits.
   *
   * @return meters of the same network
   */
  public RingNetworkMeters withWaits() {
    return new RingNetworkMeters(network, true, tags);
  }

  /**
   * Adds tags to all meters.
   *
   * @param more the tags, beside those that were added before
   * @return meters of the same network
   */
  public RingNetworkMeters withTags(Iterable<Tag> more) {
    return new RingNetworkMeters(network, waits, tags.and(more));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Binding binding = new Binding(registry);
    binding.bindCounters();
    binding.bindSockets();
    if (waits) {
      binding.bindWaits();
    }
    synchronized (bindings) {
      bindings.add(binding::remove);
    }
  }

  /**
   * Removes the meters from all registries that they were bound to by this object, and measures no
   * waits any more. They may be bound again.
   */
  @Override
  public void close() {
    List<Runnable> all;
    synchronized (bindings) {
      all = List.copyOf(bindings);
      bindings.clear();
    }
    all.forEach(Runnable::run);
  }

  /** The meters in one registry. */
  private final class Binding {
    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();
    private final SocketCounts counts;
    private WaitObserver observer;

    Binding(MeterRegistry registry) {
      this.registry = registry;
      MultiGauge backlogs =
          MultiGauge.builder("nioring.listener.backlog")
              .description("Connections that wait to be accepted")
              .tags(tags)
              .register(registry);
      this.counts = new SocketCounts(network, backlogs::register);
    }

    void remove() {
      if (observer != null) {
        observer.close();
      }
      counts.close();
      meters.forEach(registry::remove);
    }

    void bindCounters() {
      connections("ring", "connected", RingNetworkStatistics::ringConnections);
      connections("ring", "accepted", RingNetworkStatistics::ringAccepted);
      connections("kernel", "connected", RingNetworkStatistics::kernelConnections);
      connections("kernel", "accepted", RingNetworkStatistics::kernelAccepted);
      meters.add(
          FunctionCounter.builder("nioring.io", network, net -> net.statistics().ringBytes())
              .tags(tags.and("network.io.direction", "receive"))
              .description("Bytes that were read out of rings")
              .baseUnit(BaseUnits.BYTES)
              .register(registry));
      meters.add(
          Gauge.builder("nioring.memory.used", network, net -> net.statistics().memoryInUseBytes())
              .tags(tags)
              .description("Ring memory in use")
              .baseUnit(BaseUnits.BYTES)
              .register(registry));
    }

    private void connections(
        String route, String outcome, ToDoubleFunction<RingNetworkStatistics> figure) {
      meters.add(
          FunctionCounter.builder(
                  "nioring.connections", network, net -> figure.applyAsDouble(net.statistics()))
              .tags(tags.and(ROUTE, route, "outcome", outcome))
              .description("Connections made")
              .register(registry));
    }

    void bindSockets() {
      for (String state : SocketCounts.STATES) {
        for (String transport : List.of("tcp", "unix")) {
          for (String route : List.of("ring", "kernel", "hybrid")) {
            if (SocketCounts.isPossible(state, route)) {
              gauge(new SocketCounts.Kind(state, transport, route));
            }
          }
        }
      }
      counts.refresh();
    }

    private void gauge(SocketCounts.Kind kind) {
      meters.add(
          Gauge.builder("nioring.connection.count", counts, all -> all.of(kind))
              .tags(
                  tags.and(
                      "network.connection.state",
                      kind.state(),
                      "network.transport",
                      kind.transport(),
                      ROUTE,
                      kind.route()))
              .description("Sockets now")
              .strongReference(true)
              .register(registry));
    }

    void bindWaits() {
      Timer blocked = timer("nioring.write.blocked", "How long writers waited for room");
      Timer delay = timer("nioring.read.delay", "How long bytes waited to be read");
      observer = WaitObserver.observe(NetworkInternals.of(network), blocked, delay);
    }

    private Timer timer(String name, String description) {
      Timer timer = Timer.builder(name).tags(tags).description(description).register(registry);
      meters.add(timer);
      return timer;
    }
  }
}
