package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several things at once: faults on one link, kinds of channels on one host, simulations. */
@Timeout(180)
@SuppressWarnings("FutureReturnValueIgnored") // what the scheduler does meanwhile
class TogetherTest {
  private static final int PORT = 80;

  private static Simulation open(boolean virtualTime) {
    return Simulation.open(
        SimulationConfig.builder().seed(42).virtualTime(virtualTime).recordOpenings(true).build());
  }

  private static <T> T get(Future<T> of) throws Exception {
    return of.get(20, TimeUnit.SECONDS);
  }

  // -- faults on one link

  /** How a stream of a slow, sliced, late link ends after exactly so many bytes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 1459, 1460, 1461, 5_000})
  void aStreamEndsAtItsByteWhateverElseTheLinkDoes(int bytes) throws Exception {
    for (Rule.Cut cut : List.of(Rule.Cut.RESET, Rule.Cut.CLOSE)) {
      try (Simulation sim = open(true)) {
        RingHost client = sim.host("client");
        RingHost server = sim.host("server");
        sim.link(client, server)
            .latency(Latency.uniform(ofMillis(1), ofMillis(50)))
            .bandwidth(Bandwidth.bytesPerSecond(100_000))
            .loss(0.05)
            .sliceReads(7, 3);
        FaultBuilder described = sim.faults().to(server, PORT);
        Fault fault =
            (cut == Rule.Cut.RESET
                    ? described.resetAfterBytes(bytes)
                    : described.closeAfterBytes(bytes))
                .install();
        ServerSocketChannel listener = SimPair.listen(server, PORT);
        Future<Integer> served = server.executor().submit(() -> sendUntilItFails(listener));
        Duration least = Duration.ofNanos(bytes * 10_000L);
        assertThat(client.call(() -> readToTheEnd(client, server))).isEqualTo(bytes + " " + cut);
        assertThat(sim.elapsed()).isGreaterThanOrEqualTo(least);
        assertThat(get(served)).isLessThanOrEqualTo(10_000);
        assertThat(fault.timesFired()).isOne();
      }
    }
  }

  private static int sendUntilItFails(ServerSocketChannel listener) throws IOException {
    try (SocketChannel accepted = listener.accept()) {
      return accepted.write(ByteBuffer.allocate(10_000));
    } catch (IOException e) {
      return 0;
    }
  }

  private static String readToTheEnd(RingHost client, RingHost server) throws IOException {
    int sum = 0;
    try (SocketChannel channel = client.connect(server, PORT)) {
      for (int count = 0; count >= 0; sum += Math.max(count, 0)) {
        count = channel.read(ByteBuffer.allocate(1_000));
        assertThat(count).isLessThanOrEqualTo(10); // a slice
      }
      return sum + " " + Rule.Cut.CLOSE;
    } catch (SocketException e) {
      return sum + " " + Rule.Cut.RESET;
    }
  }

  // -- the end of a simulation, or of a host, in the midst of it

  /** What waits in a channel of a host, by its name in a failure. */
  private record Waiting(String name, Background<?> task) {}

  private static final class Ends {
    private final RingHost host;
    private final RingHost other;
    private final ThreadKind kind;
    private final List<Waiting> waiting = new ArrayList<>();
    private Future<Integer> selecting;

    Ends(RingHost host, RingHost other, ThreadKind kind) {
      this.host = host;
      this.other = other;
      this.kind = kind;
    }

    private void begin(String name, Callable<?> body) {
      waiting.add(new Waiting(name, Background.run(kind, () -> host.call(body))));
    }

