package io.nioring;

import io.nioring.internal.adaptor.ChannelAdaptors;
import io.nioring.internal.async.AsynchronousChannels;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.net.PlainSockets;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.Insight;
import io.nioring.internal.network.LastUses;
import io.nioring.internal.network.NetworkParts;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.RecorderWatch;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.CpuLoad;
import io.nioring.internal.platform.FirstUses;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.RingSocket;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/**
 * A network inside the JVM: its own addresses, channels, memory and counters.
 *
 * <pre>{@code
 * try (RingNetwork network = RingNetwork.open()) {
 *   ServerSocketChannel server = network.provider().openServerSocketChannel();
 *   server.bind(new InetSocketAddress("10.1.2.3", 80)); // no such interface, no port taken
 *   SocketChannel client = network.provider().openSocketChannel();
 *   client.connect(server.getLocalAddress());
 *   SocketChannel accepted = server.accept();
 * }
 * }</pre>
 *
 * <p>Two networks do not see one another. All methods may be called by any number of threads.
 */
public final class RingNetwork implements AutoCloseable {
  private final RingNetworkConfig config;
  private final RingSelectorProvider provider;
  private final NetworkResources resources;
  private final ChannelOpener opener;
  private final boolean isOfJvm;

  // Null until they are asked for; guarded by this object's monitor.

  private RingAsynchronousChannelProvider asynchronous;
  private PlainSockets sockets;

  /** Unregisters the MBean. */
  private AutoCloseable management;

  private final NetworkParts parts;

  /** When connections were last used. */
  private final LastUses lastUses;

  private RingNetwork(RingNetworkConfig config, RingSelectorProvider named, NetworkParts parts) {
    this.parts = parts;
    this.config = config;
    this.isOfJvm = named != null;
    this.provider = named == null ? new RingSelectorProvider(this) : named;
    if (!isKernelAlone()) {
      FirstUses.ofStreams();
    }
    MemoryPool memory = new MemoryPool(config.directMemory());
    Clock clock = parts.clock();
    Namespace names =
        parts.names(ConfigProperties.temporaryDirectory(), config.mode(), config.hosts());
    this.resources =
        new NetworkResources(
            provider,
            names,
            parts.verdicts(names, config.mode(), config.routes(), config.hosts()),
            parts.wire(memory, config.bufferSizeBytes(), clock),
            PlatformProvider.lazy(),
            new ChannelRegistry(memory, config.idleMillis(), "nioring-housekeeping"),
            new TrafficCounters(),
            new ChannelAdaptors(clock),
            spinning(config, clock),
            config.maxBufferBytes(),
            null);
    this.opener = new ChannelOpener(resources, ConfigProperties.prefersIpv4());
    this.lastUses = new LastUses(resources.wire(), resources.registry());
    watchRecorder();
    if (config.jmx()) {
      registerMXBean();
    }
    parts.opened(new FurtherProviders());
  }

  /** In virtual time the order of threads depends on nothing that the system times. */
  private static SpinPolicy spinning(RingNetworkConfig config, Clock clock) {
    return new SpinPolicy(
        TimeUnit.MICROSECONDS.toNanos(config.spinMicros()),
        CpuLoad.OF_MACHINE,
        clock == Clock.SYSTEM);
  }

  /**
   * Starts the capture that the configuration asks for. A file that cannot be created must not keep
   * a program from running.
   *
   * @return this network
   */
  private RingNetwork capturing() {
    if (!config.capture().isEmpty()) { // without it no lambda, which the first bytes would wait for
      withCapture(words -> insight().startCapture(this, words));
    }
    return this;
  }

  /** What is done with the words of a capture. */
  private interface CaptureUse {
    void accept(String words) throws IOException;
  }

  /** Closes this network if the words are malformed. */
  private void withCapture(CaptureUse use) {
    String words = config.capture();
    boolean accepted = false;
    try {
      use.accept(words);
      accepted = true;
    } catch (IOException e) {
      accepted = true;
      System.getLogger(RingNetwork.class.getName())
          .log(System.Logger.Level.WARNING, "cannot start the capture " + words + ": " + e);
    } catch (IllegalArgumentException e) {
      throw ConfigProperties.invalid(ConfigKey.CAPTURE.key(), words, e);
    } finally {
      if (!accepted) {
        close();
      }
    }
  }

