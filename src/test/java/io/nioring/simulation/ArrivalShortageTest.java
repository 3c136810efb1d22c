package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.Tap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is on its way while memory is short arrives later; here a tap has none when it is told. */
class ArrivalShortageTest {
  private static final Duration LATENCY = ofMillis(10);
  private static final int PORT = 80;

  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());

  private final ShortTap tap = new ShortTap();
  private SocketChannel client;
  private SocketChannel server;

  /** Of the client's output. */
  private static final class ShortTap implements Tap {
    int failures;

    private void ask() {
      if (failures > 0) {
        failures--;
        throw new OutOfMemoryError("in a test");
      }
    }

    @Override
    public Object owner() {
      return this;
    }

    @Override
    public void arriving(long position) {
      ask();
    }

    @Override
    public void finishArriving() {
      ask();
    }

    @Override
    public void resetting(long position) {
      ask();
    }
  }

  @BeforeEach
  void connect() throws IOException {
    RingHost clients = sim.host("clients");
    RingHost servers = sim.host("servers");
    sim.link(clients, servers).latency(LATENCY);
    clients
        .resources()
        .wire()
        .addObserver(
            new Observer() {
              @Override
              public void connected(Endpoint connecting, Endpoint accepting) {
                connecting.addTap(tap);
              }
            });
    try (ServerSocketChannel listener = servers.provider().openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(servers.address(), PORT));
      client = clients.provider().openSocketChannel();
      client.configureBlocking(false);
      client.connect(listener.getLocalAddress());
      sim.advance(LATENCY.multipliedBy(4));
      assertThat(client.finishConnect()).isTrue();
      server = listener.accept();
      server.configureBlocking(false);
    }
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    sim.close();
  }

  private int read() throws IOException {
    return server.read(ByteBuffer.allocate(100));
  }

  @Test
  void bytesArriveLater() throws IOException {
    client.write(ByteBuffer.allocate(5));
    tap.failures = 2;

    sim.advance(LATENCY);
    assertThat(read()).isZero();
    sim.advance(LATENCY);
    assertThat(read()).isEqualTo(5);
  }

  @Test
  void theyArriveWithTheNextWriteAtTheLatest() throws IOException {
    client.write(ByteBuffer.allocate(5));
    tap.failures = 1;

    sim.advance(LATENCY);
    assertThat(read()).isZero();
    client.write(ByteBuffer.allocate(7));
    assertThat(read()).isEqualTo(5);
    sim.advance(LATENCY);
    assertThat(read()).isEqualTo(7);
  }

  @Test
  void endArrivesLater() throws IOException {
    client.shutdownOutput();
    tap.failures = 2;

    sim.advance(LATENCY.multipliedBy(2));
    assertThat(read()).isEqualTo(-1);
  }

  @Test
  void resetIsSentLater() throws IOException {
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    tap.failures = 1;
    client.close();

    sim.advance(LATENCY.multipliedBy(2));
    assertThatThrownBy(this::read).isInstanceOf(SocketException.class);
  }

  /** What fails again is tried again, though nothing else is on its way. */
  @Test
  void resetIsSentThoughMemoryStaysShort() throws IOException {
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    tap.failures = 3;
    client.close();

    sim.advance(LATENCY.multipliedBy(10));
    assertThatThrownBy(this::read).isInstanceOf(SocketException.class);
  }

  @Test
  void nothingIsLeftOfAConnectionThatHasEnded() throws IOException {
    client.write(ByteBuffer.allocate(5));
    tap.failures = 1;
    sim.advance(LATENCY);
    client.close();
    server.close();
    sim.advance(LATENCY.multipliedBy(2));

    assertThat(sim.connections()).isZero();
    assertThat(sim.pendingEvents()).isZero();
  }
}
