package io.nioring.junit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.nioring.simulation.Fault;
import io.nioring.simulation.FaultBuilder;
import io.nioring.simulation.Latency;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.SeededRuns;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Scanner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The code of the guide, which stands here too, word by word, and does what the guide says. */
@SuppressWarnings({"try", "unused"})
class GuideTest {
  private static final Path GUIDE = Path.of("docs/guide-simulation.md");
  private static final Path HERE = Path.of("src/test/java/io/nioring/junit/GuideTest.java");

  /** The first example: it fails for a good reason. */
  static class FirstExample {
    @Test
    void theGreetingArrives() throws Exception {
      try (Simulation sim = Simulation.open()) {
        RingHost client = sim.host("client");
        RingHost server = sim.host("server");
        sim.link(client, server).sliceReads(3, 2); // as a slow network cuts a stream
        ServerSocketChannel listener = server.listen(80);
        client.connect(server, 80).write(UTF_8.encode("hello"));
        ByteBuffer greeting = ByteBuffer.allocate(5);
        listener.accept().read(greeting); // one read, one message? Not with TCP
        assertEquals("hello", UTF_8.decode(greeting.flip()).toString());
      }
    }
  }

  @ExtendWith(RingNetworkExtension.class)
  static class ReaderTest {
    @SeededTest(runs = 200)
    void readsAMessage(Simulation sim, @Host("client") RingHost client, @Host("db") RingHost db) {
      sim.link(client, db).latency(Latency.uniform(ofMillis(2), ofMillis(20)));
      RUNS.incrementAndGet();
    }

    static final AtomicInteger RUNS = new AtomicInteger();
  }

