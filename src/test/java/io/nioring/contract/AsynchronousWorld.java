package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens the asynchronous channels of one test, on the platform's provider or on a ring network of
 * its own, and closes them all at its end. On rings nothing may be left over then.
 */
@SuppressWarnings({"AddressSelection", "try"})
final class AsynchronousWorld implements AutoCloseable {
  /** Where the channels are. */
  enum Kind {
    /** The oracle. */
    PLATFORM,
    /** A ring network. */
    RING
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
  }

  /** Two connected channels. */
  record Pair(AsynchronousSocketChannel client, AsynchronousSocketChannel server) {}

  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

  private final RingNetwork network;
  private final AsynchronousChannelProvider provider;
  private final Queue<Closeable> opened = new ConcurrentLinkedQueue<>();
  private final Queue<AsynchronousChannelGroup> groups = new ConcurrentLinkedQueue<>();

  AsynchronousWorld(Kind kind) {
    this.network = kind == Kind.RING ? RingNetwork.open() : null;
    this.provider =
        network == null ? new PlatformAsynchronousProvider().get() : network.asynchronousProvider();
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
    return track(
        provider.openAsynchronousChannelGroup(
            threads,
            body -> {
              Thread thread = new Thread(body, name);
              thread.setDaemon(true);
              return thread;
            }));
  }

  AsynchronousSocketChannel openClient(AsynchronousChannelGroup group) throws IOException {
    return track(provider.openAsynchronousSocketChannel(group));
  }

  AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group) throws IOException {
    return track(provider.openAsynchronousServerSocketChannel(group)).bind(ANY_PORT);
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