  /**
   * Starts a capture of all connections over rings to a pcapng file, for Wireshark and similar
   * tools; see {@code io.nioring.observe.Capture}, which can do more.
   *
   * @param file the file, which is overwritten
   * @return the capture, whose close ends it; so does the close of the network
   * @throws IOException if the file cannot be created, or another running capture of this JVM
   *     writes it
   * @throws IllegalStateException if the network was closed
   */
  public Closeable capture(Path file) throws IOException {
    return insight().startCapture(this, Objects.requireNonNull(file, "file"));
  }

  /** Records events once Flight Recorder is in use; nothing in it refers to the network. */
  private void watchRecorder() {
    RecorderWatch watch =
        new RecorderWatch(
            new InsightLookup(),
            resources.wire(),
            resources.registry(),
            new WeakReference<>(this),
            config.jdkEventNames());
    watch.run();
    resources.registry().alsoRun(watch);
  }

  /** Loads what records events. */
  private static final class InsightLookup implements Supplier<Insight> {
    @Override
    public Insight get() {
      return insight();
    }
  }

  private static Insight insight() {
    return ServiceLoader.load(Insight.class, RingNetwork.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the services of the jar are missing"));
  }

  /**
   * Registers the network with the platform's MBean server, which starts JMX: {@code
   * io.nioring:type=RingNetwork,name=}{@code jvm} for the network of the whole JVM, a number for
   * another one. Closing the network unregisters it. Further calls do nothing.
   *
   * @throws IllegalStateException if the network was closed, or the server refuses it
   */
  public synchronized void registerMXBean() {
    if (resources.registry().isClosed()) { // whose close unregisters what was registered before
      throw new IllegalStateException("the network was closed");
    }
    if (management == null) {
      management = insight().registerMXBean(this, isOfJvm ? "jvm" : null);
    }
  }

  private synchronized void unregisterMXBean() {
    if (management != null) {
      try {
        management.close();
      } catch (Exception e) { // the server is the program's, and may do anything
        throw new IllegalStateException("cannot unregister the network's MBean", e);
      }
      management = null;
    }
  }

  /** Makes providers of this network whose channels have parts of their own. */
  private final class FurtherProviders implements NetworkParts.Providers {
    @Override
    public SelectorProvider with(
        BiFunction<NetworkResources, SelectorProvider, NetworkResources> own) {
      return provider(own);
    }
  }

  private RingSelectorProvider provider(
      BiFunction<NetworkResources, SelectorProvider, NetworkResources> own) {
    return new RingSelectorProvider(
        this,
        other -> new ChannelOpener(own.apply(resources, other), ConfigProperties.prefersIpv4()));
  }

  /**
   * Opens a network of its own in mode {@code ring} with the default configuration.
   *
   * @return the network, which the caller closes
   */
  public static RingNetwork open() {
    return open(RingNetworkConfig.builder().build());
  }

  /**
   * Opens a network of its own.
   *
   * @param config its configuration
   * @return the network, which the caller closes
   */
  public static RingNetwork open(RingNetworkConfig config) {
    return open(config, new NetworkParts());
  }

  /** Opens a network that is made of other parts; the simulation finds this by a private lookup. */
  static RingNetwork open(RingNetworkConfig config, NetworkParts parts) {
    return new RingNetwork(Objects.requireNonNull(config, "config"), null, parts).capturing();
  }

  /**
   * Opens and closes a network as the provider of the JVM would, so that an error in the system
   * properties is reported; the agent finds this by a private lookup. The file of a capture is not
   * opened: it may be a named pipe, whose reader would take the close for the end.
   *
   * @return the configuration
   * @throws IllegalArgumentException as {@link ConfigProperties#ofSystem} does, or if the words of
   *     the capture are malformed
   * @throws IllegalStateException as {@link ConfigProperties#ofSystem} does
   */
  static RingNetworkConfig tryOut() {
    RingNetworkConfig config = ConfigProperties.ofSystem();
    tryOut(config, ConfigProperties.partsOfSystem());
    return config;
  }

  static void tryOut(RingNetworkConfig config, NetworkParts parts) {
    try (RingNetwork network = new RingNetwork(config, null, parts)) {
      if (!config.capture().isEmpty()) {
        network.withCapture(words -> insight().checkCapture(network, words));
      }
    }
  }

  /** The network of a provider that the JDK made, configured by the system properties. */
  static RingNetwork ofJvm(RingSelectorProvider provider, RingNetworkConfig config) {
    return new RingNetwork(config, provider, ConfigProperties.partsOfSystem()).capturing();
  }

  /** {@return the provider that opens this network's channels; the same object each time} */
  public RingSelectorProvider provider() {
    return provider;
  }

  /**
   * Returns the provider of this network's asynchronous channels.
   *
   * @return the same object each time
   */
  public synchronized RingAsynchronousChannelProvider asynchronousProvider() {
    if (asynchronous == null) {
      if (!isKernelAlone()) {
        FirstUses.ofAsynchronousChannels(); // what opens them is one of them
      }
      asynchronous = new RingAsynchronousChannelProvider(this);
    }
    return asynchronous;
  }

  /**
   * Returns a provider whose channels have an identity of their own: their peers on this network
   * see it in {@link RingSocket#peerCredentials()}, as they would see another process. For tests of
   * programs that check who connects.
   *
   * @param identity the credentials that the channels' peers see
   * @return a new provider of this network
   */
  public RingSelectorProvider provider(PeerCredentials identity) {
    Objects.requireNonNull(identity, "identity");
    return new RingSelectorProvider(
        this,
        other -> new ChannelOpener(resources.of(other, identity), ConfigProperties.prefersIpv4()));
  }

  /**
   * Creates two Unix channels that are connected to each other over a ring, without names
   * (socketpair(2)).
   *
   * @return the pair; both ends are the caller's to close
   * @throws UnsupportedOperationException if the network has no rings, in mode {@code kernel}
   *     without routes
   */
  public SocketPair socketPair() {
    if (isKernelAlone()) {
      throw new UnsupportedOperationException("mode kernel: java.nio has no socket pairs");
    }
    List<SocketChannel> ends = RingSocketChannel.pair(resources);
    return new SocketPair(ends.get(0), ends.get(1));
  }

  /**
   * Returns a factory of plain client sockets of this network, for programs that accept a socket
   * factory. The sockets behave like the platform's: an interrupt does not close them.
   *
   * @return the factory, which may be used by any number of threads
   */
  public SocketFactory socketFactory() {
    return plainSockets().clients();
  }

  /**
   * Returns a factory of plain server sockets of this network, as {@link #socketFactory} does.
   *
   * @return the factory, which may be used by any number of threads
   */
  public ServerSocketFactory serverSocketFactory() {
    return plainSockets().servers();
  }

  /**
   * Lets each {@link java.net.Socket} and {@link java.net.ServerSocket} that the JVM makes from now
   * on be of this network. The Java agent calls it. No flag can do that, since plain sockets ask no
   * {@code SelectorProvider}: a program that was started with the flag calls it at the start of its
   * {@code main}, on the network of {@code SelectorProvider.provider()}.
   *
   * <p>It cannot be undone. Sockets created before are not affected, nor are those with an explicit
   * proxy, such as {@code new Socket(Proxy)}. Further calls have no effect, and neither has a call
   * if the network has no rings, in mode {@code kernel} without routes.
   *
   * @throws IllegalStateException if the JVM has a socket factory already: the program's own, or
   *     another network's
   */
  public void installSockets() {
    if (isKernelAlone()) {
      return;
    }
    try {
      plainSockets().install();
    } catch (IOException e) {
      throw new IllegalStateException(
          "the JVM has a factory for its sockets already, which can't be changed any more: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Returns the address of a host that the network knows by name, the first if it has several. The
   * address carries the name, which routes can match.
   *
   * @param name the name, in any case
   * @return its address
   * @throws UnknownHostException as {@link #addresses}
   */
  public InetAddress address(String name) throws UnknownHostException {
    return addresses(name).get(0);
  }

  /**
   * Returns all addresses of a host that the network knows by name.
   *
   * @param name the name, in any case
   * @return its addresses, in the order of the configuration; at least one
   * @throws UnknownHostException if {@link RingNetworkConfig#hosts()} has no host of that name: no
   *     other name service is asked
   */
  public List<InetAddress> addresses(String name) throws UnknownHostException {
    List<InetAddress> known = config.hosts().get(name.toLowerCase(Locale.ROOT));
    if (known == null) {
      throw new UnknownHostException(name + " is not one of the network's hosts");
    }
    return known;
  }

  /** {@return the configuration that the network was opened with} */
  public RingNetworkConfig config() {
    return config;
  }

  /** What opens the channels: the platform's own provider if no address can be over rings. */
  SelectorProvider opener() {
    if (isKernelAlone()) {
      return resources.platform().get();
    }
    NetworkResources ofThread = parts.ofThread();
    return ofThread == null ? opener : ofThread.provider();
  }

  private synchronized PlainSockets plainSockets() {
    if (sockets == null) {
      sockets = new PlainSockets(this::resourcesOfThread, opener::defaultFamily);
    }
    return sockets;
  }

  /** What the calling thread's plain sockets and asynchronous channels are made with. */
  private NetworkResources resourcesOfThread() {
    NetworkResources ofThread = parts.ofThread();
    return ofThread == null ? resources : ofThread;
  }

  /** What opens asynchronous channels; null if no address can be over rings. */
  AsynchronousChannels asynchronousOpener(
      AsynchronousChannelProvider named, PlatformAsynchronousProvider platform) {
    return isKernelAlone()
        ? null
        : new AsynchronousChannels(
            this::resourcesOfThread,
            resources.clock(),
            resources.spinning(),
            platform,
            named,
            opener::hasIpv6,
            ConfigProperties::defaultGroup);
  }

  /** What opens the channels of a provider with an identity: as above. */
  SelectorProvider orPlatform(ChannelOpener own) {
    return isKernelAlone() ? resources.platform().get() : own;
  }

  private boolean isKernelAlone() {
    return config.isKernelAlone();
  }

  /**
   * Returns the network's counters at this moment. Figures that other threads are changing may
   * differ slightly from one another.
   *
   * @return a snapshot
   */
  public RingNetworkStatistics statistics() {
    TrafficCounters counters = resources.counters();
    long ringAccepted = counters.ringAcceptedSum(); // first: none of these was not connected yet
    return new RingNetworkStatistics(
        counters.ringConnectionsSum(),
        ringAccepted,
        counters.kernelConnectionsSum(),
        counters.kernelAcceptedSum(),
        resources.registry().bytesRead(),
        resources.registry().size(),
        resources.names().listeners(),
        resources.wire().memory().bytesInUse());
  }

  /**
   * Returns the sockets of the network, as {@code ss} shows those of the kernel. A connection
   * inside the JVM has two rows, for its client and its server end, the latter also while it waits
   * in a backlog. Sockets for datagrams that go over rings have one each. Reads and writes do not
   * wait for this; figures that change meanwhile may differ slightly from one another.
   *
   * @return the rows at this moment, in the order of their connections; not to be changed
   */
  public List<SocketEntry> sockets() {
    return SocketTable.of(resources.registry(), lastUses);
  }

  /**
   * Records from now on which thread opens a socket, and where: {@link SocketEntry#openedBy()} and
   * {@link SocketEntry#openedAt()}. Each socket that is opened then costs a stack trace.
   *
   * @param on whether to record it; if false, what was recorded is discarded
   */
  public void recordStacks(boolean on) {
    resources.registry().recordOpenings(on);
  }

  /**
   * Records from now on when connections over rings were last used: {@link SocketEntry#lastSend()}
   * and {@link SocketEntry#lastReceive()}. Each read and write then reads the clock.
   *
   * @param on whether to record it; if false, what was recorded is discarded
   */
  public void recordTimes(boolean on) {
    lastUses.record(on);
  }

  /**
   * Closes every channel of the network, which frees its addresses and releases its memory, and
   * refuses new ones. Selectors stay open. The network's captures are ended, and their files
   * complete when this method returns; it waits up to ten seconds for one that cannot be written.
   * Further calls have no effect.
   *
   * @throws UncheckedIOException if a kernel channel could not be closed; all others have been
   */
  @Override
  public void close() {
    try {
      resources.registry().close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close all channels of the network", e);
    } finally {
      endAllElse();
    }
  }

  /** Each, even if the previous one failed. */
  private void endAllElse() {
    try {
      endAsynchronousGroup();
    } finally {
      try {
        unregisterMXBean();
      } finally {
        resources.wire().tellClosed();
      }
    }
  }

  private void endAsynchronousGroup() {
    RingAsynchronousChannelProvider made;
    synchronized (this) {
      made = asynchronous;
    }
    if (made != null) {
      made.networkClosed();
    }
  }

  @Override
  public String toString() {
    return "RingNetwork[mode=" + config.mode() + ", channels=" + resources.registry().size() + "]";
  }
}
