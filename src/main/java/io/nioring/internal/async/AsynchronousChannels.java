package io.nioring.internal.async;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.Retries;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Opens the asynchronous channels and the groups of one network. Thread-safe.
 *
 * <p>The default group is made when it is first needed. Its threads are daemons, and end when they
 * have been idle for a while.
 */
public final class AsynchronousChannels {
  private static final long DEFAULT_THREAD_SECONDS = 10;

  private final Supplier<NetworkResources> network;
  private final Clock clock;
  private final PlatformAsynchronousProvider platform;
  private final SpinPolicy spinning;
  private final Timeouts timeouts;
  private final BooleanSupplier hasIpv6;
  private final AsynchronousChannelProvider provider;
  private final Supplier<DefaultPool> defaults;

  /** Guarded by the monitor. */
  private RingChannelGroup defaultGroup;

  /**
   * Makes an opener.
   *
   * @param network supplies the network for each new channel
   * @param clock the network's
   * @param spinning how long threads spin before they sleep
   * @param platform the source of kernel channels
   * @param provider the provider of the default group's channels
   * @param hasIpv6 whether there is IPv6
   * @param defaults asked when the default group is made
   */
  public AsynchronousChannels(
      Supplier<NetworkResources> network,
      Clock clock,
      SpinPolicy spinning,
      PlatformAsynchronousProvider platform,
      AsynchronousChannelProvider provider,
      BooleanSupplier hasIpv6,
      Supplier<DefaultPool> defaults) {
    this.network = network;
    this.clock = clock;
    this.spinning = spinning;
    this.platform = platform;
    this.provider = provider;
    this.hasIpv6 = hasIpv6;
    this.defaults = defaults;
    this.timeouts = new Timeouts(clock, BackgroundThreads.SYSTEM);
  }

  /** A group with its own threads, all of which are started at once. */
  public AsynchronousChannelGroup openGroup(
      AsynchronousChannelProvider by, int threads, ThreadFactory factory) {
    if (threads < 1) {
      throw new IllegalArgumentException("'nThreads' must be > 0");
    }
    var started = new CoreThreads(factory, this::retryLater);
    var executor =
        new ThreadPoolExecutor(
            threads, threads, 0, TimeUnit.SECONDS, queue(new TaskQueue()), started);
    started.serve(executor);
    AsynchronousChannelGroup group = group(by, executor, 0);
    try {
      executor.prestartAllCoreThreads();
    } catch (RuntimeException | Error e) { // of the factory, or no threads are available
      executor.shutdown();
      throw e;
    }
    return group;
  }

  /**
   * A group on an executor.
   *
   * @param initialSize if negative, and the executor has no bound, the group keeps a thread while
   *     it exists, and more that wait in the kernel once it has channels there; otherwise none, as
   *     with the platform
   */
  public AsynchronousChannelGroup openGroup(
      AsynchronousChannelProvider by, ExecutorService executor, int initialSize) {
    Objects.requireNonNull(executor, "executor");
    boolean keepsThreads =
        initialSize < 0
            && executor instanceof ThreadPoolExecutor pool
            && pool.getMaximumPoolSize() == Integer.MAX_VALUE;
    RingChannelGroup group =
        group(by, executor, keepsThreads ? Runtime.getRuntime().availableProcessors() : 0);
    if (keepsThreads) {
      group.keepThread();
    }
    return group;
  }

  private RingChannelGroup group(
      AsynchronousChannelProvider by, ExecutorService executor, int pollers) {
    GroupThreads threads = new GroupThreads(executor, clock, spinning, this::retryLater);
    return new RingChannelGroup(by, this, threads, platform::get, pollers);
  }

  private void retryLater(Retries.Task task) {
    network.get().registry().retryLater(task);
  }

  /**
   * Opens a channel.
   *
   * @param group a group that this object made; null for the default
   * @throws IOException if no thread can be started for what finds none later
   */
  public AsynchronousSocketChannel openSocketChannel(AsynchronousChannelGroup group)
      throws IOException {
    return served(
        RingAsynchronousSocketChannel.open(ours(group), network.get(), family(), timeouts));
  }

  /** Opens a server channel, as above. */
  public AsynchronousServerSocketChannel openServerSocketChannel(AsynchronousChannelGroup group)
      throws IOException {
    return served(
        RingAsynchronousServerSocketChannel.open(ours(group), network.get(), family(), timeouts));
  }

  /** Without the housekeeping a handler that finds no thread would never be called. */
  private <C extends AsynchronousChannel> C served(C opened) throws IOException {
    if (!network.get().registry().isServed()) {
      opened.close();
      throw new IOException("No thread is available for asynchronous operations");
    }
    return opened;
  }

  private AddressFamily family() {
    return hasIpv6.getAsBoolean() ? AddressFamily.INET : AddressFamily.INET4;
  }

  private RingChannelGroup ours(AsynchronousChannelGroup group) {
    if (group == null) {
      return defaultGroup();
    }
    if (group instanceof RingChannelGroup ring && ring.owner() == this) {
      ring.ensureNotShutdown();
      return ring;
    }
    throw new IllegalChannelGroupException();
  }

  private synchronized RingChannelGroup defaultGroup() {
    if (defaultGroup == null) {
      DefaultPool settings = defaults.get();
      defaultGroup = group(provider, executor(settings), settings.pollers());
    }
    return defaultGroup;
  }

  private BlockingQueue<Runnable> queue(BlockingQueue<Runnable> beneath) {
    return new IdleQueue(beneath, new SpinWait(spinning, System::nanoTime));
  }

  private ExecutorService executor(DefaultPool settings) {
    ThreadFactory named = settings.threadFactory();
    return new ThreadPoolExecutor(
        Math.max(0, settings.initialSize()),
        Integer.MAX_VALUE,
        DEFAULT_THREAD_SECONDS,
        TimeUnit.SECONDS,
        queue(new SynchronousQueue<>()),
        named == null ? BackgroundThreads.factory("nioring-asynchronous") : named);
  }

  /** Makes the default group end with its last channel: the network was closed. */
  public void networkClosed() {
    RingChannelGroup made;
    synchronized (this) {
      made = defaultGroup;
    }
    if (made != null) {
      made.shutdown();
    }
  }
}
