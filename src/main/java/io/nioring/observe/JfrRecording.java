package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import io.nioring.SocketEntry;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.Wire;
import java.lang.ref.WeakReference;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/**
 * Records the events of one network with Flight Recorder while any of them is enabled: it observes
 * the network only then.
 *
 * <p>Created once Flight Recorder is in use, and run by the network's housekeeping. The recorder,
 * which lives as long as the JVM, refers to the network weakly. Thread-safe.
 */
final class JfrRecording implements Observer, Runnable {
  private static final int MOST_ROWS = 100;

  private final Wire wire;
  private final ChannelRegistry registry;
  private final JfrEvents events;
  private final RateLimit fullBacklogs = new RateLimit(100, TimeUnit.SECONDS.toNanos(1));

  /** Guarded by this object's monitor, which no method of an observer or a tap takes. */
  private boolean observing;

  /** Removes what was registered with the recorder; once. */
  private final AtomicReference<Runnable> leave = new AtomicReference<>(() -> {});

  private JfrRecording(Wire wire, ChannelRegistry registry, boolean jdkNames) {
    this.wire = wire;
    this.registry = registry;
    this.events = new JfrEvents(jdkNames);
  }

  /** Starts to follow whether events are enabled. */
  static JfrRecording start(
      Wire wire, ChannelRegistry registry, WeakReference<?> network, boolean jdkNames) {
    JfrRecording recording = new JfrRecording(wire, registry, jdkNames);
    Listener listener = new Listener(recording);
    Periodic periodic = new Periodic(network);
    recording.leave.set(
        () -> {
          FlightRecorder.removeListener(listener);
          periodic.remove();
        });
    FlightRecorder.addListener(listener);
    periodic.add();
    return recording;
  }

  /**
   * Checks whether events are enabled, and starts or stops observing; leaves the recorder once the
   * network is closed.
   */
  @Override
  public void run() {
    follow();
    if (registry.isClosed()) {
      leave.getAndSet(() -> {}).run();
    }
  }

  private synchronized void follow() {
    events.refresh();
    // Channels of a network that is being closed are still to tell of that.
    boolean wanted = events.any() && !(registry.isClosed() && registry.size() == 0);
    if (wanted != observing) {
      observing = wanted;
      if (wanted) {
        wire.addObserver(this); // first: a connection that the walk misses is reported
        walk();
      } else {
        wire.removeObserver(this);
        unwalk();
      }
    }
  }

