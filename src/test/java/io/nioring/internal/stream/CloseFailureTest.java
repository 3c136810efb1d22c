package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A close that fails while it leaves the ring has closed the connection all the same. */
@SuppressWarnings("AddressSelection") // literals, not names
class CloseFailureTest {
  private static final int CAPACITY = 1_000;

  private final MemoryPool pool = new MemoryPool(false);
  private final Endpoint a = new Endpoint();
  private final Endpoint b = new Endpoint();
  private boolean fails = true;

  /** A direction that has no memory when its reader leaves. */
  private final class Failing extends Direction {
    Failing(long number) {
      super(pool, CAPACITY, number);
    }

    @Override
    protected void closeReader(boolean leaves) {
      super.closeReader(leaves);
      if (fails) {
        throw new OutOfMemoryError("of the test");
      }
    }
  }

  private void connect(SocketAddress client, SocketAddress server) {
    new Wire(pool, CAPACITY, Clock.SYSTEM) {
      @Override
      protected Direction direction(Endpoint from, Endpoint to, int capacityBytes, long number) {
        return new Failing(number);
      }
    }.connect(a, client, server, b, server, CAPACITY, CAPACITY, 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofTcp(boolean reset) throws IOException {
    connect(new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
    assertPeerIsTold(reset);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofUnixSockets(boolean reset) throws IOException {
    connect(UnixDomainSocketAddress.of("/client"), UnixDomainSocketAddress.of("/server"));
    assertPeerIsTold(reset);
  }

  private void assertPeerIsTold(boolean reset) throws IOException {
    List<Integer> wakeUps = WakeUps.recorded(b.poll());
    assertThatThrownBy(() -> a.close(reset)).isInstanceOf(OutOfMemoryError.class);
    fails = false;

    assertThat(wakeUps).isNotEmpty();
    if (reset) {
      assertThatThrownBy(() -> Ends.read(b, 1)).hasMessage("Connection reset");
    } else {
      assertThat(Ends.read(b, 1)).isNegative();
    }
    a.lockRead(); // nobody has the locks
    a.unlockRead();
    a.lockWrite();
    a.unlockWrite(false);
    b.close(false);
    assertThat(pool.bytesInUse()).isZero();
  }
}
