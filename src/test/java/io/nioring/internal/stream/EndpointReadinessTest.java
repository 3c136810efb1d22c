package io.nioring.internal.stream;

import static io.nioring.internal.poll.Readiness.ERR;
import static io.nioring.internal.poll.Readiness.HUP;
import static io.nioring.internal.poll.Readiness.IN;
import static io.nioring.internal.poll.Readiness.OUT;
import static io.nioring.internal.poll.Readiness.RDHUP;
import static io.nioring.internal.stream.Ends.assertReadiness;
import static io.nioring.internal.stream.Ends.fill;
import static io.nioring.internal.stream.Ends.read;
import static io.nioring.internal.stream.Ends.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The readiness bits of a Unix stream socket state by state, with what the calls then give. */
class EndpointReadinessTest {
  private static final int CAPACITY = 1_000;

  private final Ends ends = new Ends(CAPACITY);
  private final Endpoint own = ends.a;
  private final Endpoint peer = ends.b;

  @AfterEach
  void memoryComesBack() {
    own.close(false);
    peer.close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  private static void assertBrokenPipe(Endpoint end) {
    assertThatThrownBy(() -> write(end, 1))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  private static void assertReset(Endpoint end) {
    assertThatThrownBy(() -> read(end, 1))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  @Test
  void unconnected() {
    assertReadiness(new Endpoint(), OUT | HUP);
  }

  @Test
  void unconnectedAndClosed() {
    Endpoint closed = new Endpoint();
    closed.close(false);
    assertReadiness(closed, OUT | HUP);
  }

  @Test
  void connectedAndNothingToRead() throws IOException {
    assertReadiness(own, OUT);
    assertThat(read(own, 1)).isZero();
  }

  @Test
  void somethingToRead() throws IOException {
    write(peer, 5);
    assertReadiness(own, IN | OUT);
    assertReadiness(peer, OUT);
    assertThat(read(own, 10)).isEqualTo(5);
    assertReadiness(own, OUT);
  }

  @Test
  void peerShutItsOutput() throws IOException {
    peer.shutdownOutput();
    assertReadiness(own, IN | OUT | RDHUP);
    assertThat(read(own, 1)).isEqualTo(-1);
    assertThat(write(own, 1)).isEqualTo(1);
    assertReadiness(own, IN | OUT | RDHUP);
  }

  @Test
  void peerShutItsOutputWithDataLeft() throws IOException {
    write(peer, 5);
    peer.shutdownOutput();
    assertReadiness(own, IN | OUT | RDHUP);
    assertThat(read(own, 3)).isEqualTo(3);
    assertThat(read(own, 3)).isEqualTo(2);
    assertThat(read(own, 3)).isEqualTo(-1);
    assertThat(read(own, 3)).isEqualTo(-1);
    assertThat(write(own, 1)).isEqualTo(1);
  }

  @Test
  void ownInputShut() throws IOException {
    write(peer, 5);
    own.shutdownInput();
    assertReadiness(own, IN | OUT | RDHUP);
    assertReadiness(peer, OUT);
    assertThat(read(own, 10)).isEqualTo(5);
    assertThat(read(own, 10)).isEqualTo(-1);
    assertBrokenPipe(peer);
    assertThat(write(own, 1)).isEqualTo(1);
    assertReadiness(peer, IN | OUT);
  }

  @Test
  void ownOutputShut() throws IOException {
    own.shutdownOutput();
    assertReadiness(own, OUT);
    assertReadiness(peer, IN | OUT | RDHUP);
    assertBrokenPipe(own);
    assertThat(write(peer, 1)).isEqualTo(1);
    assertReadiness(own, IN | OUT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneEndShutBothWays(boolean inputFirst) throws IOException {
    if (inputFirst) {
      own.shutdownInput();
      own.shutdownOutput();
    } else {
      own.shutdownOutput();
      own.shutdownInput();
    }
    assertReadiness(own, IN | OUT | HUP | RDHUP);
    assertReadiness(peer, IN | OUT | HUP | RDHUP);
    assertBrokenPipe(own);
    assertBrokenPipe(peer);
    assertThat(read(own, 1)).isEqualTo(-1);
    assertThat(read(peer, 1)).isEqualTo(-1);
  }

  @Test
  void bothEndsShutTheirOutput() throws IOException {
    own.shutdownOutput();
    peer.shutdownOutput();
    assertReadiness(own, IN | OUT | HUP | RDHUP);
    assertReadiness(peer, IN | OUT | HUP | RDHUP);
  }

  @Test
  void peerClosedAndHadReadEverything() throws IOException {
    write(own, 5);
    read(peer, 5);
    write(peer, 3);
    peer.close(false);
    assertReadiness(own, IN | OUT | HUP | RDHUP);
    assertThat(read(own, 10)).isEqualTo(3);
    assertThat(read(own, 10)).isEqualTo(-1);
    assertBrokenPipe(own);
    assertReadiness(own, IN | OUT | HUP | RDHUP);
  }

  @Test
  void peerClosedWithDataUnread() throws IOException {
    write(own, 5);
    read(peer, 4);
    write(peer, 3);
    peer.close(false);
    assertReadiness(own, IN | OUT | HUP | RDHUP | ERR);
    assertBrokenPipe(own);
    assertThat(read(own, 2)).isEqualTo(2);
    assertThat(read(own, 2)).isEqualTo(1);
    assertReadiness(own, IN | OUT | HUP | RDHUP | ERR);
    assertReset(own);
    assertReadiness(own, IN | OUT | HUP | RDHUP);
    assertThat(read(own, 2)).isEqualTo(-1);
  }

  @Test
  void peerClosedWithAReset() throws IOException {
    write(peer, 3);
    peer.close(true);
    assertReadiness(own, IN | OUT | HUP | RDHUP | ERR);
    assertThat(read(own, 9)).isEqualTo(3);
    assertReset(own);
    assertThat(read(own, 9)).isEqualTo(-1);
  }

  @Test
  void peerClosedWithDataThatItWouldNotHaveRead() throws IOException {
    write(own, 5);
    peer.shutdownInput();
    peer.close(false);
    assertReadiness(own, IN | OUT | HUP | RDHUP | ERR);
    assertReset(own);
  }

  @Test
  void full() throws IOException {
    fill(own);
    assertReadiness(own, 0);
    assertThat(write(own, 1)).isZero();
    assertReadiness(peer, IN | OUT);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 1", "4, 1", "5, 2", "8, 2", "1000, 250", "1001, 251"})
  void fullUntilAQuarterIsFree(int capacity, int quarter) throws IOException {
    Ends pair = new Ends(capacity);
    fill(pair.a);
    for (int read = 1; read <= capacity; read++) {
      assertThat(read(pair.b, 1)).isEqualTo(1);
      assertReadiness(pair.a, read < quarter ? 0 : OUT);
    }
    pair.a.close(false);
    pair.b.close(false);
    assertThat(pair.pool.bytesInUse()).isZero();
  }

  @Test
  void fullAndPeerShutItsInput() throws IOException {
    fill(own);
    peer.shutdownInput();
    assertReadiness(own, OUT);
    assertBrokenPipe(own);
  }

  @Test
  void fullAndOwnOutputShut() throws IOException {
    fill(own);
    own.shutdownOutput();
    assertReadiness(own, OUT);
    assertBrokenPipe(own);
    assertReadiness(peer, IN | OUT | RDHUP);
  }

  @Test
  void fullAndPeerClosed() throws IOException {
    fill(own);
    peer.close(false);
    assertReadiness(own, IN | OUT | ERR | HUP | RDHUP);
    assertBrokenPipe(own);
    assertReset(own);
  }

  @Test
  void fullAndPeerShutItsOutput() throws IOException {
    fill(own);
    peer.shutdownOutput();
    assertReadiness(own, IN | RDHUP);
  }
}
