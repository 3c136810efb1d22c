package io.nioring.simulation;

import io.nioring.internal.core.SocketState;
import io.nioring.internal.net.PlainSockets;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.CloseFailures;
import io.nioring.internal.network.NetworkParts;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.Opening;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/**
 * A host of a {@link Simulation}: a name, addresses, and the programs that run on it.
 *
 * <p>A channel belongs to the host whose provider opened it; one that another provider of the
 * network opened belongs to the host of the thread that did. The same applies to plain sockets,
 * datagram sockets, and asynchronous channels of {@code RingNetwork.asynchronousProvider()}. A
 * thread belongs to a host while it is in {@link #run} or {@link #call}, and for its whole life if
 * it was begun by a thread that belongs to it, or by {@link #threadFactory()} or {@link
 * #executor()}. A server that is bound to the wildcard listens on its host's addresses alone.
 *
 * <p>All methods may be called by any number of threads.
 */
public final class RingHost {
  private final World world;
  private final String name;
  private final List<InetAddress> addresses;
  private final HostThreads threads;
  private final HostSelectors selectors = new HostSelectors();
  private volatile NetworkResources resources;
  private volatile HostNames names;
  private volatile ChannelRegistry registry;
  private volatile Duration clockOffset = Duration.ZERO;

  // Written under the world's lock.
  private volatile boolean paused;
  private volatile boolean down;

  /** Whether its programs are being ended. */
  private volatile boolean ending;

  RingHost(World world, String name, List<InetAddress> addresses) {
    this.world = world;
    this.name = name;
    this.addresses = addresses;
    this.threads = new HostThreads(world, this);
  }

  /** Takes what is bound here, before anybody has it. */
  void binds(HostNames bound) {
    names = bound;
  }

  /** Makes what its channels are made with, and what is bound here unless it has that. */
  void makeProvider(NetworkParts.Providers providers) {
    HostNames bound = names == null ? new HostNames(world, this) : names;
    names = bound;
    providers.with(
        (plain, self) -> {
          registry = plain.registry();
          if (world.config().recordOpenings()) {
            registry.recordOpenings(true);
          }
          NetworkResources own = plain.of(self, bound, new HostVerdicts(world, this, bound));
          resources = this == world.localhost() ? plain : own;
          return own;
        });
  }

  /** The open sockets of the whole network, by their ends of streams. */
  IdentityHashMap<Endpoint, SocketState> socketsByEnd() {
    IdentityHashMap<Endpoint, SocketState> sockets = new IdentityHashMap<>();
    for (ChannelRegistry.Entry each : registry.entries()) {
      if (each instanceof SocketState socket) {
        sockets.put(socket.endpoint(), socket);
      }
    }
    return sockets;
  }

  /** What its channels and sockets are made with. */
  NetworkResources resources() {
    return resources;
  }

  /** The open channels and sockets that belong to it. */
  List<Channel> channels() {
    return registry.entries().stream()
        .filter(each -> each.names() == names)
        .map(ChannelRegistry.Entry::get)
        .filter(Objects::nonNull)
        .toList();
  }

  /** Closes what of it is open: channels, sockets, and what is left of dropped ones. */
  void closeSockets(CloseFailures failures) {
    registry.closeAll(names, failures);
  }

  /** Those of them that are open, with who opened them. */
  List<OpenChannel> openChannels() {
    Map<Channel, Opening> openings = registry.openings();
    return channels().stream()
        .filter(Channel::isOpen) // one that a selector still holds is not listed
        .map(each -> new OpenChannel(this, each, openings.get(each)))
        .toList();
  }

  World world() {
    return world;
  }

  HostNames names() {
    return names;
  }

  HostThreads threads() {
    return threads;
  }

  HostSelectors selectors() {
    return selectors;
  }

  /** Ends its programs: their channels are closed, and no thread goes on waiting for them. */
  void endPrograms() {
    ending = true;
    try {
      new HostCloser(world, this).close();
    } finally {
      ending = false;
    }
    threads.interruptAll();
    selectors.wakeAll();
  }

  /** Whether sockets are closed since their programs are ended, and not by these. */
  boolean isEnding() {
    return ending;
  }