  private void walk() {
    for (ChannelRegistry.Entry entry : registry.entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        tap(end.isClient() ? end : end.peer());
      }
    }
  }

  private void unwalk() {
    for (ChannelRegistry.Entry entry : registry.entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        end.removeTap(this);
        end.peer().removeTap(this);
      }
    }
  }

  private void tap(Endpoint client) {
    Endpoint server = client.peer();
    boolean isPipe = AddressText.isPipe(client.copyOfLocalAddress(), server.copyOfLocalAddress());
    if (!isPipe && client.addTap(new JfrTap(this, client, server)) && server != client) {
      server.addTap(new JfrTap(this, server, client));
    }
  }

  JfrEvents events() {
    return events;
  }

  boolean isNetworkClosed() {
    return registry.isClosed();
  }

  // -- what is reported

  @Override
  public Object connecting(SocketAddress remote) {
    ConnectEvent event = new ConnectEvent();
    event.begin();
    return event;
  }

  @Override
  public void connectEnded(Object attempt, Endpoint end, SocketAddress remote, Outcome outcome) {
    ConnectEvent event = attempt instanceof ConnectEvent begun ? begun : new ConnectEvent();
    event.end();
    if (event.shouldCommit()) {
      if (outcome == Outcome.CONNECTED) {
        event.takeEnd(end);
      } else {
        event.takeAddresses(end.localAddress(), remote);
      }
      boolean isKernel = outcome == Outcome.KERNEL;
      event.route = isKernel ? "kernel" : "ring";
      event.outcome = isKernel ? "connected" : outcome.name().toLowerCase(Locale.ROOT);
      event.outcome = event.outcome.replace('_', ' ');
      event.commit();
    }
  }

  @Override
  public void connected(Endpoint client, Endpoint server) {
    tap(client);
  }

  @Override
  public void accepted(Endpoint server, int backlog) {
    if (server.tapOf(this) instanceof JfrTap tap) {
      tap.accepted(backlog);
    }
  }

  @Override
  public void backlogFull(SocketAddress listener, int backlog) {
    BacklogFullEvent event = new BacklogFullEvent();
    if (event.shouldCommit() && fullBacklogs.admits()) {
      event.listener = SocketListing.text(listener);
      event.backlog = backlog;
      event.commit();
    }
  }

  @Override
  public void fault(String fault, Endpoint client, long offset, long seed) {
    FaultEvent event = new FaultEvent();
    if (event.shouldCommit()) {
      event.fault = fault;
      event.connection = client == null ? 0 : client.number();
      event.simulatedConnect = client == null ? null : client.simulatedConnect();
      event.offset = offset;
      event.seed = seed;
      event.commit();
    }
  }

  /** Notifies the network of recordings that begin and end, as long as it is reachable. */
  private static final class Listener implements FlightRecorderListener {
    private final WeakReference<JfrRecording> target;

    Listener(JfrRecording recording) {
      target = new WeakReference<>(recording);
    }

    @Override
    public void recordingStateChanged(Recording recording) {
      JfrRecording present = target.get();
      if (present == null) {
        FlightRecorder.removeListener(this);
      } else {
        present.run();
      }
    }
  }

  /** Commits the periodic events of a network, as long as it is reachable. */
  private static final class Periodic {
    private final WeakReference<?> target;
    private final Runnable statistics = this::tellStatistics;
    private final Runnable connections = this::tellConnections;

    Periodic(WeakReference<?> network) {
      target = network;
    }

    void add() {
      FlightRecorder.addPeriodicEvent(NetworkStatisticsEvent.class, statistics);
      FlightRecorder.addPeriodicEvent(ConnectionStatisticsEvent.class, connections);
    }

    void remove() {
      FlightRecorder.removePeriodicEvent(statistics);
      FlightRecorder.removePeriodicEvent(connections);
    }

    private RingNetwork network() {
      RingNetwork present = (RingNetwork) target.get();
      if (present == null) {
        remove();
      }
      return present;
    }

    private void tellStatistics() {
      RingNetwork network = network();
      if (network == null) {
        return;
      }
      RingNetworkStatistics figures = network.statistics();
      NetworkStatisticsEvent event = new NetworkStatisticsEvent();
      event.mode = network.config().mode().name().toLowerCase(Locale.ROOT);
      event.ringConnections = figures.ringConnections();
      event.ringAccepted = figures.ringAccepted();
      event.kernelConnections = figures.kernelConnections();
      event.kernelAccepted = figures.kernelAccepted();
      event.ringBytes = figures.ringBytes();
      event.openChannels = figures.openChannels();
      event.listeners = figures.listeners();
      event.memoryInUse = figures.memoryInUseBytes();
      event.commit();
    }

    private void tellConnections() {
      RingNetwork network = network();
      if (network == null) {
        return;
      }
      List<SocketEntry> most =
          network.sockets().stream()
              .filter(row -> row.connection() != 0)
              .sorted(Comparator.comparingLong(Periodic::queued).reversed())
              .limit(MOST_ROWS)
              .toList();
      most.forEach(Periodic::tell);
    }

    private static long queued(SocketEntry row) {
      return row.receiveQueue() + row.sendQueue();
    }

    private static void tell(SocketEntry row) {
      ConnectionStatisticsEvent event = new ConnectionStatisticsEvent();
      event.takeAddresses(row.localAddress().orElse(null), row.remoteAddress().orElse(null));
      event.connection = row.connection();
      event.state = row.state().label();
      event.end = row.end();
      event.receiveQueue = row.receiveQueue();
      event.sendQueue = row.sendQueue();
      event.bytesSent = row.bytesSent();
      event.bytesReceived = row.bytesReceived();
      event.memory = row.memoryBytes();
      event.waitingThread = row.waitingThread().orElse(null);
      event.commit();
    }
  }
}
