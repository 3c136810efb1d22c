package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
    this(capacityBytes, CLIENT_ADDRESS, SERVER_ADDRESS);
  }

  private Ends(int capacityBytes, SocketAddress client, SocketAddress server) {
    new Wire(pool, capacityBytes, Clock.SYSTEM)
        .connect(a, client, server, b, server, capacityBytes, capacityBytes, 1);
    wakeUpsOfA = WakeUps.recorded(a.poll());
    wakeUpsOfB = WakeUps.recorded(b.poll());
  }

  /** A pair that follows TCP. */
  static Ends tcp(int capacityBytes) {
    return new Ends(
        capacityBytes,
        new InetSocketAddress("127.0.0.1", 1),
        new InetSocketAddress("127.0.0.1", 2));
  }

  /** The bits that an end was woken for since the last call. */
  List<Integer> wakeUps(Endpoint end) {
    List<Integer> noted = end == a ? wakeUpsOfA : wakeUpsOfB;
    List<Integer> copy = List.copyOf(noted);
    noted.clear();
    return copy;
  }

  static int write(Endpoint end, int count) throws IOException {
    return write(end, ByteBuffer.allocate(count));
  }

  static int write(Endpoint end, ByteBuffer src) throws IOException {
    int taken;
    end.lockWrite();
    try {
      taken = end.write(src);
    } finally {
      end.unlockWrite(true);
    }
    if (taken > 0) {
      end.wakePeerReader();
    }
    return taken;
  }

  static int read(Endpoint end, int most) throws IOException {
    return read(end, ByteBuffer.allocate(most));
  }

  static int read(Endpoint end, ByteBuffer dst) throws IOException {
    int count;
    end.lockRead();
    try {
      count = end.read(dst);
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
