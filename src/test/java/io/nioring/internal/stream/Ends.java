package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** A connected pair of endpoints whose wake-ups are noted, used as channels use them. */
final class Ends {
  static final UnixDomainSocketAddress CLIENT_ADDRESS = UnixDomainSocketAddress.of("/client");
  static final UnixDomainSocketAddress SERVER_ADDRESS = UnixDomainSocketAddress.of("/server");

  final MemoryPool pool = new MemoryPool(false);
  final Endpoint a = new Endpoint();
  final Endpoint b = new Endpoint();
  private final List<Integer> wakeUpsOfA;
  private final List<Integer> wakeUpsOfB;

  Ends(int capacityBytes) {
    new Wire(pool, capacityBytes, Clock.SYSTEM)
        .connect(
            a, CLIENT_ADDRESS, SERVER_ADDRESS, b, SERVER_ADDRESS, capacityBytes, capacityBytes, 1);
    wakeUpsOfA = WakeUps.recorded(a.poll());
    wakeUpsOfB = WakeUps.recorded(b.poll());
  }

  /** The bits that an end was woken for since the last call. */
  List<Integer> wakeUps(Endpoint end) {
    List<Integer> noted = end == a ? wakeUpsOfA : wakeUpsOfB;
    List<Integer> copy = List.copyOf(noted);
    noted.clear();
    return copy;
  }

  static int write(Endpoint end, int count) throws IOException {
    int taken;
    end.lockWrite();
    try {
      taken = end.write(ByteBuffer.allocate(count));
    } finally {
      end.unlockWrite(true);
    }
    if (taken > 0) {
      end.wakePeerReader();
    }
    return taken;
  }

  static int read(Endpoint end, int most) throws IOException {
    int count;
    end.lockRead();
    try {
      count = end.read(ByteBuffer.allocate(most));
    } finally {
      end.unlockRead();
    }
    if (count > 0) {
      end.wakePeerWriter();
    }
    return count;
  }

  static void fill(Endpoint end) throws IOException {
    assertThat(write(end, end.sendCapacityBytes())).isEqualTo(end.sendCapacityBytes());
  }

  /** Checks all readiness bits of an end. */
  static void assertReadiness(Endpoint end, int bits) {
    assertThat(Readiness.toString(end.readiness(Readiness.ALL)))
        .isEqualTo(Readiness.toString(bits));
  }
}
