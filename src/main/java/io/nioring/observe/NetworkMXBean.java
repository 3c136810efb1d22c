package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.SocketEntry;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.Predicate;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** One network in the platform's MBean server. */
final class NetworkMXBean implements RingNetworkMXBean {
  private static final int MOST_ROWS = 10_000;

  private final RingNetwork network;
  private final ManagedCaptures captures;

  private NetworkMXBean(RingNetwork network) {
    this.network = network;
    this.captures = new ManagedCaptures(network);
  }

  /**
   * Registers a network, which starts JMX.
   *
   * @param name its name unless that is taken; null for the next number
   * @return unregisters it
   * @throws IllegalStateException if the server rejects it
   */
  static AutoCloseable register(RingNetwork network, String name) {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    NetworkMXBean bean = new NetworkMXBean(network);
    for (int number = name == null ? 1 : 0; ; number++) {
      try {
        ObjectName full = nameOf(number == 0 ? name : Integer.toString(number));
        server.registerMBean(new DescribedMBean(bean), full);
        return () -> unregister(server, full);
      } catch (InstanceAlreadyExistsException e) {
        // The next number may be free.
      } catch (JMException e) {
        throw new IllegalStateException("The MBean server refuses the network", e);
      }
    }
  }

  private static ObjectName nameOf(String name) throws JMException {
    return new ObjectName("io.nioring:type=RingNetwork,name=" + name);
  }

  private static void unregister(MBeanServer server, ObjectName name) throws JMException {
    try {
      server.unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      // It was unregistered by other code.
    }
  }

  @Override
  public String getMode() {
    return network.config().mode().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String getRoutes() {
    return network.config().routes().toString();
  }

  @Override
  public String getConfig() {
    return network.config().toString();
  }

  /** Each figure by itself: the sum of all bytes takes a while where there are many channels. */
  private TrafficCounters counters() {
    return NetworkInternals.of(network).counters();
  }

  @Override
  public long getRingConnections() {
    return counters().ringConnectionsSum();
  }

  @Override
  public long getRingAccepted() {
    return counters().ringAcceptedSum();
  }

  @Override
  public long getKernelConnections() {
    return counters().kernelConnectionsSum();
  }

  @Override
  public long getKernelAccepted() {
    return counters().kernelAcceptedSum();
  }

  @Override
  public long getRingBytes() {
    return NetworkInternals.of(network).registry().bytesRead();
  }

  @Override
  public int getOpenChannels() {
    return NetworkInternals.of(network).registry().size();
  }

  @Override
  public int getListenerCount() {
    return NetworkInternals.of(network).names().listeners();
  }

  @Override
  public long getMemoryInUseBytes() {
    return NetworkInternals.of(network).wire().memory().bytesInUse();
  }

  @Override
  public List<SocketInfo> getConnections() {
    return rows(row -> row.state() != SocketEntry.State.LISTEN);
  }

  @Override
  public List<SocketInfo> getListeners() {
    return rows(row -> row.state() == SocketEntry.State.LISTEN);
  }

  @Override
  public boolean isJfrActive() {
    return NetworkInternals.of(network).wire().observers().stream()
        .anyMatch(each -> each instanceof JfrRecording); // loads it, and no event
  }

  @Override
  public List<SocketInfo> connections(String filter) {
    return rows(SocketListing.parseRows(filter == null ? "" : filter)::lists);
  }

  private List<SocketInfo> rows(Predicate<SocketEntry> chosen) {
    return network.sockets().stream().filter(chosen).limit(MOST_ROWS).map(SocketInfo::new).toList();
  }

  @Override
  public String ss(String options) {
    SocketListing listing = SocketListing.parse(options == null ? "" : options);
    return listing.format(network.sockets(), MOST_ROWS);
  }

  @Override
  public long startCapture(String words) throws IOException {
    return captures.start(words);
  }

  @Override
  public String stopCapture(long capture) {
    return captures.stop(capture);
  }

  @Override
  public List<String> getCaptures() {
    return captures.list();
  }

  @Override
  public boolean close(long connection) {
    for (ChannelRegistry.Entry entry : NetworkInternals.of(network).registry().entries()) {
      Endpoint end = entry.endpoint();
      if (end != null
          && end.isConnected()
          && end.number() == connection
          && !end.isAborted()) { // else it was reset before
        end.resetBoth();
        return true;
      }
    }
    return false;
  }

  @Override
  public void recordStacks(boolean on) {
    network.recordStacks(on);
  }

  @Override
  public void recordTimes(boolean on) {
    network.recordTimes(on);
  }

  @Override
  public boolean isSimulated() {
    return NetworkInternals.hasFaults(network);
  }

  @Override
  public List<String> getHosts() {
    return NetworkInternals.hasFaults(network)
        ? NetworkInternals.faultsOf(network).hosts()
        : List.of();
  }

  @Override
  public List<String> getFaults() {
    return installed().entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue() + fired(each.getKey()))
        .toList();
  }

  private String fired(long fault) {
    long times = NetworkInternals.faultsOf(network).timesFired(fault);
    return " (fired " + times + (times == 1 ? " time)" : " times)");
  }

  private SortedMap<Long, String> installed() {
    return NetworkInternals.hasFaults(network)
        ? NetworkInternals.faultsOf(network).installed()
        : Collections.emptySortedMap();
  }

  @Override
  public List<Long> addFaults(String text) {
    return NetworkInternals.faultsOf(network).install(text);
  }

  @Override
  public boolean removeFault(long fault) {
    return NetworkInternals.hasFaults(network) && NetworkInternals.faultsOf(network).remove(fault);
  }

  @Override
  public int clearFaults() {
    return (int) installed().keySet().stream().filter(this::removeFault).count();
  }

  private List<Capture> running() {
    return Capture.of(NetworkInternals.of(network));
  }

  @Override
  public int getCapturesRunning() {
    return running().size();
  }

  @Override
  public long getCapturedPackets() {
    return running().stream().mapToLong(Capture::packets).sum();
  }

  @Override
  public long getCapturedBytes() {
    return running().stream().mapToLong(Capture::bytes).sum();
  }

  @Override
  public long getCaptureDropped() {
    return running().stream().mapToLong(Capture::droppedPackets).sum();
  }
}
