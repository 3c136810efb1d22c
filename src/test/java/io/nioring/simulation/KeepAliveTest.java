package io.nioring.simulation;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who asks for signs of life of a host that has crashed is told at the nanosecond. */
@Timeout(180)
class KeepAliveTest {
  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
  private final RingHost client = sim.host("client");
  private final RingHost server = sim.host("server");
  private SocketChannel asking;
  private SocketChannel careless;

  /** One asks after a minute, and each ten seconds then, three times in all; the other does not. */
  @BeforeEach
  void connectAndCrash() throws IOException {
    asking = SimPair.connect(sim, client, server, 80).client();
    careless = SimPair.connect(sim, client, server, 80).client();
    asking.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    asking.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 60);
    asking.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 10);
    asking.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    server.crash();
  }

  @AfterEach
  void close() {
    sim.close();
  }

  private static int read(SocketChannel from) throws IOException {
    return from.read(ByteBuffer.allocate(1));
  }

  @Test
  void whoAsksIsToldThatThereAreNone() throws Exception {
    sim.advance(ofSeconds(90).minusNanos(1));
    assertThat(read(asking)).isZero();
    sim.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> read(asking))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Connection timed out");
    assertThat(read(careless)).isZero();
  }

  /** As the kernel, whose probes begin with the option. */
  @Test
  void whoBeginsToAskWhileNobodyAnswersIsToldToo() throws Exception {
    sim.advance(ofSeconds(1_000));
    careless.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 20);
    careless.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 5);
    careless.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 2);
    careless.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    sim.advance(ofSeconds(30).minusNanos(1));
    assertThat(read(careless)).isZero();
    sim.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> read(careless)).hasMessage("Connection timed out");
  }

  @Test
  void whoNoLongerAsksIsNotTold() throws Exception {
    sim.advance(ofSeconds(80));
    asking.setOption(StandardSocketOptions.SO_KEEPALIVE, false);
    sim.advance(ofSeconds(1_000));
    assertThat(read(asking)).isZero();
    assertThat(sim.pendingEvents()).isZero();
  }

  /** It is off and on again before it is given up: the next probe meets nobody. */
  @ParameterizedTest
  @CsvSource({"30, 60", "65, 70"})
  void whoAsksIsResetByAHostThatIsUpAgain(int upAfter, int probedAfter) throws Exception {
    sim.advance(ofSeconds(upAfter));
    server.restart();
    sim.advance(ofSeconds(probedAfter - upAfter).minusNanos(1));
    assertThat(read(asking)).isZero();
    sim.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> read(asking))
        .isInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
    assertThat(read(careless)).isZero();
  }
}
