package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Virtual time passes exactly when nobody can act: each test has an interleaving in which it would
 * stand for ever, or pass too early.
 */
@Timeout(180)
@SuppressWarnings({"CanonicalDuration", "FutureReturnValueIgnored"}) // what others do meanwhile
class VirtualTimeTest {
  private static final int PORT = 80;
  private static final int RUNS = 20;
  private static final String IN_THIS_TEST = VirtualTimeTest.class.getName();
  private static final Duration MINUTE = ofSeconds(60);

  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).build());
  private final RingHost client = sim.host("client");
  private final RingHost server = sim.host("server");
  private SimPair pair;

  @BeforeEach
  void connect() throws IOException {
    pair = SimPair.connectBlocking(sim, client, server, PORT);
    sim.link(client, server).latency(MINUTE);
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
    sim.close();
  }

  /** Runs something as a part of a host on a thread that counts from now on. */
  private static <T> Future<T> on(RingHost host, Callable<T> body) {
    return host.executor().submit(body);
  }

  private static <T> T result(Future<T> of) throws Exception {
    return of.get(25, TimeUnit.SECONDS);
  }

  private static int read(SocketChannel from, int most) throws IOException {
    return from.read(ByteBuffer.allocate(most));
  }

  private static void write(SocketChannel to, int count) throws IOException {
    to.write(ByteBuffer.allocate(count));
  }

  /** A limit of centuries is none, as programs that want none say it. */
  @Test
  void noTimeIsPassedForALimitThatIsNone() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            server.asynchronousProvider().openAsynchronousServerSocketChannel(null);
        AsynchronousSocketChannel channel =
            client.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      listener.bind(new InetSocketAddress(server.address(), PORT + 1));
      CompletableFuture<Integer> read = new CompletableFuture<>();
      on(
              client,
              () -> {
                channel.connect(listener.getLocalAddress()).get();
                channel.read(
                    ByteBuffer.allocate(1),
                    Long.MAX_VALUE,
                    TimeUnit.DAYS,
                    null,
                    new CompletionHandler<>() {
                      @Override
                      public void completed(Integer count, Object attachment) {
                        read.complete(count);
                      }

                      @Override
                      public void failed(Throwable failure, Object attachment) {
                        read.completeExceptionally(failure);
                      }
                    });
                return 0;
              })
          .get();
      result(on(server, () -> listener.accept().get())).write(ByteBuffer.allocate(1)).get();
      sim.advance(MINUTE);
      assertThat(result(read)).isEqualTo(1);
      assertThat(sim.elapsed()).isLessThan(MINUTE.multipliedBy(10));
    }
  }

  /** Nobody else can act: the next event is that the connect is given up. */
  @Test
  void aConnectIntoAHoldTimesOutUnlessWhoeverReleasesItCounts() throws Exception {
    RingHost db = sim.host("db");
    try (ServerSocketChannel listener = SimPair.listen(db, PORT)) {
      sim.hold(client, db);
      assertThatThrownBy(() -> result(on(client, () -> client.connect(db, PORT))))
          .hasRootCauseMessage("Connection timed out");
      assertThat(sim.elapsed()).isEqualTo(sim.config().connectTimeout());
      SocketChannel connected =
          client.call(
              () -> {
                Future<SocketChannel> connecting = on(client, () -> client.connect(db, PORT));
                sim.release(client, db);
                return result(connecting);
              });
      assertThat(connected.getRemoteAddress()).isEqualTo(listener.getLocalAddress());
      assertThat(sim.elapsed()).isEqualTo(sim.config().connectTimeout());
    }
  }

  // -- the scheduler

  /**
   * The reader holds the read lock, waits, and lets time pass; the event is a task that reads the
   * same channel. If the reader ran it, it would wait for itself.
   */
  @RepeatedTest(RUNS)
  void aTaskOfTheSchedulerReadsTheChannelWhoseReadLetsTimePass() throws Exception {
    write(pair.server(), 2);
    var second = sim.scheduler().schedule(() -> read(pair.client(), 1), 30, TimeUnit.SECONDS);
    var third = sim.scheduler().schedule(sim::elapsed, 40, TimeUnit.SECONDS); // behind the second
    Future<Integer> first = on(client, () -> read(pair.client(), 1));
    assertThat(result(first) + result(second)).isEqualTo(2);
    assertThat(result(third)).isEqualTo(MINUTE);
    assertThat(sim.elapsed()).isEqualTo(MINUTE);
  }

  /** Two tasks are due while the first one waits: the second cannot act, and holds nothing up. */
  @RepeatedTest(RUNS)
  void aTaskThatIsDueBehindOneThatWaitsHoldsNothingUp() throws Exception {
    write(pair.server(), 1);
    var waiting = sim.scheduler().schedule(() -> read(pair.client(), 1), 1, TimeUnit.SECONDS);
    var behind = sim.scheduler().schedule(sim::elapsed, 2, TimeUnit.SECONDS);
    sim.advance(MINUTE.multipliedBy(2));
    assertThat(result(waiting)).isOne();
    assertThat(result(behind)).isEqualTo(MINUTE);
  }

  /** Each is waited for, although all together take longer than one that is stuck is waited for. */
  @Test
  void anAdvanceWaitsForEachTask() throws Exception {
    List<Future<Duration>> tasks = new ArrayList<>();
    for (int second = 1; second <= 15; second++) {
      tasks.add(
          sim.scheduler()
              .schedule(
                  () -> sleep(ofMillis(100)) ? sim.elapsed() : null, second, TimeUnit.SECONDS));
    }
    sim.advance(MINUTE);
    for (int second = 1; second <= 15; second++) {
      assertThat(result(tasks.get(second - 1))).isEqualTo(ofSeconds(second));
    }
  }

  /** A thread that waits for what the simulation does not know holds an advance up only once. */
  @Test
  void anAdvanceWaitsForAStuckThreadOnce() throws Exception {
    CountDownLatch unknown = new CountDownLatch(1);
    Future<Object> stuck =
        on(
            client,
            () -> {
              unknown.await();
              return null;
            });
    Future<?> beats = sim.scheduler().scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.SECONDS);
    sim.advance(MINUTE.multipliedBy(5));
    assertThat(sim.elapsed()).isEqualTo(MINUTE.multipliedBy(5));
    beats.cancel(false);
    unknown.countDown();
    result(stuck);
  }

  @Test
  void aTaskBelongsToTheHostThatScheduledIt() throws Exception {
    var opened =
        client.call(
            () ->
                sim.scheduler()
                    .schedule(
                        () -> sim.network().provider().openSocketChannel(), 1, TimeUnit.SECONDS));
    sim.advance(ofSeconds(1));
    try (SocketChannel channel = result(opened)) {
      assertThat(client.openChannels()).anyMatch(each -> each.channel() == channel);
    }
  }

  /** With the system's time a task must not stop the events that it waits for. */
  @Test
  void aTaskMayWaitWithTheSystemsTimeToo() throws Exception {
    try (Simulation real = Simulation.open()) {
      RingHost a = real.host("a");
      RingHost b = real.host("b");
      try (SimPair ends = SimPair.connectBlocking(real, a, b, PORT)) {
        real.link(a, b).latency(ofMillis(5));
        var task =
            real.scheduler().schedule(() -> read(ends.client(), 1), 1, TimeUnit.MILLISECONDS);
        write(ends.server(), 1);
        assertThat(result(task)).isOne();
      }
    }
  }

  // -- locks

  /** The second reader queues for the read lock, whose holder waits for time to pass. */
  @RepeatedTest(RUNS)
  void whoQueuesBehindAReaderWaitsToo() throws Exception {
    List<Future<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(on(client, () -> read(pair.client(), 1)));
    }
    on(server, () -> pair.server().write(ByteBuffer.allocate(3)));
    for (Future<Integer> each : readers) {
      assertThat(result(each)).isOne();
    }
    assertThat(sim.elapsed()).isEqualTo(MINUTE);
  }

  /** A minute for each bound's worth of bytes: writers wait for room, one inside, one in front. */
  @RepeatedTest(RUNS)
  void whoQueuesBehindAWriterWaitsToo() throws Exception {
    int many = 1 << 20;
    List<Future<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      writers.add(on(server, () -> pair.server().write(ByteBuffer.allocate(many))));
    }
    Future<Integer> reader =
        on(
            client,
            () -> {
              int sum = 0;
              while (sum < 2 * many) {
                sum += read(pair.client(), many);
              }
              return sum;
            });
    assertThat(result(reader)).isEqualTo(2 * many);
    for (Future<Integer> each : writers) {
      assertThat(result(each)).isEqualTo(many);
    }
  }

  @RepeatedTest(RUNS)
  void whoQueuesBehindAnAcceptWaitsToo() throws Exception {
    try (ServerSocketChannel listener = SimPair.listen(server, PORT + 1)) {
      List<Future<SocketChannel>> accepts = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        accepts.add(on(server, listener::accept));
      }
      for (int i = 0; i < 2; i++) {
        Future<Boolean> connect =
            on(
                client,
                () -> {
                  try (SocketChannel channel = client.provider().openSocketChannel()) {
                    return channel.connect(listener.getLocalAddress());
                  }
                });
        assertThat(result(connect)).isTrue();
      }
      for (Future<SocketChannel> each : accepts) {
        result(each).close();
      }
    }
  }

  /** A connect holds both locks; a read of the same channel queues until it is done, then reads. */
  @RepeatedTest(RUNS)
  void whoReadsWhileTheChannelConnectsWaitsToo() throws Exception {
    try (ServerSocketChannel listener = SimPair.listen(server, PORT + 1);
        SocketChannel channel = client.provider().openSocketChannel()) {
      Future<SocketChannel> accepted =
          on(
              server,
              () -> {
                SocketChannel end = listener.accept();
                write(end, 1);
                return end;
              });
      on(client, () -> channel.connect(listener.getLocalAddress()));
      Future<Integer> reader =
          on(
              client,
              () -> {
                while (!channel.isConnectionPending() && !channel.isConnected()) {
                  Thread.onSpinWait();
                }
                return read(channel, 1);
              });
      assertThat(result(reader)).isOne();
      result(accepted).close();
      assertThat(sim.elapsed()).isEqualTo(MINUTE.multipliedBy(4));
    }
  }

  /** An interrupt does not end the wait for a lock, nor make time stand. */
  @RepeatedTest(RUNS)
  void anInterruptedThreadThatQueuesHoldsNothingUp() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Thread> queued = new AtomicReference<>();
    Future<Integer> writer = on(client, () -> pair.client().write(ByteBuffer.allocate(1 << 20)));
    Future<Throwable> interrupted =
        on(
            client,
            () -> {
              queued.set(Thread.currentThread());
              begun.countDown();
              try {
                while (true) {
                  write(pair.client(), 1);
                }
              } catch (IOException e) {
                return e;
              } finally {
                Thread.interrupted();
              }
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    queued.get().interrupt();
    on(
        server,
        () -> {
          while (read(pair.server(), 1 << 20) > 0) {
            Thread.onSpinWait();
          }
          return null;
        });
    assertThat(result(interrupted)).isInstanceOf(IOException.class);
    try {
      result(writer);
    } catch (ExecutionException e) { // it was inside when the channel was closed
      assertThat(e).hasCauseInstanceOf(ClosedChannelException.class);
    }
  }

  // -- streams of channels

  /** The thread waits on the channel's monitor, not parked. */
  @RepeatedTest(RUNS)
  void streamsOfChannelsWait() throws Exception {
    Future<Integer> echo =
        on(
            server,
            () -> {
              InputStream in = Channels.newInputStream(pair.server());
              OutputStream out = Channels.newOutputStream(pair.server());
              for (int i = 0; i < 5; i++) {
                out.write(in.read());
              }
              return 5;
            });
    Future<Integer> asking =
        on(
            client,
            () -> {
              InputStream in = Channels.newInputStream(pair.client());
              OutputStream out = Channels.newOutputStream(pair.client());
              int sum = 0;
              for (int i = 0; i < 5; i++) {
                out.write(7);
                sum += in.read();
              }
              return sum;
            });
    assertThat(result(asking)).isEqualTo(35);
    assertThat(result(echo)).isEqualTo(5);
    assertThat(sim.elapsed()).isEqualTo(MINUTE.multipliedBy(10));
  }

  /** The second thread is inside the channel's monitor while it queues for the read lock. */
  @RepeatedTest(RUNS)
  void twoStreamsOfOneChannelWait() throws Exception {
    List<Future<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      InputStream in = Channels.newInputStream(pair.client());
      readers.add(on(client, in::read));
    }
    on(
        server,
        () -> {
          Channels.newOutputStream(pair.server()).write(new byte[3]);
          return null;
        });
    for (Future<Integer> each : readers) {
      assertThat(result(each)).isZero();
    }
    assertThat(sim.elapsed()).isEqualTo(MINUTE);
  }

  /** A minute for each bound's worth of bytes, as without streams. */
  @RepeatedTest(RUNS)
  void twoStreamsThatWriteOneChannelWait() throws Exception {
    int many = 1 << 20;
    List<Future<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      OutputStream out = Channels.newOutputStream(pair.server());
      writers.add(
          on(
              server,
              () -> {
                out.write(new byte[many]);
                return many;
              }));
    }
    InputStream in = Channels.newInputStream(pair.client());
    Future<Integer> reader = on(client, () -> in.readNBytes(2 * many).length);
    assertThat(result(reader)).isEqualTo(2 * many);
    for (Future<Integer> each : writers) {
      assertThat(result(each)).isEqualTo(many);
    }
  }

  // -- asynchronous channels

  /** Client and server ends of an asynchronous connection. */
  private record Asynchronous(AsynchronousSocketChannel client, AsynchronousSocketChannel server)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  private Asynchronous connectAsynchronously() throws Exception {
    var provider = sim.network().asynchronousProvider();
    Future<Asynchronous> both =
        on(
            client,
            () -> {
              try (AsynchronousServerSocketChannel listener =
                  server.call(() -> provider.openAsynchronousServerSocketChannel(null))) {
                listener.bind(new InetSocketAddress(server.address(), PORT + 1));
                AsynchronousSocketChannel channel = provider.openAsynchronousSocketChannel(null);
                Future<AsynchronousSocketChannel> accepted = listener.accept();
                channel.connect(listener.getLocalAddress()).get();
                return new Asynchronous(channel, accepted.get());
              }
            });
    return result(both);
  }

  /**
   * The bytes have arrived, the handler's task lies in the executor's queue, and everybody else
   * waits: time must not pass to the next event before the handler has run.
   */
  @RepeatedTest(RUNS)
  void timeStandsUntilAHandlerHasRun() throws Exception {
    try (Asynchronous ends = connectAsynchronously()) {
      Duration begin = sim.elapsed();
      sim.scheduler().schedule(() -> null, 61, TimeUnit.SECONDS);
      CompletableFuture<Duration> at = new CompletableFuture<>();
      AtomicReference<Future<Integer>> late = new AtomicReference<>();
      client.run( // as one that can act
          () -> {
            late.set(on(server, () -> read(pair.server(), 1))); // it lets time pass
            ends.client()
                .read(
                    ByteBuffer.allocate(1),
                    null,
                    new CompletionHandler<Integer, Void>() {
                      @Override
                      public void completed(Integer count, Void nothing) {
                        at.complete(sim.elapsed());
                        try {
                          write(pair.client(), count);
                        } catch (IOException e) {
                          at.completeExceptionally(e);
                        }
                      }

                      @Override
                      public void failed(Throwable failure, Void nothing) {
                        at.completeExceptionally(failure);
                      }
                    });
            ends.server().write(ByteBuffer.allocate(1));
          });
      assertThat(result(at)).isEqualTo(begin.plus(MINUTE));
      assertThat(result(late.get())).isOne();
      assertThat(sim.elapsed()).isEqualTo(begin.plus(MINUTE.multipliedBy(2)));
    }
  }

  /** The timeout is watched by a thread of its own, which must be asked before a later event. */
  @RepeatedTest(RUNS)
  void timeOutsOfAsynchronousOperationsComeAtTheirTime() throws Exception {
    try (Asynchronous ends = connectAsynchronously()) {
      Duration begin = sim.elapsed();
      sim.scheduler().schedule(() -> null, 1, TimeUnit.HOURS);
      CompletableFuture<Duration> at = new CompletableFuture<>();
      Future<Integer> reader =
          on(
              client,
              () -> {
                ends.client()
                    .read(
                        ByteBuffer.allocate(1),
                        5,
                        TimeUnit.SECONDS,
                        null,
                        new CompletionHandler<Integer, Void>() {
                          @Override
                          public void completed(Integer count, Void nothing) {
                            at.completeExceptionally(new AssertionError("read " + count));
                          }

                          @Override
                          public void failed(Throwable failure, Void nothing) {
                            if (failure instanceof InterruptedByTimeoutException) {
                              at.complete(sim.elapsed());
                            } else {
                              at.completeExceptionally(failure);
                            }
                          }
                        });
                return read(pair.client(), 1);
              });
      assertThat(result(at)).isEqualTo(begin.plus(ofSeconds(5)));
      write(pair.server(), 1);
      assertThat(result(reader)).isOne();
    }
  }

  @RepeatedTest(RUNS)
  void futuresOfAsynchronousOperationsAreWaitedFor() throws Exception {
    try (Asynchronous ends = connectAsynchronously()) {
      Duration begin = sim.elapsed();
      Future<Integer> reader = on(client, () -> ends.client().read(ByteBuffer.allocate(1)).get());
      on(server, () -> ends.server().write(ByteBuffer.allocate(1)).get());
      assertThat(result(reader)).isOne();
      assertThat(sim.elapsed()).isEqualTo(begin.plus(MINUTE));
      Future<Integer> inVain =
          on(client, () -> ends.client().read(ByteBuffer.allocate(1)).get(1, TimeUnit.HOURS));
      assertThatThrownBy(() -> result(inVain)).hasCauseInstanceOf(TimeoutException.class);
      assertThat(sim.elapsed()).isEqualTo(begin.plus(MINUTE).plus(Duration.ofHours(1)));
    }
  }

  // -- executors that lose tasks, and who keeps time from passing

  /** Runs nothing from some moment on. */
  private static final class Losing extends AbstractExecutorService {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();

    /** What becomes of a task: it runs, or is lost, or is kept for ever. */
    private volatile String doing = "run";

    @Override
    public void execute(Runnable task) {
      if (doing.equals("run")) {
        threads.execute(task);
      } else if (doing.equals("keep")) {
        kept.add(task);
      }
    }

    @Override
    public void shutdown() {
      threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return threads.awaitTermination(timeout, unit);
    }

    @Override
    public String toString() {
      return "losing executor";
    }
  }

  /** Bytes arrive at a channel whose group's executor does something else than to run the task. */
  private Future<Integer> readBesideAnExecutorThat(String does, Losing executor) throws Exception {
    var provider = sim.network().asynchronousProvider();
    AsynchronousChannelGroup group = provider.openAsynchronousChannelGroup(executor, 0);
    try (AsynchronousServerSocketChannel listener =
        server.call(() -> provider.openAsynchronousServerSocketChannel(null))) {
      listener.bind(new InetSocketAddress(server.address(), PORT + 1));
      Future<AsynchronousSocketChannel> accepted = listener.accept();
      AsynchronousSocketChannel channel =
          client.call(() -> provider.openAsynchronousSocketChannel(group));
      result(on(client, () -> channel.connect(listener.getLocalAddress()).get()));
      executor.doing = does;
      channel.read(ByteBuffer.allocate(1), null, new Nothing());
      result(on(server, () -> accepted.get().write(ByteBuffer.allocate(1)).get()));
      write(pair.server(), 1);
      sim.advance(MINUTE.minusNanos(1)); // what arrives then is handed to the executor
      Callable<Integer> writing = () -> pair.server().write(ByteBuffer.allocate(1));
      sim.scheduler().schedule(writing, 1, TimeUnit.SECONDS);
      return on(client, () -> read(pair.client(), 1) + read(pair.client(), 1));
    }
  }

  /** A hand-over that never runs does not count once nobody can run it. */
  @Test
  void aTaskThatAnExecutorLosesStopsTimeForAMomentOnly() throws Exception {
    Losing executor = new Losing();
    assertThat(result(readBesideAnExecutorThat("lose", executor))).isEqualTo(2);
    executor.shutdown();
  }

  @Test
  void aTaskThatAnExecutorKeepsIsToldInTheReport() throws Exception {
    Losing executor = new Losing();
    Future<Integer> reading = readBesideAnExecutorThat("keep", executor);
    Deadline.await("nobody else can act", () -> sim.report().contains("1 that can act"));
    assertThat(sim.report())
        .contains("a task that has not begun: io.nioring")
        .contains("losing executor");
    assertThat(reading.isDone()).isFalse();
    executor.doing = "run";
    executor.kept.forEach(executor::execute);
    assertThat(result(reading)).isEqualTo(2);
    executor.shutdown();
  }

  @Test
  void anIdleThreadOfAPoolIsToldInTheReport() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(1, server.threadFactory());
    pool.submit(() -> {}).get();
    Deadline.await(
        "it waits",
        () -> sim.report().contains("at " + ThreadPoolExecutor.class.getName() + ".getTask(line "));
    assertThat(sim.report())
        .contains(", in a pool whose threads count: see RingHost.threadFactory");
    pool.shutdown();
  }

  @Test
  void aThreadOfAHostThatWaitsElsewhereIsToldInTheReport() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Future<Boolean> elsewhere = on(server, () -> never.await(20, TimeUnit.SECONDS));
    Future<Integer> reader = on(client, () -> read(pair.client(), 1));
    write(pair.server(), 1);
    Deadline.await("it waits", () -> sim.report().contains("TIMED_WAITING at " + IN_THIS_TEST));
    assertThat(sim.report()).contains("1 that can act").contains("thread \"server-");
    assertThat(reader.isDone()).isFalse();
    never.countDown();
    assertThat(result(elsewhere)).isTrue();
    assertThat(result(reader)).isOne();
  }

  /** A test that waits in a latch for handlers is no wait that time passes for. */
  @Test
  void thatNobodyWaitsForAnEventIsInTheReport() throws Exception {
    String told = " left and nobody waits, so that time stands: ";
    assertThat(sim.report()).doesNotContain(told);
    try (Asynchronous ends = connectAsynchronously()) {
      CompletableFuture<Integer> read = new CompletableFuture<>();
      ends.client()
          .read(
              ByteBuffer.allocate(2),
              null,
              new CompletionHandler<Integer, Void>() {
                @Override
                public void completed(Integer count, Void none) {
                  read.complete(count);
                }

                @Override
                public void failed(Throwable failure, Void none) {
                  read.completeExceptionally(failure);
                }
              });
      ends.server().write(ByteBuffer.allocate(2)).get();
      Deadline.await("nobody acts", () -> sim.report().contains(told));
      assertThat(read.isDone()).isFalse();
      sim.advance(MINUTE);
      assertThat(result(read)).isEqualTo(2);
      assertThat(sim.report()).doesNotContain(told);
    }
  }

  /** Sleeps by the system's time. */
  private static boolean sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration.toMillis());
    return true;
  }

  /** Nothing is due any more, and each waits for the other. */
  private void waitForEachOther(Callable<Void> meanwhile) throws Exception {
    Future<Integer> one = on(client, () -> read(pair.client(), 1));
    Future<Integer> other = on(server, () -> read(pair.server(), 1));
    meanwhile.call();
    write(pair.client(), 1);
    assertThat(result(other)).isOne();
    write(pair.server(), 1);
    assertThat(result(one)).isOne();
  }

  @Test
  void thoseWhoWaitForEverAreInTheReport() throws Exception {
    String title = "\nnobody can act and no event is left, so that these wait for ever:";
    waitForEachOther(
        () -> {
          Deadline.await("both wait", () -> sim.report().contains(title));
          assertThat(sim.report())
              .doesNotContain("can act, so that time stands")
              .contains("\"client-1\"", "\"server-1\"", " at " + IN_THIS_TEST + ".read(line ");
          return null;
        });
    assertThat(sim.report()).doesNotContain(title);
  }

  /**
   * It takes ten seconds until it is told. A thread that acts for some seconds afterwards, with an
   * event before it, has not kept time from passing for all of these.
   */
  @Test
  @Tag("stress")
  void thatNothingWillHappenAnyMoreIsLoggedOnce() throws Exception {
    List<Future<Boolean>> acting = new ArrayList<>();
    try (LoggedMessages log = new LoggedMessages(SimulationTime.class)) {
      waitForEachOther(
          () -> {
            Deadline.await(ofSeconds(20), "it is told", () -> !log.messages().isEmpty());
            acting.add(on(client, () -> sleep(ofSeconds(3))));
            return null;
          });
      assertThat(result(acting.get(0))).isTrue();
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("no event of virtual time is left")
          .contains("\"client-1\"", "\"server-1\"")
          .doesNotContain("ActingThread"); // who reports it is one of them
    }
  }

  /** Another thread lets the time pass that a connect is given. */
  @Test
  void aFailedConnectHasTheFramesOfWhoConnects() throws Exception {
    sim.faults().to(server, PORT + 1).blackHole().install();
    SocketChannel channel = client.provider().openSocketChannel();
    channel.configureBlocking(false);
    channel.connect(new InetSocketAddress(server.address(), PORT + 1));
    sim.advance(ofSeconds(200));
    assertThatThrownBy(channel::finishConnect)
        .hasMessage("Connection timed out")
        .satisfies(
            failure ->
                assertThat(failure.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("finishConnect")));
    channel.close();
  }

  /** It takes ten seconds until it is told. */
  @Test
  @Tag("stress")
  void whoKeepsTimeFromPassingForLongIsLogged() throws Exception {
    try (LoggedMessages log = new LoggedMessages(SimulationTime.class)) {
      CountDownLatch never = new CountDownLatch(1);
      Future<Boolean> elsewhere = on(server, () -> never.await(25, TimeUnit.SECONDS));
      Future<Integer> reader = on(client, () -> read(pair.client(), 1));
      write(pair.server(), 1);
      Deadline.await(ofSeconds(20), "it is told", () -> !log.messages().isEmpty());
      never.countDown();
      assertThat(result(elsewhere)).isTrue();
      assertThat(result(reader)).isOne();
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("virtual time has not passed for PT1")
          .contains("thread \"server-")
          .contains(IN_THIS_TEST);
    }
  }

  // -- threads of no host, and the thread that advances time

  /** Nobody counts, but a wait of a thread that is over holds the next event up. */
  @RepeatedTest(RUNS)
  void aThreadOfNoHostLetsNoMoreTimePassThanItWaitsFor() throws Exception {
    var ticks = sim.scheduler().scheduleAtFixedRate(() -> {}, 7, 7, TimeUnit.SECONDS);
    write(pair.server(), 1);
    assertThat(read(pair.client(), 1)).isOne();
    assertThat(sim.elapsed()).isEqualTo(MINUTE);
    ticks.cancel(false);
  }

  /** A member could not jump for a thread of no host, which then ends without another wait. */
  @RepeatedTest(RUNS)
  void aThreadOfNoHostThatGoesAwayLeavesNobodyWaiting() throws Exception {
    write(pair.server(), 1);
    Future<Integer> member = on(server, () -> read(pair.server(), 1));
    Background<Integer> stranger = Background.run(() -> read(pair.client(), 1));
    assertThat(stranger.result()).isOne();
    on(client, () -> pair.client().write(ByteBuffer.allocate(1)));
    assertThat(result(member)).isOne();
  }

  @RepeatedTest(RUNS)
  void timeIsAdvancedPastATaskThatWaits() throws Exception {
    try (Simulation stepped =
        Simulation.open(
            SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build())) {
      RingHost a = stepped.host("a");
      RingHost b = stepped.host("b");
      try (SimPair ends = SimPair.connectBlocking(stepped, a, b, PORT)) {
        stepped.link(a, b).latency(MINUTE);
        var task = stepped.scheduler().schedule(() -> read(ends.client(), 1), 1, TimeUnit.SECONDS);
        write(ends.server(), 1);
        stepped.advance(MINUTE);
        assertThat(result(task)).isOne();
        assertThat(stepped.elapsed()).isEqualTo(MINUTE);
      }
    }
  }

  // -- limits, selectors, hand-overs

  /** The best of some tries, since others use the machine too. */
  @Test
  void halfAnHourTakesLessThanASecond() throws Exception {
    Duration least = ofSeconds(100);
    for (int i = 0; i < 5 && least.compareTo(ofSeconds(1)) >= 0; i++) {
      Duration virtual = sim.elapsed();
      long begin = System.nanoTime();
      on(server, () -> exchange(pair.server(), 30));
      assertThat(result(on(client, () -> exchange(pair.client(), 30)))).isEqualTo(30);
      least = min(least, Duration.ofNanos(System.nanoTime() - begin));
      assertThat(sim.elapsed().minus(virtual)).isGreaterThanOrEqualTo(MINUTE.multipliedBy(30));
    }
    assertThat(least).isLessThan(ofSeconds(1));
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Sends a byte and receives one, again and again. */
  private static int exchange(SocketChannel channel, int times) throws IOException {
    int sum = 0;
    for (int i = 0; i < times; i++) {
      write(channel, 1);
      sum += read(channel, 1);
    }
    return sum;
  }

  @RepeatedTest(RUNS)
  void plainSocketsHaveTheirTimeOutsInVirtualTime() throws Exception {
    Future<Duration> times =
        on(
            client,
            () -> {
              try (ServerSocket listener =
                      server.serverSocketFactory().createServerSocket(PORT + 1);
                  Socket socket = client.socketFactory().createSocket(server.address(), PORT + 1)) {
                Duration begin = sim.elapsed();
                socket.setSoTimeout(90_000);
                assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
                try (Socket accepted = listener.accept()) {
                  accepted.getOutputStream().write(1);
                  assertThat(socket.getInputStream().read()).isOne();
                }
                listener.setSoTimeout(1_800_000);
                assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);
                return sim.elapsed().minus(begin);
              }
            });
    assertThat(result(times)).isEqualTo(ofSeconds(90 + 60 + 1800));
  }

  /** The wait for the turn to read counts to the limit, and is a wait in virtual time. */
  @RepeatedTest(RUNS)
  void readersOfOneSocketHaveTheirTimeOutsTogether() throws Exception {
    pair.server().socket().setSoTimeout(90_000);
    Callable<Duration> reader =
        () -> {
          assertThatThrownBy(() -> pair.server().socket().getInputStream().read())
              .isInstanceOf(SocketTimeoutException.class);
          return sim.elapsed();
        };
    Future<List<Future<Duration>>> readers =
        on(server, () -> List.of(on(server, reader), on(server, reader), on(server, reader)));
    for (Future<Duration> end : result(readers)) {
      assertThat(result(end)).isEqualTo(ofSeconds(90));
    }
  }

  @RepeatedTest(RUNS)
  void selectorsHaveTheirTimeOutsInVirtualTime() throws Exception {
    pair.client().configureBlocking(false);
    Future<List<Duration>> times =
        on(
            client,
            () -> {
              List<Duration> all = new ArrayList<>();
              try (Selector selector = client.provider().openSelector()) {
                pair.client().register(selector, SelectionKey.OP_READ);
                assertThat(selector.select(45_000)).isZero();
                all.add(sim.elapsed());
                write(pair.server(), 1);
                assertThat(selector.select(600_000)).isOne();
                all.add(sim.elapsed());
              }
              return all;
            });
    assertThat(result(times)).containsExactly(ofSeconds(45), ofSeconds(105));
  }

  /** Woken, but not running yet: the selecting thread is one that can act. */
  @RepeatedTest(RUNS)
  void timeStandsUntilAWokenSelectorHasReturned() throws Exception {
    sim.scheduler().schedule(() -> null, 1, TimeUnit.HOURS);
    try (Selector selector = client.provider().openSelector()) {
      AtomicReference<Future<Duration>> woken = new AtomicReference<>();
      Future<Integer> waker =
          on(
              server,
              () -> {
                woken.set(
                    on(
                        client,
                        () -> {
                          selector.select();
                          return sim.elapsed();
                        }));
                assertThatThrownBy(() -> timedRead(1000))
                    .isInstanceOf(SocketTimeoutException.class);
                selector.wakeup();
                return timedRead(0);
              });
      write(pair.client(), 1);
      assertThat(result(waker)).isZero();
      assertThat(result(woken.get())).isEqualTo(ofSeconds(1));
    }
  }

  private int timedRead(int millis) throws IOException {
    pair.server().socket().setSoTimeout(millis);
    return pair.server().socket().getInputStream().read();
  }

  /** The task's thread is not there yet when the one that submitted it waits. */
  @RepeatedTest(RUNS)
  void timeStandsUntilAHostsExecutorHasRunWhatItWasGiven() throws Exception {
    write(pair.server(), 1);
    CompletableFuture<Duration> at = new CompletableFuture<>();
    Future<Integer> reader =
        on(
            client,
            () -> {
              client.executor().execute(() -> at.complete(sim.elapsed()));
              return read(pair.client(), 1);
            });
    assertThat(result(reader)).isOne();
    assertThat(result(at)).isZero();
  }

  /** As above, of a thread that was started and has not entered the host. */
  @RepeatedTest(RUNS)
  void timeStandsUntilAStartedThreadOfAHostHasWaited() throws Exception {
    write(pair.server(), 1);
    CompletableFuture<Duration> at = new CompletableFuture<>();
    Future<Integer> reader =
        on(
            client,
            () -> {
              client.threadFactory().newThread(() -> at.completeExceptionally(new Exception()));
              client.threadFactory().newThread(() -> at.complete(sim.elapsed())).start();
              return read(pair.client(), 1);
            });
    assertThat(result(reader)).isOne();
    assertThat(result(at)).isZero();
  }

  /** Threads of ours that wait by virtual time end when it is closed. */
  @Test
  void nobodyWaitsByATimeThatWasClosed() throws Exception {
    Asynchronous ends = connectAsynchronously();
    Set<Thread> begun =
        client.call( // as one that can act: time stands
            () -> {
              Set<Thread> before = Thread.getAllStackTraces().keySet();
              ends.client().read(ByteBuffer.allocate(1), 5, TimeUnit.HOURS, null, new Nothing());
              Set<Thread> after = new HashSet<>(Thread.getAllStackTraces().keySet());
              after.removeAll(before);
              after.removeIf(each -> !each.getName().equals("nioring-timeouts"));
              sim.close();
              return after;
            });
    assertThat(begun).hasSize(1);
    Deadline.await(
        "the thread waits by the system's time",
        () -> begun.stream().allMatch(each -> each.getState() == Thread.State.TIMED_WAITING));
  }

  /** A handler that wants nothing. */
  private static final class Nothing implements CompletionHandler<Integer, Void> {
    @Override
    public void completed(Integer result, Void nothing) {
      // Nothing to do.
    }

    @Override
    public void failed(Throwable failure, Void nothing) {
      // Nothing to do.
    }
  }
}
