package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asynchronous channels of a network that reaches the kernel: which way they take. */
@Timeout(180)
@SuppressWarnings({"AddressSelection", "FutureReturnValueIgnored"}) // literals, not names
class AsynchronousHybridTest {
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
  private static final int MANY = 200;
  private static final int BACKLOG = 1;
  private static final int MORE_THAN_FITS = 8;

  private final RingNetwork network =
      RingNetwork.open(RingNetworkConfig.builder().mode(Mode.HYBRID).build());
  private final AsynchronousChannelProvider inside = network.asynchronousProvider();
  private final AsynchronousChannelProvider outside = new PlatformAsynchronousProvider().get();
  private final Deque<Closeable> opened = new ArrayDeque<>();

  @AfterEach
  void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    assertThat(network.statistics().openChannels()).isZero();
    assertThat(network.statistics().listeners()).isZero();
    network.close();
  }

  private <C extends Closeable> C track(C channel) {
    opened.push(channel);
    return channel;
  }

  private AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group)
      throws IOException {
    return track(inside.openAsynchronousServerSocketChannel(group)).bind(ANY_PORT);
  }

  private AsynchronousSocketChannel open(AsynchronousChannelProvider provider) throws IOException {
    return track(provider.openAsynchronousSocketChannel(null));
  }

  private AsynchronousSocketChannel connect(
      AsynchronousChannelProvider provider, SocketAddress remote) throws Exception {
    AsynchronousSocketChannel client = open(provider);
    get(client.connect(remote));
    return client;
  }

  private static <V> V get(Future<V> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private static boolean isPlatforms(AsynchronousSocketChannel channel) {
    return channel.getClass().getName().startsWith("sun.nio.ch.");
  }

  private static void exchange(AsynchronousSocketChannel one, AsynchronousSocketChannel other)
      throws Exception {
    assertThat(get(one.write(ByteBuffer.wrap(new byte[] {17})))).isEqualTo(1);
    ByteBuffer read = ByteBuffer.allocate(2);
    assertThat(get(other.read(read))).isEqualTo(1);
    assertThat(read.get(0)).isEqualTo((byte) 17);
  }

  // -- which way

  @Test
  void aServerTakesClientsFromBothSides() throws Exception {
    AsynchronousServerSocketChannel server = listen(null);
    Future<AsynchronousSocketChannel> first = server.accept();
    AsynchronousSocketChannel ring = connect(inside, server.getLocalAddress());
    AsynchronousSocketChannel acceptedRing = track(get(first));
    Future<AsynchronousSocketChannel> second = server.accept();
    AsynchronousSocketChannel kernel = connect(outside, server.getLocalAddress());
    AsynchronousSocketChannel acceptedKernel = track(get(second));
    exchange(ring, acceptedRing);
    exchange(acceptedRing, ring);
    exchange(kernel, acceptedKernel);
    exchange(acceptedKernel, kernel);
    assertThat(isPlatforms(acceptedRing)).isFalse();
    assertThat(isPlatforms(acceptedKernel)).as("handed out unwrapped").isTrue();
    assertThat(network.statistics().ringAccepted()).isEqualTo(1);
    assertThat(network.statistics().kernelAccepted()).isEqualTo(1);
  }

  @Test
  void anAcceptThatARingEndsLosesNoConnectionOfTheKernel() throws Exception {
    AsynchronousServerSocketChannel server = listen(null);
    for (int i = 0; i < 20; i++) {
      Future<AsynchronousSocketChannel> accept = server.accept(); // pending in both places
      assertThatExceptionOfType(AcceptPendingException.class).isThrownBy(server::accept);
      AsynchronousSocketChannel ring = connect(inside, server.getLocalAddress());
      AsynchronousSocketChannel kernel = connect(outside, server.getLocalAddress());
      AsynchronousSocketChannel one = track(get(accept));
      AsynchronousSocketChannel two = track(get(server.accept()));
      exchange(ring, isPlatforms(one) ? two : one);
      exchange(kernel, isPlatforms(one) ? one : two);
    }
  }

  @Test
  void manyClientsFromBothSidesAreAllServed() throws Exception {
    AsynchronousServerSocketChannel server = listen(null);
    CompletableFuture<Integer> served = new CompletableFuture<>();
    AtomicInteger count = new AtomicInteger();
    server.accept(
        null,
        new CompletionHandler<AsynchronousSocketChannel, Object>() {
          @Override
          public void completed(AsynchronousSocketChannel accepted, Object attachment) {
            if (count.incrementAndGet() < 2 * MANY) {
              server.accept(null, this);
            }
            accepted.write(ByteBuffer.wrap(new byte[] {17}));
            closeQuietly(accepted);
            if (count.get() == 2 * MANY) {
              served.complete(count.get());
            }
          }

          @Override
          public void failed(Throwable failure, Object attachment) {
            served.completeExceptionally(failure);
          }
        });
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (AsynchronousChannelProvider each : List.of(inside, outside)) {
      clients.add(CompletableFuture.runAsync(() -> connectMany(each, server)));
    }
    for (CompletableFuture<Void> each : clients) {
      each.get(30, TimeUnit.SECONDS);
    }
    assertThat(get(served)).isEqualTo(2 * MANY);
  }

  private static void closeQuietly(Closeable channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void connectMany(
      AsynchronousChannelProvider provider, AsynchronousServerSocketChannel server) {
    for (int i = 0; i < MANY; i++) {
      try (AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(null)) {
        get(client.connect(server.getLocalAddress()));
        assertThat(get(client.read(ByteBuffer.allocate(1)))).isEqualTo(1);
      } catch (Exception e) {
        throw new IllegalStateException("client " + i, e);
      }
    }
  }

  @Test
  void aClientFindsListenersOfEveryKindAndTheKernelOtherwise() throws Exception {
    try (var channels = network.provider().openServerSocketChannel().bind(ANY_PORT);
        ServerSocket plain = network.serverSocketFactory().createServerSocket();
        ServerSocket foreign = new ServerSocket()) {
      plain.bind(ANY_PORT);
      foreign.bind(ANY_PORT);
      connect(inside, channels.getLocalAddress());
      connect(inside, plain.getLocalSocketAddress());
      assertThat(network.statistics().ringConnections()).isEqualTo(2);
      AsynchronousSocketChannel client = connect(inside, foreign.getLocalSocketAddress());
      assertThat(client.getRemoteAddress()).isEqualTo(foreign.getLocalSocketAddress());
      assertThat(network.statistics().kernelConnections()).isEqualTo(1);
      assertThat(network.sockets())
          .anyMatch(
              row -> row.remoteAddress().equals(Optional.of(foreign.getLocalSocketAddress())));
    }
  }

  @Test
  void anAddressOfModeKernelIsTheKernels() throws Exception {
    RingNetworkConfig config =
        RingNetworkConfig.builder()
            .mode(Mode.RING)
            .routes(Routes.parse("tcp:127.0.0.1:*=kernel"))
            .build();
    try (RingNetwork routed = RingNetwork.open(config);
        AsynchronousServerSocketChannel server =
            routed.asynchronousProvider().openAsynchronousServerSocketChannel(null).bind(ANY_PORT);
        AsynchronousSocketChannel client =
            routed.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      Future<AsynchronousSocketChannel> accept = server.accept();
      get(client.connect(server.getLocalAddress()));
      try (AsynchronousSocketChannel accepted = get(accept)) {
        exchange(client, accepted);
      }
      assertThat(routed.statistics().ringConnections()).isZero();
      assertThat(routed.statistics().kernelConnections()).isEqualTo(1);
    }
  }

  @Test
  void aBoundClientKeepsItsNameOnBothWays() throws Exception {
    AsynchronousServerSocketChannel server = listen(null);
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(ANY_PORT);
      for (SocketAddress remote :
          List.of(server.getLocalAddress(), foreign.getLocalSocketAddress())) {
        AsynchronousSocketChannel client = open(inside).bind(ANY_PORT);
        SocketAddress bound = client.getLocalAddress();
        try (SocketChannel other = SocketChannel.open()) {
          assertThatExceptionOfType(BindException.class)
              .as("taken in the kernel")
              .isThrownBy(() -> other.bind(bound));
        }
        get(client.connect(remote));
        assertThat(client.getLocalAddress()).isEqualTo(bound);
      }
    }
    assertThat(network.statistics().ringConnections()).isEqualTo(1);
    assertThat(network.statistics().kernelConnections()).isEqualTo(1);
  }

  // -- connects that do not succeed at once

  private SocketAddress refusing() throws IOException {
    try (ServerSocket closed = new ServerSocket()) {
      closed.bind(ANY_PORT);
      return closed.getLocalSocketAddress();
    }
  }

  @Test
  void aConnectThatTheKernelRefusesClosesTheChannel() throws Exception {
    AsynchronousSocketChannel client = open(inside).bind(ANY_PORT);
    SocketAddress bound = client.getLocalAddress();
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    client.connect(
        refusing(),
        null,
        new CompletionHandler<Void, Object>() {
          @Override
          public void completed(Void result, Object attachment) {
            told.complete(null);
          }

          @Override
          public void failed(Throwable failure, Object attachment) {
            told.complete(client.isOpen() ? new AssertionError("open") : failure);
          }
        });
    assertThat(get(told)).isInstanceOf(ConnectException.class).hasMessage("Connection refused");
    assertThat(client.isOpen()).isFalse();
    assertThat(network.statistics().openChannels()).isZero();
    open(inside).bind(bound); // its name is free
  }

  private List<SocketChannel> fill(ServerSocket full) throws IOException {
    full.bind(ANY_PORT, BACKLOG);
    List<SocketChannel> filling = new ArrayList<>();
    for (int i = 0; i < MORE_THAN_FITS; i++) {
      SocketChannel client = track(SocketChannel.open());
      filling.add(client);
      client.configureBlocking(false);
      client.connect(full.getLocalSocketAddress());
    }
    return filling;
  }

  @Test
  void aConnectThatIsPendingInTheKernelCanBeCancelledAndClosed() throws Exception {
    try (ServerSocket full = new ServerSocket()) {
      fill(full);
      AsynchronousSocketChannel cancelled = open(inside);
      Future<Void> connect = cancelled.connect(full.getLocalSocketAddress());
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> connect.get(20, TimeUnit.MILLISECONDS));
      assertThat(connect.isDone()).isFalse();
      assertThatExceptionOfType(ConnectionPendingException.class)
          .isThrownBy(() -> cancelled.connect(full.getLocalSocketAddress()));
      assertThat(connect.cancel(true)).isTrue();
      assertThat(connect.isCancelled()).isTrue();
      assertThat(cancelled.isOpen()).isFalse();
      AsynchronousSocketChannel closed = open(inside);
      Future<Void> pending = closed.connect(full.getLocalSocketAddress());
      closed.close();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> get(pending))
          .withCauseInstanceOf(AsynchronousCloseException.class);
      AsynchronousSocketChannel told = open(inside);
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      told.connect(
          full.getLocalSocketAddress(),
          null,
          new CompletionHandler<Void, Object>() {
            @Override
            public void completed(Void result, Object attachment) {
              failure.complete(null);
            }

            @Override
            public void failed(Throwable cause, Object attachment) {
              failure.complete(cause);
            }
          });
      told.close();
      assertThat(get(failure)).isInstanceOf(AsynchronousCloseException.class);
      assertThat(network.statistics().openChannels()).isZero();
    }
  }

  @Test
  void aCancelThatClosesAChannelInTheKernelLeavesNothingOpen() throws Exception {
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(ANY_PORT);
      AsynchronousSocketChannel reading = connect(inside, foreign.getLocalSocketAddress());
      assertThat(reading.read(ByteBuffer.allocate(1)).cancel(true)).isTrue();
      AsynchronousSocketChannel writing = connect(inside, foreign.getLocalSocketAddress());
      Future<Integer> write;
      do { // until the kernel takes no more
        write = writing.write(ByteBuffer.allocateDirect(1 << 20));
      } while (!write.cancel(true));

      assertThat(reading.isOpen()).isFalse();
      assertThat(writing.isOpen()).isFalse();
      assertThat(network.statistics().openChannels()).isZero();
    }
  }

  @Test
  void aPendingConnectIsDoneWhenTheServerAccepts() throws Exception {
    try (ServerSocket full = new ServerSocket()) {
      fill(full);
      AsynchronousSocketChannel client = open(inside);
      Future<Void> connect = client.connect(full.getLocalSocketAddress());
      Thread accepting =
          new Thread(
              () -> {
                try {
                  while (true) {
                    full.accept().close();
                  }
                } catch (IOException e) {
                  return; // closed
                }
              });
      accepting.start();
      connect.get(30, TimeUnit.SECONDS); // the kernel asks again after a second or three
      assertThat(client.getRemoteAddress()).isEqualTo(full.getLocalSocketAddress());
      assertThat(network.statistics().kernelConnections()).isEqualTo(1);
    }
  }

  // -- groups

  @Test
  void aGroupEndsWithItsLastChannelOfEitherWay() throws Exception {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    AsynchronousChannelGroup group =
        inside.openAsynchronousChannelGroup(
            2,
            body -> {
              Thread made = new Thread(body, "of the group");
              made.setDaemon(true);
              threads.add(made);
              return made;
            });
    AsynchronousServerSocketChannel server = listen(group);
    Future<AsynchronousSocketChannel> accept = server.accept();
    AsynchronousSocketChannel client = connect(outside, server.getLocalAddress());
    AsynchronousSocketChannel accepted = track(get(accept));
    AsynchronousSocketChannel undecided = track(inside.openAsynchronousSocketChannel(group));
    accept = server.accept();
    group.shutdown();
    assertThatExceptionOfType(ShutdownChannelGroupException.class)
        .isThrownBy(() -> inside.openAsynchronousSocketChannel(group));
    Future<AsynchronousSocketChannel> refused = accept;
    connect(outside, server.getLocalAddress());
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> get(refused))
        .withCauseInstanceOf(IOException.class)
        .withRootCauseInstanceOf(ShutdownChannelGroupException.class);
    server.close();
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(ANY_PORT);
      get(undecided.connect(foreign.getLocalSocketAddress())); // may still go on
    }
    exchange(client, accepted);
    accepted.close();
    assertThat(group.isTerminated()).isFalse();
    undecided.close();
    assertThat(group.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(group.isTerminated()).isTrue();
    for (Thread each : threads) {
      each.join(10_000);
      assertThat(each.isAlive()).isFalse();
    }
  }

  @Test
  void shutdownNowClosesChannelsOfBothWays() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    AsynchronousChannelGroup group = inside.openAsynchronousChannelGroup(executor, -1);
    AsynchronousServerSocketChannel server = listen(group);
    Future<AsynchronousSocketChannel> accept = server.accept();
    AsynchronousSocketChannel client = connect(outside, server.getLocalAddress());
    AsynchronousSocketChannel accepted = track(get(accept));
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(ANY_PORT);
      AsynchronousSocketChannel connected = track(inside.openAsynchronousSocketChannel(group));
      get(connected.connect(foreign.getLocalSocketAddress()));
      Future<Integer> read = accepted.read(ByteBuffer.allocate(1));
      group.shutdownNow();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> get(read))
          .withCauseInstanceOf(AsynchronousCloseException.class);
      assertThat(connected.isOpen()).isFalse();
      assertThatExceptionOfType(ClosedChannelException.class)
          .isThrownBy(connected::getLocalAddress);
      assertThat(network.statistics().openChannels()).isZero();
    }
    assertThat(get(client.read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    assertThat(group.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(executor.isTerminated()).isTrue();
  }

  @Test
  void theThreadsOfTheDefaultGroupEndWithTheNetwork() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (RingNetwork other =
            RingNetwork.open(RingNetworkConfig.builder().mode(Mode.HYBRID).build());
        ServerSocket foreign = new ServerSocket();
        AsynchronousSocketChannel client =
            other.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      foreign.bind(ANY_PORT);
      get(client.connect(foreign.getLocalSocketAddress()));
      assertThat(ofDefaultGroup(before)).isNotEmpty();
    }
    await().atMost(10, TimeUnit.SECONDS).until(() -> ofDefaultGroup(before).isEmpty());
  }

  private static List<Thread> ofDefaultGroup(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .filter(thread -> thread.getName().startsWith("nioring-asynchronous"))
        .toList();
  }

  @Test
  void handlersOfKernelChannelsRunOnTheGroupsThreadsAndReachRingsDirectly() throws Exception {
    ThreadLocal<Boolean> inHandler = ThreadLocal.withInitial(() -> false);
    AsynchronousChannelGroup group =
        inside.openAsynchronousChannelGroup(
            1,
            body -> {
              Thread made = new Thread(body, "of the group");
              made.setDaemon(true);
              return made;
            });
    AsynchronousServerSocketChannel server = listen(group);
    Future<AsynchronousSocketChannel> accept = server.accept();
    AsynchronousSocketChannel ring = track(inside.openAsynchronousSocketChannel(group));
    get(ring.connect(server.getLocalAddress()));
    track(get(accept));
    accept = server.accept();
    AsynchronousSocketChannel client = connect(outside, server.getLocalAddress());
    AsynchronousSocketChannel kernel = track(get(accept));
    CompletableFuture<String> told = new CompletableFuture<>();
    kernel.read(
        ByteBuffer.allocate(1),
        null,
        new CompletionHandler<Integer, Object>() {
          @Override
          public void completed(Integer result, Object attachment) {
            inHandler.set(true);
            ring.write(ByteBuffer.allocate(1), null, nested());
            inHandler.set(false);
          }

          private CompletionHandler<Integer, Object> nested() {
            return new CompletionHandler<>() {
              @Override
              public void completed(Integer result, Object attachment) {
                told.complete(
                    Thread.currentThread().getName() + (inHandler.get() ? ", nested" : ""));
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                told.completeExceptionally(failure);
              }
            };
          }

          @Override
          public void failed(Throwable failure, Object attachment) {
            told.completeExceptionally(failure);
          }
        });
    get(client.write(ByteBuffer.allocate(1)));
    assertThat(get(told)).isEqualTo("of the group, nested");
    group.shutdownNow();
  }
}
