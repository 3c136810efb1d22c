package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.RingNetworkStatistics;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import io.nioring.route.Mode;
import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens the asynchronous channels of one test, on the platform's provider or on a network of its
 * own, and closes them all at its end. On rings nothing may be left over then.
 */
@SuppressWarnings({"AddressSelection", "try"})
final class AsynchronousWorld implements AutoCloseable {
  /** Where the channels are. */
  enum Kind {
    /** The oracle. */
    PLATFORM,
    /** A ring network. */
    RING,
    /** A hybrid network, in which channels find one another over rings. */
    HYBRID,
    /** Clients of a hybrid network, whose servers are outside. */
    HYBRID_TO_KERNEL,
    /** Servers of a hybrid network, whose clients are outside. */
    KERNEL_TO_HYBRID;

    /** Whether a connection has one end in the network alone. */
    boolean isMixed() {
      return this == HYBRID_TO_KERNEL || this == KERNEL_TO_HYBRID;
    }
  }

  /** What a handler was told, and where. */
  record Told(Object result, Throwable failure, Thread thread) {}

  /** A handler that keeps what it is told. */
  static final class Listening<V> implements CompletionHandler<V, Object> {
    private final CompletableFuture<Told> told = new CompletableFuture<>();

    @Override
    public void completed(V result, Object attachment) {
      assertThat(told.complete(new Told(result, null, Thread.currentThread()))).isTrue();
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      assertThat(told.complete(new Told(null, failure, Thread.currentThread()))).isTrue();
    }

    Told told() throws Exception {
      return get(told);
    }

    boolean isTold() {
      return told.isDone();
    }
  }

  /** Two connected channels. */
  record Pair(AsynchronousSocketChannel client, AsynchronousSocketChannel server) {}

  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

  private final Kind kind;
  private final RingNetwork network;
  private final AsynchronousChannelProvider platform = new PlatformAsynchronousProvider().get();
  private final AsynchronousChannelProvider provider;
  private final Queue<Closeable> opened = new ConcurrentLinkedQueue<>();
  private final Queue<AsynchronousChannelGroup> groups = new ConcurrentLinkedQueue<>();

  /** For groups of the network: groups of the platform's that are alike, for the ends outside. */
  private final Map<AsynchronousChannelGroup, AsynchronousChannelGroup> outside = new HashMap<>();

  AsynchronousWorld(Kind kind) {
    this.kind = kind;
    this.network =
        switch (kind) {
          case PLATFORM -> null;
          case RING -> RingNetwork.open();
          default -> RingNetwork.open(RingNetworkConfig.builder().mode(Mode.HYBRID).build());
        };
    this.provider = network == null ? platform : network.asynchronousProvider();
  }

  AsynchronousChannelProvider provider() {
    return provider;
  }

  <C extends Closeable> C track(C channel) {
    opened.add(channel);
    return channel;
  }

  AsynchronousChannelGroup track(AsynchronousChannelGroup group) {
    groups.add(group);
    return group;
  }

  AsynchronousChannelGroup fixedGroup(int threads, String name) throws IOException {
    AsynchronousChannelGroup group = fixedGroup(provider, threads, name);
    if (kind.isMixed()) {
      outside.put(group, fixedGroup(platform, threads, name));
    }
    return group;
  }

  /** A group on a pool of daemons that grows with its tasks. */
  AsynchronousChannelGroup cachedGroup() throws IOException {
    AsynchronousChannelGroup group = cachedGroup(provider);
    if (kind.isMixed()) {
      outside.put(group, cachedGroup(platform));
    }
    return group;
  }

  private AsynchronousChannelGroup cachedGroup(AsynchronousChannelProvider by) throws IOException {
    return track(
        by.openAsynchronousChannelGroup(
            Executors.newCachedThreadPool(
                body -> {
                  Thread thread = new Thread(body, "cached");
                  thread.setDaemon(true);
                  return thread;
                }),
            -1));
  }

  private AsynchronousChannelGroup fixedGroup(
      AsynchronousChannelProvider by, int threads, String name) throws IOException {
    return track(
        by.openAsynchronousChannelGroup(
            threads,
            body -> {
              Thread thread = new Thread(body, name);
              thread.setDaemon(true);
              return thread;
            }));
  }

  AsynchronousSocketChannel openClient(AsynchronousChannelGroup group) throws IOException {
    return track(
        kind == Kind.KERNEL_TO_HYBRID
            ? platform.openAsynchronousSocketChannel(outside.get(group))
            : provider.openAsynchronousSocketChannel(group));
  }

  AsynchronousServerSocketChannel openServer(AsynchronousChannelGroup group) throws IOException {
    return track(
        kind == Kind.HYBRID_TO_KERNEL
            ? platform.openAsynchronousServerSocketChannel(outside.get(group))
            : provider.openAsynchronousServerSocketChannel(group));
  }

  AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group) throws IOException {
    return openServer(group).bind(ANY_PORT);
  }

  /** How many connections went through the kernel and over rings, by the network's count. */
  RingNetworkStatistics statistics() {
    return network.statistics();
  }

  Pair pair() throws Exception {
    return pair(null);
  }

  Pair pair(AsynchronousChannelGroup group) throws Exception {
    try (AsynchronousServerSocketChannel server = listen(group)) {
      Future<AsynchronousSocketChannel> accepted = server.accept();
      AsynchronousSocketChannel client = openClient(group);
      get(client.connect(server.getLocalAddress()));
      return new Pair(client, track(get(accepted)));
    }
  }

  /** An address where nobody listens. */
  InetSocketAddress refusing() throws IOException {
    try (AsynchronousServerSocketChannel server = listen(null)) {
      return (InetSocketAddress) server.getLocalAddress();
    }
  }

  static <V> V get(Future<V> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(10, TimeUnit.SECONDS);
  }

  /** Why a future failed. */
  static Throwable failureOf(Future<?> future) throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError("succeeded with " + get(future));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Override
  public void close() throws Exception {
    for (Closeable channel : opened) {
      channel.close();
    }
    for (AsynchronousChannelGroup group : groups) {
      group.shutdownNow();
      assertThat(group.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    if (network != null) {
      Deadline.await(
          "nothing left: " + network.statistics(),
          () ->
              network.statistics().openChannels() == 0
                  && network.statistics().memoryInUseBytes() == 0);
      assertThat(network.statistics().listeners()).isZero();
      network.close();
    }
  }
}