  /** The simulation ends. */
  void close() {
    threads.close();
    selectors.wakeAll();
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return the first address, which carries the host's name and is never looked up} */
  public InetAddress address() {
    return addresses.get(0);
  }

  /** {@return all addresses, each with the host's name} */
  public List<InetAddress> addresses() {
    return addresses;
  }

  /** {@return the provider whose channels belong to this host, whatever thread opens them} */
  public SelectorProvider provider() {
    return resources.provider();
  }

  /**
   * Returns a provider whose asynchronous channels belong to this host, whatever thread opens them.
   * The threads of a group belong to the host that the group was opened on.
   *
   * @return the provider; each {@code provider()} of what it opens is that of the network
   */
  public AsynchronousChannelProvider asynchronousProvider() {
    return new HostAsynchronousProvider(this, world.network().asynchronousProvider());
  }

  /**
   * Opens a server at the host's first address.
   *
   * @param port its port, 0 for one that is free
   * @return a channel that listens, and blocks
   * @throws IOException if that fails, as for a port that is in use
   */
  public ServerSocketChannel listen(int port) throws IOException {
    ServerSocketChannel channel = provider().openServerSocketChannel();
    try {
      return channel.bind(new InetSocketAddress(address(), port));
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Connects to a server, and waits until that is done.
   *
   * @param server the host whose first address it is at
   * @param port its port
   * @return a channel that is connected, and blocks
   * @throws IOException if that fails
   */
  public SocketChannel connect(RingHost server, int port) throws IOException {
    SocketChannel channel = provider().openSocketChannel();
    try {
      channel.connect(new InetSocketAddress(world.checked(server).address(), port));
      return channel;
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Makes plain client sockets of this host, whatever thread asks for them; a thread of the host
   * also gets them by {@code new Socket()}, once {@link io.nioring.RingNetwork#installSockets()}
   * was called for the network.
   *
   * @return the factory
   */
  public SocketFactory socketFactory() {
    return sockets().clients();
  }

  /**
   * Makes plain server sockets of this host, as {@link #socketFactory()}.
   *
   * @return the factory
   */
  public ServerSocketFactory serverSocketFactory() {
    return sockets().servers();
  }

  private PlainSockets sockets() {
    return new PlainSockets(() -> resources, () -> AddressFamily.INET);
  }

  // -- what runs here

  /**
   * Runs an action as a part of this host, on the calling thread. One that throws what is checked,
   * as an {@code IOException}, is for {@link #call}.
   *
   * @param action the action
   */
  public void run(Runnable action) {
    Objects.requireNonNull(action, "action");
    threads.inside(
        () -> {
          action.run();
          return null;
        });
  }

  /**
   * Calls something as a part of this host, on the calling thread.
   *
   * @param <T> the type of its result
   * @param action the action
   * @return its result
   * @throws Exception what the action throws
   */
  public <T> T call(Callable<T> action) throws Exception {
    Objects.requireNonNull(action, "action");
    return threads.insideChecked(action);
  }

  /**
   * Returns a factory of threads that belong to this host. With virtual time each counts as one
   * that can act until it waits in a channel or has ended: an idle thread of a pool, which waits
   * for a task, keeps time from passing. {@link #executor()} is for tasks.
   *
   * @return the factory, of daemon threads
   */
  public ThreadFactory threadFactory() {
    return threads;
  }

  /**
   * Returns a factory of threads that belong to this host, which another factory makes: of virtual
   * threads, for example.
   *
   * @param factory makes the threads
   * @return the factory
   */
  public ThreadFactory threadFactory(ThreadFactory factory) {
    return threads.of(Objects.requireNonNull(factory, "factory"));
  }

  /** {@return an executor with as many threads of this host as it has tasks; the same each time} */
  public ExecutorService executor() {
    return threads.executor();
  }

  /**
   * Returns the simulation's time as this host sees it.
   *
   * @return a clock that is ahead of {@link Simulation#clock()} by what {@link #setClockOffset} was
   *     last given
   */
  public Clock clock() {
    return world.userClock(() -> clockOffset);
  }

  /**
   * Sets how far the host's {@link #clock()} is ahead, including the clocks that programs already
   * have. It affects nothing else.
   *
   * @param offset the difference, negative for a clock that is behind
   */
  public void setClockOffset(Duration offset) {
    clockOffset = Objects.requireNonNull(offset, "offset");
  }

  /**
   * Adds a part of a program that {@link Simulation#run} steps: mostly a look at a selector,
   * without waiting, and what is to be done for the keys that it finds.
   *
   * <p>A step that returns false is called again: in each further round, as long as another loop
   * did something or an event has happened. While any step returns true, no time passes, so that
   * one that always does so keeps {@code run} from its end. {@code run} returns when all steps of a
   * round have returned false and no event is left.
   *
   * @param step does what can be done now, as a part of this host; returns whether it did anything
   */
  public void loop(BooleanSupplier step) {
    world.addLoop(new HostLoop(this, Objects.requireNonNull(step, "step")));
  }

  // -- what happens to it

  /**
   * Suspends the host: nothing that arrives is read, and nothing that its programs write is sent,
   * until {@link #resume()}; their connects begin then. Its kernel goes on: connects to it complete
   * until the backlog is full.
   */
  public void pause() {
    world.change(() -> paused = true);
  }

  /** Ends {@link #pause()}; nothing happens without one. */
  public void resume() {
    world.change(() -> paused = false);
  }

  /**
   * Ends the host's programs as if their process was killed: its channels are closed, with a reset
   * for peers whose bytes were left unread, and its threads are interrupted. The host stays, and
   * its addresses can be bound again.
   */
  public void kill() {
    world.kill(this);
  }

  /**
   * Switches the host off: its channels are closed for its programs and its threads interrupted,
   * and the peers receive nothing any more. {@link #restart()} switches it on. Until then channels
   * and sockets can be opened and not used: bind, connect and a first send fail with {@code
   * SocketException: Network is down}, since its programs do not run.
   */
  public void crash() {
    world.crash(this);
  }

  /**
   * Switches the host on after {@link #crash()}: what still comes for its old connections is
   * answered with a reset. Nothing happens if it is on.
   */
  public void restart() {
    world.restart(this);
  }

  /** {@return whether the host is on: it has not crashed, or was restarted} */
  public boolean isUp() {
    return !down;
  }

  /** Refuses what programs of a host that is off ask for: they do not run. */
  void ensureUp() throws SocketException {
    if (down) {
      throw new SocketException("Network is down");
    }
  }

  boolean isPaused() {
    return paused;
  }

  void switchOn(boolean on) {
    down = !on;
  }

  @Override
  public String toString() {
    return name + addresses;
  }
}
