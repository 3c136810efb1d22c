package io.nioring.internal.channel;

import static java.nio.channels.SelectionKey.OP_READ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TestNetworks;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.select.RingSelector;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.MessageTransfer;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.socket.ByteSource;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChannelRegistryTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
  private static final int SHORT_MILLIS = 10;
  private static final int HOUR_MILLIS = 3_600_000;

  private final String threadName = "registry-test-" + NAMES.incrementAndGet();
  private final MemoryPool memory = new MemoryPool(false);
  private TrafficCounters counters = new TrafficCounters();
  private ChannelRegistry registry;
  private NetworkResources network;

  private void open(int idleMillis) {
    registry = new ChannelRegistry(memory, idleMillis, threadName);
    network = TestNetworks.of(memory, PlatformProvider.lazy(), registry, counters, Mode.RING);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    registry.close();
    assertThat(registry.size()).isZero();
    eventually(() -> assertThat(memory.bytesInUse()).isZero());
    eventually(() -> assertThat(isKeeping()).isFalse());
  }

  private boolean isKeeping() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(threadName));
  }

  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(WAIT).pollInterval(Duration.ofMillis(5)).untilAsserted(assertion);
  }

  /** Waits for what the garbage collector brings about. */
  private static void eventuallyCollected(ThrowingRunnable assertion) {
    eventually(
        () -> {
          System.gc();
          assertion.run();
        });
  }

  private RingServerSocketChannel listen() throws IOException {
    var server = new RingServerSocketChannel(network, AddressFamily.INET);
    server.bind(ADDRESS);
    return server;
  }

  private RingSocketChannel connect() throws IOException {
    var client = new RingSocketChannel(network, AddressFamily.INET);
    client.connect(ADDRESS);
    return client;
  }

  /** A connected pair; its listener is closed already. */
  private record Pair(SocketChannel client, SocketChannel server) {}

  private Pair pair() throws IOException {
    try (RingServerSocketChannel listener = listen()) {
      RingSocketChannel client = connect();
      return new Pair(client, listener.accept());
    }
  }

  private static FutureTask<Integer> start(Callable<Integer> body) {
    FutureTask<Integer> task = new FutureTask<>(body);
    startThread(task);
    return task;
  }

  private static Thread startThread(Runnable body) {
    Thread thread = new Thread(body, "registry-test-background");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void awaitBlocked(Thread thread) {
    await()
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  // -- channels that were dropped

  private SocketChannel dropServerWithUnreadBytes() throws IOException {
    Pair pair = pair();
    pair.client().write(bytes(100_000));
    return pair.client();
  }

  @Test
  void pairsThatWereDroppedGiveTheirMemoryBack() throws IOException {
    open(HOUR_MILLIS);
    for (int i = 0; i < 20; i++) {
      dropServerWithUnreadBytes();
      RingPipe.open(network).sink().write(bytes(1_000));
    }

    eventuallyCollected(
        () -> {
          assertThat(registry.size()).isZero();
          assertThat(memory.bytesInUse()).isZero();
        });
  }

  /** As on the platform: clients that know the name still connect. */
  @Test
  void droppedListenerContinuesToListen() throws IOException {
    open(SHORT_MILLIS);
    RingSocketChannel queued = dropListenerWithAConnection();

    awaitHousekeeping(2);
    queued.configureBlocking(false);
    assertThat(queued.read(bytes(1))).isZero();
    queued.close();
  }

  /**
   * Waits until the housekeeping has done all that is due for a channel that is not counted any
   * more: it takes one after the other, so it has when the next one is gone too.
   */
  private void awaitHousekeeping(int channels) {
    dropUnconnectedClient();
    eventuallyCollected(() -> assertThat(registry.size()).isEqualTo(channels));
  }

  private void dropUnconnectedClient() {
    int before = registry.size();
    var dropped = new RingSocketChannel(network, AddressFamily.INET);
    assertThat(registry.size()).isEqualTo(before + 1);
    assertThat(dropped.isOpen()).isTrue();
  }

  private RingSocketChannel dropListenerWithAConnection() throws IOException {
    listen();
    assertThatThrownBy(this::listen).isInstanceOf(BindException.class);
    return connect();
  }

  @Test
  void clientDroppedWhileItsConnectIsPendingLeavesTheQueue() throws IOException {
    open(SHORT_MILLIS);
    var server = new RingServerSocketChannel(network, AddressFamily.INET);
    server.bind(ADDRESS, 1);
    server.configureBlocking(false);
    RingSocketChannel one = connect();
    RingSocketChannel two = connect();
    dropPendingClient();

    eventuallyCollected(() -> assertThat(registry.size()).isEqualTo(3));
    awaitHousekeeping(3);
    assertThat(server.accept()).isNotNull();
    assertThat(server.accept()).isNotNull();
    assertThat(server.accept()).isNull();
    one.close();
    two.close();
  }

  private void dropPendingClient() throws IOException {
    var client = new RingSocketChannel(network, AddressFamily.INET);
    client.configureBlocking(false);
    assertThat(client.connect(ADDRESS)).isFalse();
    assertThat(client.finishConnect()).isFalse();
  }

  @Test
  void channelThatOnlyASelectorKnowsIsNotDropped() throws IOException {
    open(SHORT_MILLIS);
    try (RingSelector selector =
        new RingSelector(null, network.platform(), new SpinPolicy(0), Clock.SYSTEM)) {
      SocketChannel left = keepClientInSelector(selector);
      for (int i = 0; i < 5; i++) {
        System.gc();
      }
      left.write(bytes(3));
      assertThat(selector.select(WAIT.toMillis())).isEqualTo(1);
      assertThat(registry.size()).isEqualTo(2);
    }
  }

  private SocketChannel keepClientInSelector(RingSelector selector) throws IOException {
    Pair pair = pair();
    pair.client().configureBlocking(false);
    pair.client().register(selector, OP_READ);
    return pair.server();
  }

  // -- idle memory

  @Test
  void idleConnectionsGiveTheirMemoryBackAndContinue() throws IOException {
    open(SHORT_MILLIS);
    Pair pair = pair();
    for (int round = 0; round < 3; round++) {
      pair.client().write(bytes(100));
      pair.server().write(bytes(100_000));
      assertThat(pair.server().read(bytes(200))).isEqualTo(100);
      int read = 0;
      while (read < 100_000) {
        read += pair.client().read(bytes(100_000));
      }
      eventually(() -> assertThat(memory.bytesInUse()).isZero());
    }
    assertThat(registry.size()).isEqualTo(2);
    pair.client().close();
    pair.server().close();
  }

  @Test
  void idleMemoryComesBackAlsoWhileAReaderIsBlocked() throws Exception {
    open(SHORT_MILLIS);
    Pair pair = pair();
    FutureTask<Integer> reading = start(() -> readBytes(pair.server(), 2));
    pair.client().write(bytes(1));

    eventually(() -> assertThat(memory.bytesInUse()).isZero());
    assertThat(reading.isDone()).isFalse();
    pair.client().write(bytes(1));
    assertThat(reading.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2);
    pair.client().close();
    pair.server().close();
  }

  private static int readBytes(SocketChannel channel, int count) throws IOException {
    ByteBuffer dst = bytes(count);
    while (dst.hasRemaining() && channel.read(dst) >= 0) {}
    return dst.position();
  }

  @Test
  void memoryOfUnreadBytesStays() throws Exception {
    open(1);
    Pair pair = pair();
    pair.client().write(bytes(5));
    Pair other = pair();
    for (int looks = 0; looks < 19; looks++) { // the other pair shows that the housekeeping goes on
      other.client().write(bytes(1));
      other.server().read(bytes(1));
      eventually(() -> assertThat(memory.bytesInUse()).isEqualTo(512));
    }
    assertThat(readBytes(pair.server(), 5)).isEqualTo(5);
    for (SocketChannel each :
        List.of(pair.client(), pair.server(), other.client(), other.server())) {
      each.close();
    }
  }

  /** Also while a byte now and then keeps them from being idle. */
  @Test
  void ringsThatWereReadEmptyKeepLittle() throws Exception {
    open(HOUR_MILLIS);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Pair pair = pair();
      pair.client().configureBlocking(false);
      int count = pair.client().write(ByteBuffer.allocate(1 << 20));
      assertThat(readBytes(pair.server(), count)).isEqualTo(count);
      pairs.add(pair);
    }
    assertThat(memory.bytesInUse()).isLessThanOrEqualTo(20 * 8 * 1024);
    for (Pair pair : pairs) {
      pair.client().write(bytes(1));
      readBytes(pair.server(), 1);
    }
    assertThat(memory.bytesInUse()).isLessThanOrEqualTo(20 * 8 * 1024);
    for (Pair pair : pairs) {
      pair.client().close();
      pair.server().close();
    }
  }

  /** A reader that waits again and again, for less than the time, keeps no memory by that. */
  @Test
  void readerThatWaitsWithATimeoutKeepsNoMemory() throws Exception {
    open(50);
    Pair pair = pair();
    pair.client().write(bytes(100));
    Thread reader =
        startThread(
            new FutureTask<>(
                () -> {
                  pair.server().socket().setSoTimeout(10);
                  InputStream in = pair.server().socket().getInputStream();
                  int last = 0;
                  while (last >= 0) {
                    try {
                      last = in.read();
                    } catch (SocketTimeoutException e) {
                      // again
                    }
                  }
                  return null;
                }));
    eventually(() -> assertThat(memory.bytesInUse()).isZero());
    pair.client().close();
    reader.join(WAIT.toMillis());
    pair.server().close();
  }

  /** A thread may wake up for nothing; the ring was not idle for longer by that. */
  @Test
  void readerThatWakesForNothingKeepsItsMemory() throws Exception {
    open(HOUR_MILLIS);
    Pair pair = pair();
    FutureTask<Integer> task = new FutureTask<>(() -> readBytes(pair.server(), 2));
    Thread reader = startThread(task);
    pair.client().write(bytes(1));
    eventually(
        () ->
            assertThat(((RingSocketChannel) pair.server()).ringSocket().endpoint().available())
                .isZero());
    for (int i = 0; i < 100; i++) {
      awaitBlocked(reader);
      LockSupport.unpark(reader);
    }
    awaitBlocked(reader);

    assertThat(memory.bytesInUse()).isEqualTo(512);
    pair.client().write(bytes(1));
    assertThat(task.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2);
    pair.client().close();
    pair.server().close();
  }

  // -- the housekeeping thread

  @Test
  void housekeepingThreadRunsWhileThereAreChannels() throws IOException {
    open(SHORT_MILLIS);
    assertThat(isKeeping()).isFalse();
    for (int round = 0; round < 2; round++) {
      Pair pair = pair();
      assertThat(isKeeping()).isTrue();
      pair.client().close();
      pair.server().close();
      eventually(() -> assertThat(isKeeping()).isFalse());
    }
  }

  @Test
  void closeEndsTheHousekeepingAlsoWhenItWouldLookAgainInAnHour() throws IOException {
    open(HOUR_MILLIS);
    pair();
    assertThat(isKeeping()).isTrue();
    registry.close();
    eventually(() -> assertThat(isKeeping()).isFalse());
  }

  @Test
  void thereIsOneHousekeepingThreadHoweverManyThreadsOpenChannels() throws Exception {
    open(1);
    List<FutureTask<Integer>> tasks = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    for (int i = 0; i < 3; i++) {
      tasks.add(start(() -> openAndClose(over)));
    }
    for (int i = 0; i < 200; i++) {
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().equals(threadName)))
          .hasSizeLessThanOrEqualTo(1);
    }
    over.set(true);
    for (FutureTask<Integer> task : tasks) {
      assertThat(task.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }
  }

  private int openAndClose(AtomicBoolean over) throws IOException {
    int count = 0;
    while (!over.get()) {
      new RingSocketChannel(network, AddressFamily.INET).close();
      count++;
    }
    return count;
  }

  // -- close

  @Test
  void closeClosesEveryKindOfChannel() throws Exception {
    open(HOUR_MILLIS);
    Pair pair = pair();
    ServerSocketChannel server = listen();
    var unconnected = new RingSocketChannel(network, AddressFamily.UNIX);
    Pipe pipe = RingPipe.open(network);
    pair.client().write(bytes(100));
    pipe.sink().write(bytes(100));
    FutureTask<Integer> reading = start(() -> pair.client().read(bytes(1)));
    FutureTask<Integer> accepting = start(() -> server.accept() == null ? 0 : 1);
    assertThat(registry.size()).isEqualTo(6);

    registry.close();

    List<Channel> all =
        List.of(pair.client(), pair.server(), server, unconnected, pipe.sink(), pipe.source());
    assertThat(all).noneMatch(Channel::isOpen);
    assertThat(registry.size()).isZero();
    for (FutureTask<Integer> blocked : List.of(reading, accepting)) {
      assertThatThrownBy(() -> blocked.get(WAIT.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class); // of its own close, or of its peer's before
    }
  }

  /** Nobody accepts: an accepted end, closed before, would be the end of the reader's stream. */
  @Test
  void blockedReaderIsNotifiedOfTheClose() throws Exception {
    open(HOUR_MILLIS);
    RingServerSocketChannel server = listen();
    RingSocketChannel client = connect();
    FutureTask<Integer> task = new FutureTask<>(() -> client.read(bytes(1)));
    awaitBlocked(startThread(task));
    assertThat(server.isOpen()).isTrue();
    registry.close();
    assertThatThrownBy(() -> task.get(WAIT.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(AsynchronousCloseException.class);
  }

  @Test
  void closedRegistryTakesNoChannels() throws IOException {
    open(HOUR_MILLIS);
    registry.close();
    registry.close();
    assertThatThrownBy(() -> new RingSocketChannel(network, AddressFamily.INET))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the network is closed");
    assertThatThrownBy(() -> new RingServerSocketChannel(network, AddressFamily.INET))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> RingPipe.open(network)).isInstanceOf(IllegalStateException.class);
    assertThat(registry.size()).isZero();
    assertThat(isKeeping()).isFalse();
  }

  /**
   * The registry closes between the moment that a connection leaves the backlog and the moment that
   * its channel is made.
   */
  @Test
  void connectionThatWasTakenWhenTheRegistryClosedIsClosed() throws IOException {
    open(HOUR_MILLIS);
    Endpoint client = new Endpoint();
    Endpoint taken = new Endpoint();
    new Wire(memory, 1_000, Clock.SYSTEM).connect(client, ADDRESS, taken, ADDRESS);
    AtomicBoolean rightClosed = new AtomicBoolean();
    Right right = new DescriptorRight(1_000_000, () -> rightClosed.set(true));
    MessageTransfer.send(
        client, new OutgoingMessage(ByteSource.of(bytes(10)), List.of(right), null));
    client.close(false);
    registry.close();

    assertThatThrownBy(() -> RingSocketChannel.accepted(network, AddressFamily.INET, taken, null))
        .isInstanceOf(IllegalStateException.class);
    assertThat(taken.isClosed()).isTrue();
    assertThat(rightClosed).as("what was in flight to it").isTrue();
  }

  @Test
  void acceptThatTheNetworksCloseOvertakesWasClosedAsynchronously() throws Exception {
    counters = mock(TrafficCounters.class);
    open(1_000);
    doAnswer(
            call -> {
              registry.close();
              return null;
            })
        .when(counters)
        .ringAccepted();
    RingServerSocketChannel server = new RingServerSocketChannel(network, AddressFamily.INET);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    new RingSocketChannel(network, AddressFamily.INET).connect(server.getLocalAddress());

    assertThatThrownBy(server::accept).isInstanceOf(AsynchronousCloseException.class);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void closeContinuesAfterAFailureAndKeepsTheOthersAsSuppressed() throws IOException {
    open(HOUR_MILLIS);
    Channel one = mock();
    Channel two = mock();
    Channel three = mock();
    IOException failureOfOne = new IOException("one");
    IOException failureOfThree = new IOException("three");
    doThrow(failureOfOne).when(one).close();
    doThrow(failureOfThree).when(three).close();
    List<TestEntry> entries =
        List.of(
            new TestEntry(one, registry),
            new TestEntry(two, registry),
            new TestEntry(three, registry));
    entries.forEach(registry::add);

    assertThatThrownBy(registry::close)
        .isSameAs(failureOfThree)
        .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failureOfOne));
    verify(two).close();
    entries.forEach(TestEntry::remove);
  }

  // -- the entries

  @Test
  void entriesAreRemovedFromAnyPlaceOnce() {
    open(HOUR_MILLIS);
    Channel channel = mock();
    for (int first = 0; first < 3; first++) {
      for (int second = 0; second < 3; second++) {
        List<TestEntry> entries = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          TestEntry entry = new TestEntry(channel, registry);
          registry.add(entry);
          entries.add(entry);
        }
        assertThat(entries.get(first).remove()).isTrue();
        assertThat(entries.get(second).remove()).isEqualTo(second != first);
        assertThat(entries.get(first).remove()).isFalse();
        assertThat(registry.size()).isEqualTo(second == first ? 2 : 1);
        entries.forEach(TestEntry::remove);
        assertThat(registry.size()).isZero();
      }
    }
  }

  @Test
  void bytesReadAreThoseOfOpenAndOfClosedChannels() throws IOException {
    open(HOUR_MILLIS);
    Pair pair = pair();
    pair.client().write(bytes(100));
    assertThat(registry.bytesRead()).isZero();
    pair.server().read(bytes(60));
    assertThat(registry.bytesRead()).isEqualTo(60);
    pair.server().close();
    assertThat(registry.bytesRead()).isEqualTo(60);
    pair.client().close();
    assertThat(registry.bytesRead()).isEqualTo(60);
  }

  /**
   * While channels close: a look between a channel's removal and the addition of what it had read
   * saw these bytes in neither place.
   */
  @Test
  void bytesReadNeverBecomeLess() throws Exception {
    open(HOUR_MILLIS);
    AtomicBoolean done = new AtomicBoolean();
    FutureTask<Integer> looking =
        start(
            () -> {
              int drops = 0;
              long seen = 0;
              while (!done.get()) {
                long now = registry.bytesRead();
                drops += now < seen ? 1 : 0;
                seen = now;
              }
              return drops;
            });
    for (int i = 0; i < 5_000; i++) {
      Pair pair = pair();
      pair.client().write(bytes(100));
      pair.server().read(bytes(100));
      pair.server().close();
      pair.client().close();
    }
    done.set(true);

    assertThat(looking.get(WAIT.toSeconds(), TimeUnit.SECONDS)).isZero();
    assertThat(registry.bytesRead()).isEqualTo(500_000);
  }

  /** An entry of a channel that holds nothing. */
  private static final class TestEntry extends ChannelRegistry.Entry {
    TestEntry(Channel channel, ChannelRegistry registry) {
      super(channel, registry);
    }

    @Override
    public void closeAbandoned() {
      remove();
    }

    @Override
    public Endpoint endpoint() {
      return null;
    }
  }
}
