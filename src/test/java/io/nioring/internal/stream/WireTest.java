package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final InetSocketAddress CLIENT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final MemoryPool pool = new MemoryPool(false);
  private final Endpoint client = new Endpoint();
  private final Endpoint server = new Endpoint();

  /** A wire whose bytes are not visible before it is opened. */
  private static final class Valve extends Wire {
    private boolean open;

    Valve(MemoryPool memory) {
      super(memory, 100, Clock.SYSTEM);
    }

    @Override
    protected Direction direction(Endpoint from, Endpoint to, int capacityBytes, long number) {
      return new Direction(memory(), capacityBytes, number) {
        @Override
        protected int visible(ByteRing present, int wanted) {
          return open ? super.visible(present, wanted) : 0;
        }

        @Override
        protected boolean isDone() {
          return open && super.isDone();
        }
      };
    }
  }

  @AfterEach
  void memoryComesBack() {
    client.close(false);
    server.close(false);
    assertThat(pool.bytesInUse()).isZero();
  }

  @Test
  void bothEndsHaveTheConnectionsNumberAndNoOtherOneHas() {
    Wire wire = new Wire(pool, 100, Clock.SYSTEM);
    wire.connect(client, CLIENT, server, SERVER);
    Set<Long> numbers = new HashSet<>(Set.of(client.number()));
    Wire.Numbers ofOneListener = wire.numbers();
    Wire.Numbers ofAnother = wire.numbers();
    for (int i = 0; i < 200; i++) {
      numbers.add(ofOneListener.next());
      numbers.add(ofAnother.next());
      numbers.add(wire.number());
    }

    assertThat(client.number()).isPositive().isEqualTo(server.number());
    assertThat(numbers).hasSize(601);
    assertThat(new Endpoint().number()).as("unconnected").isZero();
  }

  /** Also those behind one that fails. */
  @Test
  void allObserversAreToldThatTheNetworkWasClosed() {
    Wire wire = new Wire(pool, 100, Clock.SYSTEM);
    wire.tellClosed();
    List<Integer> told = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      wire.addObserver(
          new Observer() {
            @Override
            public void networkClosed() {
              told.add(number);
              if (number == 1) {
                throw new OutOfMemoryError("made");
              }
            }
          });
    }

    assertThatThrownBy(wire::tellClosed).isInstanceOf(OutOfMemoryError.class).hasMessage("made");
    assertThat(told).containsExactly(0, 1, 2);
  }

  @Test
  void aWireMayKeepBytesAndTheEndBack() throws IOException {
    Valve valve = new Valve(pool);
    Wire wire =
        new Wire(pool, 100, Clock.SYSTEM) {
          @Override
          protected Wire between(SocketAddress from, SocketAddress to) {
            return from.equals(CLIENT) && to.equals(SERVER) ? valve : this;
          }
        };
    wire.connect(client, CLIENT, server, SERVER);
    client.write(ByteBuffer.allocate(3));
    client.shutdownOutput();
    assertThat(server.read(ByteBuffer.allocate(10))).isZero();

    valve.open = true;
    assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(3);
    assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(-1);
  }
}
