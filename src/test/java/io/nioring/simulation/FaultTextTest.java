package io.nioring.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults as text. */
@Timeout(180)
class FaultTextTest {
  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
  private final RingHost a = sim.host("a");
  private final RingHost b = sim.host("b");

  @AfterEach
  void close() {
    sim.close();
  }

  @Test
  void eachFaultHasItsAddresses() throws Exception {
    assertThat(sim.install("tcp:*:5432: latency 20ms+-5ms; tcp:10.0.0.2:80-90: down;")).hasSize(2);
    SocketChannel refused = a.provider().openSocketChannel();
    assertThatThrownBy(() -> refused.connect(new InetSocketAddress(b.address(), 85)))
        .isInstanceOf(ConnectException.class);
    SimPair plain = SimPair.connect(sim, a, b, 91);
    plain.write(plain.client(), "x");
    assertThat(plain.read(plain.server())).isEqualTo("x");
  }

  @Test
  void toxiproxysWordsAreUnderstood() throws Exception {
    sim.install("tcp:*:1: limit_data 3, upstream");
    SimPair pair = SimPair.connect(sim, a, b, 1);
    pair.client().write(ByteBuffer.wrap(new byte[9]));
    assertThat(pair.read(pair.server())).hasSize(3);
    assertThat(pair.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    SimPair slow = SimPair.connect(sim, a, b, 2);
    sim.install("tcp:*:2: latency latency=100 jitter=0");
    slow.write(slow.client(), "x");
    sim.advance(ofMillis(99));
    assertThat(slow.read(slow.server())).isEmpty();
    sim.advance(ofMillis(1));
    assertThat(slow.read(slow.server())).isEqualTo("x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp:*:1: bandwidth 256KiB/s, slicer 10 5",
        "tcp:*:1: slow_close 2s, timeout 5s",
        "tcp:*:1: reset_peer, toxicity 0.5",
        "tcp:*:1: blackHole, first 2",
        "tcp:*:1: unreachable, connection 3",
        "tcp:*:1: acceptDelay 1s, connectDelay 10, acceptFails 2",
        "tcp:*:1: halfOpen, loss 0.1, spuriousReadiness 0.5, downstream",
        "tcp:*:1: resetAfterBytes 10, closeAfter 1m, sliceWrites 5",
        "tcp:*:1: resetAfterBytes 4KiB, loss 10%, latency 20ms jitter 5ms",
        "udp:*:1: duplication 1%, reordering 0.5 2ms, latency 20 5"
      })
  void allWordsAreKnown(String text) {
    assertThat(sim.install(text)).hasSize(1);
  }

  @Test
  void fractionsOfTimesAreExact() {
    assertThat(FaultWord.duration("1.001ms")).isEqualTo(ofNanos(1_001_000));
    assertThat(FaultWord.duration("67.10s")).isEqualTo(ofMillis(67_100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp:*:1",
        "tcp:*:1: explode",
        "tcp:*:1: latency",
        "tcp:*:1: latency soon",
        "tcp:*:1: bandwidth much",
        "tcp:*:1: slicer 10 5 100",
        "tcp:*:1: refuse now",
        "tcp:*:1: resetAfterBytes 5 10",
        "tcp:*:1: loss 0.5 x y z",
        "tcp:*:1: latency 20 x 5",
        "tcp:*:1: latency 20+-5+-3",
        "tcp:*:1: latency 20+-5 3",
        "tcp:*:1: first 2.7, refuse",
        "tcp:*:1: reordering 0.1",
        "tcp:*:1: bandwidth 99999999999999MiB/s",
        "tcp:*:1: resetAfterBytes 99999999999999999999",
        "tcp:*:1: resetAfterBytes 4k",
        "tcp:*:1: down,",
        "tcp:*:1: refuse, blackHole",
        "tcp:*:1: duplication 0.1",
        "udp:*:1: resetAfterBytes 5",
        "udp:*:1: latency 5, afterTime 1s",
        "unix:*: down",
        "nonsense: down"
      })
  void aMalformedFaultIsQuoted(String text) {
    assertThatThrownBy(() -> sim.install("tcp:*:2: down; " + text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void malformedAddressesAreNoRoute() {
    assertThatThrownBy(() -> sim.install("tcp:*: down"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\"tcp:*: down\" is not a fault: expected tcp:<host>:<port>, with * for any port");
  }

  @Test
  void noFaultIsNone() {
    assertThatThrownBy(() -> sim.install(" ; "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\" ; \" has no fault");
  }

  @Test
  void anUnknownWordIsToldTheKnownOnes() {
    assertThatThrownBy(() -> sim.install("tcp:*:1: bogus"))
        .hasMessageContaining("unknown word \"bogus\", known are refuse, blackHole, ")
        .hasMessageEndingWith(", toxicity");
    for (String word : FaultText.WORDS) {
      assertThatThrownBy(() -> sim.install("tcp:*:1: " + word + " x y z"))
          .message()
          .doesNotContain("unknown word");
    }
  }

  /** The guide's table has each word with its arguments. */
  @Test
  void theGuideHasAllWords() throws Exception {
    String guide = Files.readString(Path.of("docs/guide-simulation.md"));
    String table = guide.substring(guide.indexOf("**As text:**"), guide.indexOf("## Datagrams"));
    assertThat(FaultText.WORDS).allMatch(word -> table.matches("(?s).*`" + word + "[` ].*"));
  }

  @Test
  void failingAcceptsAreOfTheAddressesThatAreNamed() throws Exception {
    sim.install("tcp:10.0.0.2:80: acceptFails 1");
    SimPair.connect(sim, a, b, 81);
    ServerSocketChannel listener = b.listen(80);
    a.connect(b, 80);
    assertThatThrownBy(listener::accept).hasMessage("Too many open files");
    assertThat(listener.accept()).isNotNull();
  }
}