    /** Begins one of each kind of wait there is, and waits until all wait. */
    void beginAll(Simulation sim) throws Exception {
      ServerSocketChannel far = other.listen(PORT);
      SocketChannel reads = host.connect(other, PORT);
      begin("read", () -> reads.read(ByteBuffer.allocate(1)));
      SocketChannel writes = host.connect(other, PORT);
      begin("write", () -> writes.write(ByteBuffer.allocate(3 << 20)));
      sim.faults().to(other, PORT + 1).blackHole().install();
      begin("connect", () -> host.connect(other, PORT + 1));
      ServerSocketChannel listener = host.listen(PORT);
      begin("accept", listener::accept);
      Selector selector = host.provider().openSelector();
      selecting = host.executor().submit(() -> selector.select());
      DatagramChannel datagrams =
          host.provider().openDatagramChannel().bind(new InetSocketAddress(host.address(), PORT));
      begin("receive", () -> datagrams.receive(ByteBuffer.allocate(1)));
      Socket plain = host.socketFactory().createSocket(other.address(), PORT);
      begin("plain read", () -> plain.getInputStream().read());
      ServerSocket plainServer = host.serverSocketFactory().createServerSocket(PORT + 2);
      begin("plain accept", plainServer::accept);
      AsynchronousSocketChannel asynchronous =
          host.call(() -> sim.network().asynchronousProvider().openAsynchronousSocketChannel(null));
      get(asynchronous.connect(far.getLocalAddress()));
      begin("asynchronous read", () -> asynchronous.read(ByteBuffer.allocate(1)).get());
      waiting.forEach(each -> each.task().awaitAsleep());
    }

    /** All end: what waits in a channel with it, and a thread of the host's by an interrupt. */
    void allEnd() throws Exception {
      for (Waiting each : waiting) {
        Throwable failure = each.task().failure();
        assertThat(failure instanceof ExecutionException ? failure.getCause() : failure)
            .as(each.name())
            .isInstanceOf(IOException.class);
      }
      assertThat(get(selecting)).isZero();
    }
  }

