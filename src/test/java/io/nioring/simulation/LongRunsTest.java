package io.nioring.simulation;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulations that go on for days, and threads that go on after them. */
@Timeout(120)
@SuppressWarnings("try")
class LongRunsTest {
  private static final Duration LONG = ofSeconds(60);
  private static final int MANY = 1_000;

  /** With 110 KiB for each it would take more than a gibibyte. */
  private static final int HOSTS = 12_000;

  private static Simulation stillTime() {
    return Simulation.open(
        SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
  }

  // -- threads that outlive a simulation, or a host

  /** A pool whose thread was begun on a host, as that of a library's first use. */
  private static WeakReference<RingHost> usedByAHost(ExecutorService pool) throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost host = sim.host("first user");
      String name = host.call(() -> pool.submit(() -> sim.network().toString()).get());
      assertThat(name).isNotEmpty();
      return new WeakReference<>(host);
    }
  }

  @Test
  void aThreadBegunOnAHostKeepsNothingOfAClosedSimulation() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      WeakReference<RingHost> host = usedByAHost(pool);
      Deadline.await(
          LONG,
          "nobody has the host",
          () -> {
            System.gc();
            return host.refersTo(null);
          });
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aThreadOfAClosedSimulationIsOnNoHostOfTheNextOne() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      assertThat(usedByAHost(pool)).isNotNull();
      try (Simulation next = Simulation.open()) {
        next.host("first user");
        try (ServerSocketChannel opened =
            pool.submit(() -> next.network().provider().openServerSocketChannel()).get()) {
          assertThat(next.openChannels())
              .singleElement()
              .satisfies(each -> assertThat(each.host().name()).isEqualTo("localhost"));
          assertThat(opened.isOpen()).isTrue();
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSelectOfAHostThatEndsReturns(boolean killed) throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost host = sim.host("server");
      Selector ofThread = host.call(() -> sim.network().provider().openSelector());
      Selector ofProvider = host.provider().openSelector();
      Selector other = sim.host("other").provider().openSelector();
      ServerSocketChannel listener = host.listen(80);
      listener.configureBlocking(false).register(ofThread, SelectionKey.OP_ACCEPT);
      Background<Integer> withChannels = Background.run(() -> ofThread.select());
      Background<Integer> without = Background.run(() -> ofProvider.select());
      Background<Integer> elsewhere = Background.run(() -> other.select());
      withChannels.awaitBlockedIn("park");
      without.awaitBlockedIn("park");
      elsewhere.awaitBlockedIn("park");
      if (killed) {
        host.kill();
      } else {
        host.crash();
      }
      assertThat(withChannels.result(LONG)).isZero();
      assertThat(without.result(LONG)).isZero();
      assertThat(ofThread.keys()).as("of closed channels").isEmpty();
      assertThat(ofProvider.isOpen()).as("as after the close of a network").isTrue();
      assertThat(elsewhere.isDone()).isFalse();
      sim.close();
      assertThat(elsewhere.result(LONG)).isZero();
      ofThread.close();
      ofProvider.close();
      other.close();
    }
  }

  // -- faults that come and go beside a connection that stays

  @Test
  void timesOfHealedFaultsAreForgotten() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (SimPair pair = SimPair.connect(sim, a, b, 80)) {
        for (int i = 0; i < MANY; i++) {
          Fault reset = sim.faults().to(b, 80).resetAfter(ofHours(1)).install();
          Fault late = sim.faults().to(b, 80).afterTime(ofHours(1)).halfOpen().install();
          reset.close();
          late.close();
        }
        assertThat(sim.pendingEvents()).isZero();
        sim.advance(ofHours(2));
        pair.write(pair.client(), "x");
        assertThat(pair.read(pair.server())).isEqualTo("x");
      }
    }
  }

  /** A fault may begin after a time, and cut after another. */
  @Test
  void aFaultThatBeginsLaterCutsLaterStill() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (SimPair pair = SimPair.connect(sim, a, b, 80)) {
        Fault fault =
            sim.faults().to(b, 80).afterTime(ofSeconds(5)).resetAfter(ofSeconds(3)).install();
        sim.advance(ofMillis(7_999));
        assertThat(pair.client().read(ByteBuffer.allocate(1))).isZero();
        sim.advance(ofMillis(1));
        assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
            .hasMessage("Connection reset");
        assertThat(fault.timesFired()).isEqualTo(1);
      }
    }
  }

  @Test
  void whatHasFiredAtAConnectionIsForgottenWithTheFault() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      WeakReference<?> firings;
      try (SimPair pair = SimPair.connect(sim, a, b, 80)) {
        firings = new WeakReference<>(fireOnce(sim, a, b, pair));
        for (int i = 0; i < MANY; i++) { // more than are remembered for the report
          sim.partition(a, b).close();
        }
        Deadline.await(
            LONG,
            "nobody has it",
            () -> {
              System.gc();
              return firings.refersTo(null);
            });
        pair.write(pair.client(), "y");
        assertThat(pair.read(pair.server())).isEqualTo("xy");
      }
    }
  }

  private static Object fireOnce(Simulation sim, RingHost a, RingHost b, SimPair pair)
      throws IOException {
    try (Fault cut = sim.partition(a, b)) {
      pair.write(pair.client(), "x");
      assertThat(cut.timesFired()).isEqualTo(1);
      return ((InstalledFault) cut).counter();
    }
  }

  @Test
  void bandwidthsOfHealedFaultsAreForgottenByDatagrams() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (DatagramChannel from = a.provider().openDatagramChannel();
          DatagramChannel to = b.provider().openDatagramChannel()) {
        to.bind(new InetSocketAddress(b.address(), 53));
        WeakReference<?> conditions = new WeakReference<>(limited(sim, b, from));
        for (int i = 0; i < MANY; i++) {
          sim.partition(a, b).close();
        }
        Deadline.await(
            LONG,
            "nobody has them",
            () -> {
              System.gc();
              return conditions.refersTo(null);
            });
      }
    }
  }

  private static Object limited(Simulation sim, RingHost to, DatagramChannel from)
      throws IOException {
    Bandwidth slow = Bandwidth.bytesPerSecond(1_000);
    try (Fault limit = sim.faults().datagrams().to(to, 53).bandwidth(slow).install()) {
      from.send(ByteBuffer.allocate(10), new InetSocketAddress(to.address(), 53));
      assertThat(limit.timesFired()).isEqualTo(1);
      return slow;
    }
  }

  /** Neither does its time: nothing is left that it could be about. */
  @Test
  void aConnectWhoseClientHasClosedLeavesNothing() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (ServerSocketChannel full = b.provider().openServerSocketChannel()) {
        full.bind(new InetSocketAddress(b.address(), 80), 1);
        a.connect(b, 80).close();
        a.connect(b, 80).close(); // one more than the backlog
        sim.faults().to(b, 81).blackHole().install();
        sim.faults().to(b, 82).connectDelay(ofSeconds(5)).install();
        for (int port : new int[] {80, 81, 82}) {
          SocketChannel pending = a.provider().openSocketChannel();
          pending.configureBlocking(false);
          assertThat(pending.connect(new InetSocketAddress(b.address(), port))).isFalse();
          assertThat(sim.pendingEvents()).as("port " + port).isPositive();
          pending.close();
          assertThat(sim.pendingEvents()).as("port " + port).isZero();
        }
        full.configureBlocking(false);
        assertThat(full.accept()).isNotNull();
        assertThat(full.accept()).isNotNull();
        assertThat(full.accept()).as("its client has closed").isNull();
      }
    }
  }

  /** A test that breaks each byte of an answer has a new host for each. */
  @Test
  void hostsAreSmall() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost server = sim.host("server");
      try (ServerSocketChannel listener = server.listen(80)) {
        for (int i = 0; i < HOSTS; i++) {
          try (SocketChannel client = sim.host("client " + i).connect(server, 80);
              SocketChannel accepted = listener.accept()) {
            assertThat(client.isConnected() && accepted.isConnected()).isTrue();
          }
        }
        assertThat(sim.hosts()).hasSize(HOSTS + 2);
      }
    }
  }

  // -- connections that are ended twice

  @Test
  void aConnectionThatIsResetFromOutsideIsOverForItsBytesToo() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (SimPair pair = SimPair.connect(sim, a, b, 80)) {
        sim.link(a, b).latency(Latency.constant(ofSeconds(1)));
        pair.write(pair.client(), "late");
        sim.world().openEndsOf(b).get(0).resetBoth();
        assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(9)))
            .hasMessage("Connection reset");
        sim.advance(ofSeconds(2));
        assertThatThrownBy(() -> pair.server().read(ByteBuffer.allocate(9)))
            .as("as the read before")
            .hasMessage("Connection reset");
        assertThatThrownBy(() -> pair.client().write(ByteBuffer.allocate(1)))
            .hasMessage("Connection reset by peer");
        assertThat(sim.pendingEvents()).isZero();
      }
      assertThat(sim.connections()).isZero();
    }
  }

  /**
   * A program's close of such a channel shuts its output first; the end of its process does not.
   */
  @Test
  void aRegisteredChannelOfAHostThatWasKilledResetsWhoseBytesWereNotRead() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      try (SimPair pair = SimPair.connect(sim, a, b, 80);
          Selector selector = b.provider().openSelector()) {
        pair.server().register(selector, SelectionKey.OP_READ);
        pair.write(pair.client(), "x");
        b.kill();
        assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocate(1)))
            .hasMessage("Connection reset");
      }
    }
  }

  @Test
  void aSocketOfAHostThatWasKilledIsClosed() throws Exception {
    try (Simulation sim = stillTime()) {
      RingHost a = sim.host("a");
      RingHost b = sim.host("b");
      SimPair pair = SimPair.connect(sim, a, b, 80);
      SocketChannel server = pair.server();
      b.kill();
      assertThatThrownBy(() -> server.read(ByteBuffer.allocate(1)))
          .isInstanceOf(ClosedChannelException.class);
      pair.close();
      assertThat(sim.connections()).isZero();
    }
  }
}
