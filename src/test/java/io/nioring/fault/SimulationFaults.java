package io.nioring.fault;

import static io.nioring.fault.FaultScript.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.fault.FaultScript.Setting;
import io.nioring.fault.FaultScript.Step;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a simulation adds to operations, in virtual time that the operation advances. */
final class SimulationFaults {
  private static final Duration LATENCY = Duration.ofMillis(10);
  private static final int PORT = 80;

  /** That of the case that runs: one at a time does. */
  private static Simulation current;

  private SimulationFaults() {}

  private static RingNetwork open(boolean advancesWhenIdle) {
    if (current != null) {
      current.close(); // its network is closed
    }
    current =
        Simulation.open(
            SimulationConfig.builder().virtualTime(true).advanceWhenIdle(advancesWhenIdle).build());
    return current.network();
  }

  private static void add(String name, Step<Simulated> prepare, Step<Simulated> operate) {
    Setting setting = new Setting("simulated", () -> open(false), false);
    FaultScript.add(setting, name, Simulated::new, prepare, operate);
  }

  /** Adds one in which waits let time pass. */
  private static void addWaiting(String name, Step<Simulated> prepare, Step<Simulated> operate) {
    Setting setting = new Setting("simulated, waiting", () -> open(true), false);
    FaultScript.add(setting, name, Simulated::new, prepare, operate);
  }

  static void add() {
    add("a host", w -> {}, Simulated::host);
    add("connect", Simulated::listening, Simulated::connect);
    add("connect to nobody", Simulated::hosts, Simulated::connectToNobody);
    add("write and read", Simulated::connected, w -> w.exchange(10));
    add("write and read much", Simulated::connected, w -> w.exchange(100_000));
    add("close", Simulated::connected, Simulated::closeClient);
    add(
        "partition and heal",
        Simulated::connected,
        w -> {
          w.opened(w.sim.partition(w.clients, w.servers)::close);
          w.client.write(bytes(10));
          w.pass();
          w.sim.heal();
        });
    add(
        "a fault",
        Simulated::connected,
        w -> {
          w.opened(w.sim.faults().to(w.servers, PORT).resetAfterBytes(5).install()::close);
          w.client.write(bytes(10));
          w.pass();
        });
    add("a task", Simulated::hosts, Simulated::task);
    addWaiting("connect", Simulated::listening, Simulated::connectWaiting);
    addWaiting("read", Simulated::connectedWaiting, Simulated::readWaiting);
    addWaiting("a read that times out", Simulated::connectedWaiting, Simulated::timeOut);
  }

  /** Two hosts, and a connection between them. */
  private static final class Simulated extends FaultWorld {
    private static final long WAIT_SECONDS = 10;

    Simulation sim;
    RingHost clients;
    RingHost servers;
    ServerSocketChannel server;
    SocketChannel client;
    SocketChannel accepted;

    void host() {
      sim = current;
      assertThat(sim.host("a host").address()).isNotNull();
    }

    void hosts() {
      sim = current;
      clients = sim.host("clients");
      servers = sim.host("servers");
      sim.link(clients, servers).latency(LATENCY);
      opened(sim::heal); // as a program does once its own healing has failed
    }

    /** Lets what is under way arrive, and its answer. */
    void pass() {
      sim.advance(LATENCY.multipliedBy(4));
    }

    void listening() throws IOException {
      hosts();
      server = opened(servers.provider().openServerSocketChannel());
      server.bind(serverAddress());
    }

    private InetSocketAddress serverAddress() {
      return new InetSocketAddress(servers.address(), PORT);
    }

    void connect() throws IOException {
      client = opened(clients.provider().openSocketChannel());
      client.configureBlocking(false);
      client.connect(serverAddress());
      pass();
      ensure(client.finishConnect());
      accepted = opened(server.accept());
      accepted.configureBlocking(false);
    }

    void connectToNobody() throws IOException {
      client = opened(clients.provider().openSocketChannel());
      client.configureBlocking(false);
      try {
        client.connect(serverAddress());
        pass();
        client.finishConnect();
      } catch (java.net.ConnectException e) {
        client.close();
      }
    }

    void connected() throws IOException {
      listening();
      connect();
    }

    void exchange(int count) throws IOException {
      ByteBuffer src = bytes(count);
      ByteBuffer dst = bytes(count);
      int idle = 0;
      while (dst.hasRemaining()) {
        int written = client.write(src);
        pass();
        int read = accepted.read(dst);
        pass(); // so that the writer knows of the room
        idle = written + read > 0 ? 0 : idle + 1;
        assertThat(idle).as("passes in which nothing arrived").isLessThan(3);
      }
    }

    void closeClient() throws IOException {
      client.write(bytes(10));
      client.close();
      pass();
      assertThat(accepted.read(bytes(20))).isEqualTo(10);
      assertThat(accepted.read(bytes(20))).isEqualTo(-1);
    }

    /** What an event of a connect that failed should have brought is lost, as a packet is. */
    private static void ensure(boolean goesOn) throws IOException {
      if (!goesOn) {
        throw new IOException("something was lost on the way");
      }
    }

    void task() throws Exception {
      Future<?> task = sim.scheduler().schedule(() -> {}, 10, TimeUnit.MILLISECONDS);
      opened(() -> task.cancel(false));
      pass();
      try {
        task.get(WAIT_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new AssertionError("the task was lost, and its future does not tell", e);
      }
    }

    // -- where waits let time pass

    void connectWaiting() throws IOException {
      client = opened(clients.provider().openSocketChannel());
      client.connect(serverAddress());
      accepted = opened(server.accept());
    }

    void connectedWaiting() throws IOException {
      listening();
      connectWaiting();
    }

    void readWaiting() throws IOException {
      client.write(bytes(10));
      accepted.read(bytes(10));
    }

    void timeOut() throws IOException {
      accepted.socket().setSoTimeout(10);
      try {
        accepted.socket().getInputStream().read();
      } catch (SocketTimeoutException e) {
        accepted.socket().setSoTimeout(0);
      }
    }
  }
}