  static List<Object[]> kindsAndTimes() {
    List<Object[]> all = new ArrayList<>();
    for (ThreadKind kind : ThreadKind.available()) {
      all.add(new Object[] {kind, true});
      all.add(new Object[] {kind, false});
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("kindsAndTimes")
  void closingASimulationEndsAllThatWaitsInIt(ThreadKind kind, boolean virtualTime)
      throws Exception {
    SimulationConfig config =
        SimulationConfig.builder().virtualTime(virtualTime).advanceWhenIdle(false).build();
    Simulation sim = Simulation.open(config);
    Ends ends = new Ends(sim.host("host"), sim.host("other"), kind);
    ends.beginAll(sim);
    sim.close();
    ends.allEnd();
    assertThat(sim.openChannels()).isEmpty();
    assertThat(sim.connections()).isZero();
    assertThat(sim.pendingEvents()).isZero();
  }

  @ParameterizedTest
  @MethodSource("kindsAndTimes")
  void aHostThatCrashesEndsAllThatWaitsOnItAndTheRestIsAsBefore(
      ThreadKind kind, boolean virtualTime) throws Exception {
    SimulationConfig config =
        SimulationConfig.builder().virtualTime(virtualTime).advanceWhenIdle(false).build();
    try (Simulation sim = Simulation.open(config)) {
      RingHost host = sim.host("host");
      Ends ends = new Ends(host, sim.host("other"), kind);
      ends.beginAll(sim);
      host.crash();
      ends.allEnd();
      assertThat(host.openChannels()).isEmpty();
      host.restart();
      SimPair.connect(sim, sim.host("other"), host, PORT).close();
      try (SimDatagrams pair = SimDatagrams.open(sim.host("other"), host, PORT)) {
        pair.ask("again");
        assertThat(pair.questions()).containsExactly("again");
      }
    }
  }

  // -- load

  private static final int CLIENTS = 6;
  private static final int CRASHES = 12;

  /** Clients that connect again whenever they fail, and whether each echo was right. */
  private static final class Load {
    private final RingHost db;
    private final List<Background<Integer>> clients = new ArrayList<>();
    private final AtomicInteger echoes = new AtomicInteger();
    private volatile boolean over;

    Load(Simulation sim, RingHost db) {
      this.db = db;
      for (int i = 0; i < CLIENTS; i++) {
        RingHost client = sim.host("client" + i);
        byte number = (byte) i;
        clients.add(Background.run(() -> client.call(() -> ask(client, number))));
      }
    }

    private int ask(RingHost client, byte number) {
      int answered = 0;
      while (!over) {
        try (Socket socket = client.socketFactory().createSocket(db.address(), PORT)) {
          socket.setSoTimeout(100); // a host that has crashed does not say so
          while (!over) {
            answered += ask(socket, number);
            echoes.incrementAndGet();
          }
        } catch (IOException e) {
          Thread.onSpinWait(); // it crashed, or does not listen yet
        }
      }
      return answered;
    }

    private static int ask(Socket socket, byte number) throws IOException {
      byte[] sent = new byte[3_000];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = (byte) (number + i);
      }
      socket.getOutputStream().write(sent);
      byte[] received = socket.getInputStream().readNBytes(sent.length);
      if (received.length < sent.length) {
        throw new EOFException();
      }
      assertThat(received).isEqualTo(sent);
      return 1;
    }

    /** Starts a server on the host, whose threads end with its channels. */
    void serve() throws IOException {
      ServerSocketChannel listener = db.listen(PORT);
      db.executor()
          .execute(
              () -> {
                try {
                  while (true) {
                    SocketChannel accepted = listener.accept();
                    db.executor().execute(() -> echo(accepted));
                  }
                } catch (IOException e) {
                  assertThat(listener.isOpen()).isFalse();
                }
              });
    }

    private static void echo(SocketChannel channel) {
      try (channel) {
        ByteBuffer bytes = ByteBuffer.allocate(700);
        while (channel.read(bytes.clear()) >= 0) {
          channel.write(bytes.flip());
        }
      } catch (IOException e) {
        assertThat(e).isNotNull(); // the peer is gone, or the host has crashed
      }
    }

    void awaitEchoes(int more) {
      int goal = echoes.get() + more;
      Deadline deadline = Deadline.start();
      while (echoes.get() < goal) {
        assertThat(deadline.passed()).as("echoes come again").isFalse();
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aHostThatCrashesUnderLoadServesAgain() throws Exception {
    try (Simulation sim = open(false)) {
      RingHost db = sim.host("db");
      sim.link(db, sim.host("client0")).latency(Latency.uniform(Duration.ZERO, ofMillis(1)));
      sim.link(db, sim.host("client1")).sliceReads(100, 90);
      Load load = new Load(sim, db);
      load.serve();
      for (int i = 0; i < CRASHES; i++) {
        load.awaitEchoes(5 * CLIENTS);
        db.crash();
        db.restart();
        load.serve();
      }
      load.awaitEchoes(5 * CLIENTS);
      load.over = true;
      for (Background<Integer> each : load.clients) {
        assertThat(each.result()).isPositive();
      }
      db.kill();
      sim.checkNoLeaks(ofSeconds(10));
    }
  }

  // -- simulations, and threads

  /** Each has its own time, hosts, numbers and decisions, whatever the others do. */
  @Test
  void simulationsThatRunAtOnceDoNotMeet() throws Exception {
    int count = 4;
    CyclicBarrier together = new CyclicBarrier(count);
    List<Background<String>> runs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      runs.add(
          Background.run(
              () -> {
                together.await(20, TimeUnit.SECONDS);
                return exchanged(ThreadKind.PLATFORM);
              }));
    }
    for (Background<String> each : runs) {
      assertThat(each.result()).isEqualTo(EXCHANGED);
    }
  }

  /** Virtual time, and all decisions, are the same for each kind of thread. */
  @ParameterizedTest
  @EnumSource(ThreadKind.class)
  void eachKindOfThreadHasTheSameTimeAndDecisions(ThreadKind kind) throws Exception {
    if (ThreadKind.available().contains(kind)) {
      assertThat(exchanged(kind)).isEqualTo(EXCHANGED);
    }
  }

  /** The same on each JDK; changed when the model draws in another way. */
  private static final String EXCHANGED = "aa0b95496363282eb5d3272671d1835d -1762367084";

  private static final int ASKING = 40;

  /** Clients ask ten times each; what their times and decisions were. */
  private static String exchanged(ThreadKind kind) throws Exception {
    try (Simulation sim = open(true)) {
      RingHost server = sim.host("server");
      ServerSocketChannel listener = SimPair.listen(server, PORT);
      List<Background<Duration>> all = new ArrayList<>();
      CountDownLatch begun = new CountDownLatch(2 * ASKING);
      server.call(
          () -> {
            for (int i = 0; i < ASKING; i++) {
              RingHost client = sim.host("client" + i);
              sim.link(client, server).latency(Latency.uniform(ofMillis(1), ofMillis(90)));
              all.add(start(kind, client, begun, () -> ask(sim, client, server)));
              start(kind, server, begun, () -> answer(listener));
            }
            return begun.await(20, TimeUnit.SECONDS); // until then time stands
          });
      List<Duration> times = new ArrayList<>();
      for (Background<Duration> each : all) {
        times.add(each.result());
      }
      return sim.trace().hash() + " " + times.hashCode();
    }
  }

  private static <T> Background<T> start(
      ThreadKind kind, RingHost host, CountDownLatch begun, Callable<T> body) {
    return Background.run(
        kind,
        () ->
            host.call(
                () -> {
                  begun.countDown();
                  return body.call();
                }));
  }

  private static Duration ask(Simulation sim, RingHost client, RingHost server) throws IOException {
    try (SocketChannel channel = client.connect(server, PORT)) {
      for (int i = 0; i < 10; i++) {
        channel.write(ByteBuffer.allocate(1));
        channel.read(ByteBuffer.allocate(1));
      }
      return sim.elapsed();
    }
  }

  private static Void answer(ServerSocketChannel listener) throws IOException {
    try (SocketChannel accepted = listener.accept()) {
      while (accepted.read(ByteBuffer.allocate(1)) >= 0) {
        accepted.write(ByteBuffer.allocate(1));
      }
      return null;
    }
  }

  /** A cut that begins and ends again and again in the middle of streams loses no byte of them. */
  @RepeatedTest(5)
  void streamsThroughACutThatComesAndGoesAreWhole() throws Exception {
    try (Simulation sim = open(true)) {
      RingHost client = sim.host("client");
      RingHost server = sim.host("server");
      sim.link(client, server)
          .latency(Latency.uniform(ofMillis(1), ofMillis(9)))
          .bandwidth(Bandwidth.bytesPerSecond(1 << 20));
      ServerSocketChannel listener = SimPair.listen(server, PORT);
      Future<Integer> served = server.executor().submit(() -> count(listener));
      for (int i = 1; i <= 20; i++) {
        sim.scheduler().schedule(() -> cutFor(sim, client, server), i * 97L, TimeUnit.MILLISECONDS);
      }
      client.call(
          () -> {
            try (SocketChannel channel = client.connect(server, PORT)) {
              return channel.write(ByteBuffer.allocate(2 << 20));
            }
          });
      assertThat(get(served)).isEqualTo(2 << 20);
      assertThat(sim.elapsed()).isGreaterThan(ofSeconds(2));
    }
  }

  private static void cutFor(Simulation sim, RingHost client, RingHost server) {
    Fault cut = sim.partition(client, server);
    sim.scheduler().schedule(cut::close, 50, TimeUnit.MILLISECONDS);
  }

  private static int count(ServerSocketChannel listener) throws IOException {
    int sum = 0;
    try (SocketChannel accepted = listener.accept()) {
      ByteBuffer bytes = ByteBuffer.allocate(100_000);
      for (int count = 0; count >= 0; sum += count) {
        count = accepted.read(bytes.clear());
        if (count < 0) {
          return sum;
        }
      }
    }
    return sum;
  }

  @Test
  void aTimeOutOfTheProgramsOwnIsTheSchedulers() {
    try (Simulation sim = open(true)) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      sim.scheduler()
          .schedule(
              () -> answer.completeExceptionally(new TimeoutException()), 30, TimeUnit.SECONDS);
      sim.advance(ofSeconds(29));
      assertThat(answer).isNotDone();
      sim.advance(ofSeconds(1));
      assertThatThrownBy(answer::get).hasCauseInstanceOf(TimeoutException.class);
    }
  }
}