  /** An extension in a field. */
  static class WithField {
    @RegisterExtension
    final RingNetworkExtension network = // static: one for the class
        RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).build());

    @Test
    void hasVirtualTime() {
      assertThat(network.simulation().config().virtualTime()).isTrue();
    }
  }

  /** Listens, on the wildcard. */
  private static final class Server implements AutoCloseable {
    private final ServerSocketChannel listener;

    Server(int port) throws IOException {
      listener = ServerSocketChannels.open(port);
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  /** What a program of the guide's asks, which is the provider of the JVM. */
  private static final class ServerSocketChannels {
    private static final ThreadLocal<Simulation> OF = new ThreadLocal<>();

    static ServerSocketChannel open(int port) throws IOException {
      return OF.get()
          .network()
          .provider()
          .openServerSocketChannel()
          .bind(new InetSocketAddress(port));
    }
  }

  private static Events run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(tests))
        .execute()
        .testEvents();
  }

  @Test
  void theFirstExampleFails() {
    Events events = run(FirstExample.class);
    events.assertStatistics(stats -> stats.failed(1).succeeded(0));
    Throwable failure =
        events.failed().stream()
            .map(each -> each.getRequiredPayload(TestExecutionResult.class))
            .map(result -> result.getThrowable().orElseThrow())
            .findFirst()
            .orElseThrow();
    assertThat(failure).hasMessageStartingWith("expected: <hello> but was: <h");
  }

  @Test
  void aServerBelongsToTheHostThatItIsMadeOn() throws Exception {
    try (Simulation sim = Simulation.open()) {
      ServerSocketChannels.OF.set(sim);
      RingHost db = sim.host("db");
      Server server =
          db.call(() -> new Server(5432)); // threads that are begun in here belong to db too
      assertThat(sim.openChannels()).allMatch(each -> each.host() == db).hasSize(1);
      server.close();
    } finally {
      ServerSocketChannels.OF.remove();
    }
  }

  @Test
  void theThirdConnectWorks() throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost client = sim.host("client");
      RingHost db = sim.host("db");
      sim.faults().to(db, 5432).first(2).refuse().install(); // the third connect works
      sim.faults().to(db, 5432).connection(2).resetAfterBytes(117).install();
      try (Fault cut = sim.partition(client, db)) {
        assertThat(cut.isActive()).isTrue();
      } // heals at the end
      try (ServerSocketChannel listener = db.provider().openServerSocketChannel()) {
        listener.bind(new InetSocketAddress(db.address(), 5432));
        int connected = 0;
        for (int i = 0; i < 3; i++) {
          try (SocketChannel channel = client.provider().openSocketChannel()) {
            channel.connect(listener.getLocalAddress());
            connected = i + 1;
          } catch (IOException e) {
            assertThat(e).hasMessage("Connection refused");
          }
        }
        assertThat(connected).isEqualTo(3);
      }
    }
  }

  /** The cells of the table, each as it stands there. */
  @Test
  void whoComesFromAnotherToolFindsTheSame() throws Exception {
    try (Simulation sim = Simulation.open(SimulationConfig.builder().virtualTime(true).build())) {
      RingHost client = sim.host("client");
      RingHost db = sim.host("db");
      sim.link(db, client).toward(client).latency(Latency.uniform(ofMillis(80), ofMillis(120)));
      sim.install("tcp:*:5432: latency 100ms+-20ms, downstream");
      Fault down = sim.faults().to(db, 5432).refuse().install();
      ServerSocketChannel listener = db.listen(5432);
      assertThatThrownBy(() -> client.call(() -> client.connect(db, 5432)))
          .hasMessageContaining("refused");
      down.close();
      client.call(() -> client.connect(db, 5432)).close();
      sim.link(client, db).reset();
      sim.hold(client, db);
      assertThat(sim.link(client, db).inFlight()).isEmpty();
      sim.release(client, db);
      db.crash();
      db.restart();
      sim.advance(ofMillis(1));
      sim.run(ofMinutes(1));
      assertThat(listener.isOpen()).isFalse();
      cutAsJepsenDoes(sim, sim.host("a"), sim.host("b"), sim.host("c"));
    }
    String guide = Files.readString(GUIDE);
    for (String call : List.of("resetAfter", "closeAfterBytes", "sliceReads", "closeDelay")) {
      assertThat(guide).contains("`" + call + "`");
      assertThat(FaultBuilder.class.getMethods()).anyMatch(each -> each.getName().equals(call));
    }
  }

  private static void cutAsJepsenDoes(Simulation sim, RingHost a, RingHost b, RingHost c) {
    RingHost d = sim.host("d");
    RingHost e = sim.host("e");
    try (Fault halves = sim.partition(List.of(a, b), List.of(c, d));
        Fault node = sim.isolate(a);
        Fault bridge = sim.bridge(c, List.of(a, b), List.of(d, e))) {
      assertThat(List.of(halves, node, bridge)).allMatch(Fault::isActive);
    }
  }

  @Test
  void aFaultBeginsWhereTheGuideSaysIt() throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost client = sim.host("client");
      RingHost db = sim.host("db");
      sim.faults()
          .to(db, 5432)
          .afterBytes(1_000)
          .halfOpen()
          .install(); // in the middle of an answer
      sim.faults()
          .to(db, 5432)
          .afterTime(ofSeconds(5))
          .latency(Latency.constant(ofMillis(80)))
          .install();
      assertThat(sim.report()).contains("seed");
    }
  }

  @Test
  void aFaultTellsThatItHasNotFired() throws Exception {
    try (Simulation sim = Simulation.open();
        ServerSocketChannel listener = sim.host("db").listen(5432)) {
      RingHost db = sim.host("db");
      Fault reset = sim.faults().to(db, 5432).resetAfterBytes(1_000_000).install();
      sim.host("client").connect(db, 5432).close();
      listener.accept().close();
      assertEquals(0, reset.timesFired()); // no answer was that long
      assertThat(sim.report()).contains("resetAfterBytes 1000000: never fired");
    }
  }

  /** The lines of the trace that the guide shows are of that form. */
  @Test
  void aLineOfTheTraceHasItsUnits() throws Exception {
    SimulationConfig config = SimulationConfig.builder().virtualTime(true).build();
    try (Simulation sim = Simulation.open(config)) {
      RingHost client = sim.host("client");
      RingHost db = sim.host("db");
      sim.link(client, db).latency(Latency.uniform(ofMillis(2), ofMillis(20))).sliceReads(9, 3);
      ServerSocketChannel listener = db.listen(5432);
      SocketChannel channel = client.call(() -> client.connect(db, 5432));
      channel.write(UTF_8.encode("a question"));
      db.call(() -> listener.accept().read(ByteBuffer.allocate(99)));
      channel.close();
      String guide = Files.readString(GUIDE);
      for (String line : sim.trace().lines()) {
        String form = line.replaceAll(":[0-9.]+", ":N");
        if (line.contains("\"segment\"") || line.contains("\"slice\"")) {
          assertThat(guide.replaceAll(":[0-9.]+", ":N").replace("down", "up")).contains(form);
        } else {
          assertThat(line).matches(".*\"step\":\"(connect|answer to the connect|accept)\".*");
        }
      }
    }
  }

  @Test
  void datagramsHaveLinksAndFaultsToo() {
    try (Simulation sim = Simulation.open()) {
      RingHost client = sim.host("client");
      RingHost dns = sim.host("dns");
      sim.link(client, dns)
          .latency(Latency.uniform(ofMillis(2), ofMillis(20)))
          .loss(0.05)
          .duplication(0.01);
      sim.faults().datagrams().to(dns, 53).first(2).blackHole().install(); // the third is answered
      sim.install("udp:*:53: loss 0.2, reordering 0.1 5ms");
      assertThat(sim.report()).contains("dns");
    }
  }

  @Test
  void aClientIsBrokenAtEachByteOfTheAnswer() throws Exception {
    try (Simulation sim = Simulation.open();
        Orders orders = new Orders(sim)) {
      orders.breakAtEachByte();
      assertThat(orders.taken).hasSize(ANSWER.length() + 1);
    }
  }

  private static final String ANSWER = "taken";

  /** A server that takes each order once, and a client that orders until it has an answer. */
  private static final class Orders implements AutoCloseable {
    private final Simulation sim;
    private final RingHost db;
    private final ServerSocketChannel listener;
    private final Map<String, Integer> taken = new ConcurrentHashMap<>();

    Orders(Simulation sim) throws IOException {
      this.sim = sim;
      db = sim.host("db");
      listener = db.provider().openServerSocketChannel();
      listener.bind(new InetSocketAddress(db.address(), 9092));
      db.threadFactory().newThread(this::serve).start();
    }

    void breakAtEachByte() throws Exception {
      for (int bytes = 0, tries = 0; tries != 1; bytes++) {
        RingHost client = sim.host("client " + bytes);
        String item = "item " + bytes;
        try (Fault reset =
            sim.faults()
                .from(client)
                .to(db, 9092)
                .connection(1)
                .downstream()
                .resetAfterBytes(bytes)
                .install()) {
          tries = client.call(() -> order(item)); // tries again when it fails
        }
        assertEquals(1, timesTaken(item));
      }
    }

    private void serve() {
      while (listener.isOpen()) {
        try (SocketChannel channel = listener.accept()) {
          Scanner words = new Scanner(Channels.newInputStream(channel), UTF_8).useDelimiter("\n");
          taken.putIfAbsent(words.next(), 1);
          channel.write(UTF_8.encode(ANSWER));
        } catch (IOException | NoSuchElementException ignored) {
          // the client tries again
        }
      }
    }

    /** How often it had to try. */
    private int order(String item) {
      for (int tries = 1; ; tries++) {
        try (SocketChannel channel = sim.network().provider().openSocketChannel()) {
          channel.connect(listener.getLocalAddress());
          channel.write(UTF_8.encode(item + "\n"));
          ByteBuffer answer = ByteBuffer.allocate(ANSWER.length());
          while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
              throw new EOFException();
            }
          }
          return tries;
        } catch (IOException ignored) {
          // tries again
        }
      }
    }

    private int timesTaken(String item) {
      return taken.getOrDefault(item, 0);
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void aReportIsTakenWhileTheClusterIsUp() {
    try (Simulation sim = Simulation.open()) {
      assertThatThrownBy(() -> runCluster(sim))
          .hasMessage("no leader")
          .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("10.0.0.1:2181"));
      assertThat(sim.report()).doesNotContain(":2181");
    }
  }

  private static void runCluster(Simulation sim) throws Exception {
    try (Cluster cluster = new Cluster(sim)) {
      try {
        cluster.awaitLeader();
      } catch (Exception | AssertionError e) {
        sim.addReportTo(e); // while all is as it was
        throw e;
      }
    }
  }

  /** A server that never has a leader. */
  private static final class Cluster implements AutoCloseable {
    private final ServerSocketChannel listener;

    Cluster(Simulation sim) throws IOException {
      RingHost server = sim.host("zk", "10.0.0.1");
      listener = server.provider().openServerSocketChannel();
      listener.bind(new InetSocketAddress(server.address(), 2181));
    }

    void awaitLeader() throws TimeoutException {
      if (listener.isOpen()) {
        throw new TimeoutException("no leader");
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void testsWithSeedsRunAsManyTimesAsTheyAsk() {
    run(ReaderTest.class).assertStatistics(stats -> stats.succeeded(200).failed(0));
    assertThat(ReaderTest.RUNS).hasValue(200);
    run(WithField.class).assertStatistics(stats -> stats.succeeded(1).failed(0));
  }

  @Test
  void runsWithoutAFrameworkDoTheSame() {
    AtomicInteger runs = new AtomicInteger();
    SeededRuns.of(200)
        .checkDeterminism()
        .run(
            sim -> {
              runs.incrementAndGet();
            });
    assertThat(runs).hasValue(400);
  }

  /** Where the guide leaves something out, it has an ellipsis. */
  @Test
  void theGuideHasThisCode() throws IOException {
    String code = squeezed(Files.readString(HERE));
    List<String> blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(GUIDE))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(blocks).hasSizeGreaterThanOrEqualTo(7);
    for (String block : blocks) {
      for (String part : block.split("…", -1)) {
        assertThat(code).contains(squeezed(part));
      }
    }
  }

  private static String squeezed(String code) {
    return code.replaceAll("//[^\n]*", "").replaceAll("\\bstatic\\b|\\s", "");
  }
}
