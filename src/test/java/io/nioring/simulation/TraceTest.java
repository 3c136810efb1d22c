package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same seed gives the same decisions, whatever the threads do. */
@Tag("stress")
@Timeout(120)
class TraceTest {
  private static final int CLIENTS = 4;
  private static final int BYTES = 20_000;
  private static final int BUSY_THREADS = 4;
  private static final int SEEDS = Rounds.of("test.trace.seeds", 30, 100);

  /** Changed when the model draws in another way, so that old seeds mean something else. */
  private static final String HASH_OF_42 = "7a8e01ef2a3a5db7eeac829838ae71ae";

  private static final int RUNS = Rounds.of("test.trace.runs", 20, 100);

  @Test
  void aSeedsDecisionsAreTheSameInEachRun() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < BUSY_THREADS; i++) {
      Thread thread =
          new Thread(
              () -> {
                while (!stop.get()) {
                  Thread.onSpinWait();
                }
              });
      thread.start();
      busy.add(thread);
    }
    try {
      Set<String> hashes = new HashSet<>();
      for (int run = 0; run < RUNS; run++) {
        hashes.add(hashOf(42, run));
      }
      assertThat(hashes).as("the same on each JDK").containsExactly(HASH_OF_42);
    } finally {
      stop.set(true);
      for (Thread each : busy) {
        each.join();
      }
    }
  }

  @Test
  void seedsDiffer() throws Exception {
    Set<String> hashes = new HashSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      hashes.add(hashOf(seed, 0));
    }
    assertThat(hashes).hasSizeGreaterThanOrEqualTo(SEEDS - SEEDS / 100);
  }

  @Test
  void tableAndTraceNumberConnectionsAlike() throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost client = sim.host("client");
      RingHost other = sim.host("other");
      RingHost server = sim.host("server");
      sim.link(client, server).latency(Latency.uniform(Duration.ZERO, ofMillis(1)));
      sim.faults().to(server, 80).loss(0.1).install();
      try (ServerSocketChannel listener = server.listen(80);
          SocketChannel ofOther = other.connect(server, 80);
          SocketChannel first = client.connect(server, 80);
          SocketChannel second = client.connect(server, 80)) {
        assertThat(List.of(ofOther, first, second)).allMatch(SocketChannel::isConnected);
        assertThat(listener.isOpen()).isTrue();
        assertThat(sim.network().sockets())
            .filteredOn(row -> !row.end().equals("listener"))
            .extracting(row -> row.end() + " " + row.simulatedConnect().orElseThrow())
            .containsExactlyInAnyOrder(
                "client other->server:80#1",
                "server other->server:80#1",
                "client client->server:80#1",
                "server client->server:80#1",
                "client client->server:80#2",
                "server client->server:80#2");
        assertThat(sim.network().sockets())
            .filteredOn(row -> row.end().equals("listener"))
            .allMatch(row -> row.simulatedConnect().isEmpty());
        assertThat(sim.report()).contains(" connection=client->server:80#2");
        second.write(ByteBuffer.allocate(1));
        assertThat(sim.link(client, server).inFlight())
            .allMatch(each -> each.connect().toString().equals("client->server:80#2"));
        assertThat(sim.trace().lines())
            .anyMatch(
                line ->
                    line.contains(
                        "\"from\":\"client\",\"to\":\"server\",\"port\":80,\"connection\":2"))
            .anyMatch(
                line ->
                    line.startsWith(
                        "{\"rule\":\"latency of a fault\",\"fault\":\"to server, port 80, loss"
                            + " 0.1\","));
      }
    }
  }

  /** Several clients at once; how they cut their writes is up to the run. */
  private static String hashOf(long seed, int run) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try (Simulation sim = Simulation.open(SimulationConfig.builder().seed(seed).build())) {
      RingHost server = sim.host("server");
      List<Future<Integer>> all = new ArrayList<>();
      ServerSocketChannel listener = SimPair.listen(server, 80);
      for (int i = 0; i < CLIENTS; i++) {
        RingHost client = sim.host("client" + i);
        sim.link(client, server)
            .latency(Latency.uniform(Duration.ZERO, ofMillis(2)))
            .sliceReads(100, 99);
        all.add(
            threads.submit(
                () -> send(client, listener, new Random(run * 100L + client.name().hashCode()))));
        all.add(threads.submit(receive(listener)));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get()).isEqualTo(BYTES);
      }
      assertThat(sim.trace().lines()).isNotEmpty().allMatch(line -> line.startsWith("{\"rule\":"));
      return sim.trace().hash();
    } finally {
      threads.shutdown();
    }
  }

  private static int send(RingHost client, ServerSocketChannel to, Random random) throws Exception {
    try (SocketChannel channel = client.provider().openSocketChannel()) {
      channel.connect(
          new InetSocketAddress(((InetSocketAddress) to.getLocalAddress()).getAddress(), 80));
      int sent = 0;
      while (sent < BYTES) {
        sent +=
            channel.write(ByteBuffer.allocate(Math.min(BYTES - sent, 1 + random.nextInt(3000))));
      }
      return sent;
    }
  }

  private static Callable<Integer> receive(ServerSocketChannel listener) {
    return () -> {
      try (SocketChannel channel = listener.accept()) {
        int sum = 0;
        for (int n = 0; n >= 0; n = channel.read(ByteBuffer.allocate(4096))) {
          sum += n;
        }
        return sum;
      }
    };
  }
}
