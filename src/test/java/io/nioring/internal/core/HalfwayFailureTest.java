package io.nioring.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.poll.Readiness;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was copied before a buffer failed has moved, and its waiters are woken. */
class HalfwayFailureTest {
  private static final int FIRST_SEGMENT_BYTES = 8 * 1024;
  private static final int LEFT_IN_FIRST_SEGMENT = 1_000;

  private final RingNetwork network = RingNetwork.open();
  private RingSocketChannel writer;
  private RingSocketChannel reader;

  /** A source whose second piece cannot be read. */
  private static final class Torn extends UnpooledHeapByteBuf {
    private int pieces;

    Torn(int bytes) {
      super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes);
      writerIndex(bytes);
    }

    @Override
    public ByteBuf readBytes(ByteBuffer dst) {
      if (++pieces > 1) {
        throw new IllegalStateException("torn");
      }
      return super.readBytes(dst);
    }
  }

  @BeforeEach
  void fillTheFirstSegmentAlmost() throws IOException {
    SocketPair pair = network.socketPair();
    writer = (RingSocketChannel) pair.first();
    reader = (RingSocketChannel) pair.second();
    writer.configureBlocking(false);
    reader.configureBlocking(false);
    writer.write(ByteBuffer.allocate(FIRST_SEGMENT_BYTES - LEFT_IN_FIRST_SEGMENT));
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void aReaderIsNotifiedOfTheBytesOfAFailedSource() throws IOException {
    List<Integer> wakeUps = WakeUps.recorded(reader.poll());

    assertThatThrownBy(() -> writer.write(new Torn(10_000))).hasMessage("torn");
    assertThat(wakeUps).containsExactly(Readiness.IN);
    assertThat(reader.read(ByteBuffer.allocate(20_000))).isEqualTo(FIRST_SEGMENT_BYTES);
  }
}
