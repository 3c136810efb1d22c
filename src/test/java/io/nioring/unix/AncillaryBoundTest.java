package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages and rights that nobody receives take no more than a bounded amount of memory. */
@Timeout(180)
class AncillaryBoundTest {
  private static final int CAPACITY = 64 * 1024;

  /** They count with what they cost, as in the kernel, and a selector does not spin meanwhile. */
  @Test
  void messagesOfOneByteFillADirectionSoon() throws Exception {
    try (Pair pair = Pair.open(CAPACITY).nonBlocking();
        Selector selector = pair.network.provider().openSelector()) {
      Channel channel = pair.channel();
      int sent = 0;
      while (pair.send("x", channel) == 1) {
        sent++;
      }
      assertThat(sent).isBetween(10, CAPACITY / 200);
      pair.left.register(selector, SelectionKey.OP_WRITE);
      assertThat(selector.selectNow()).isZero();

      for (int i = 0; i < sent; i++) {
        assertThat(pair.receive(10).text()).isEqualTo("x");
      }
      assertThat(selector.selectNow()).isOne();
      assertThat(pair.send("y", channel)).isOne();
      assertThat(pair.receive(10).channels()).containsExactly(channel);
      channel.close();
    }
  }

  /** A message of which no byte was sent takes nothing, however often that is tried. */
  @Test
  void sendsThatFailTakeNoRoom() throws Exception {
    try (Pair pair = Pair.open(CAPACITY).nonBlocking()) {
      Channel channel = pair.channel();
      AncillaryData data = AncillaryData.ofChannels(channel);
      for (int i = 0; i < CAPACITY / 200; i++) {
        ByteBuf failing = failing();
        assertThatThrownBy(() -> pair.leftSocket.send(ByteSource.of(failing), data))
            .isInstanceOf(IllegalStateException.class);
        failing.release();
      }

      assertThat(pair.send("x", channel)).isOne();
      assertThat(pair.receive(10).channels()).containsExactly(channel);
      channel.close();
    }
  }

  private static ByteBuf failing() {
    ByteBuf failing =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 1, 1) {
          @Override
          public ByteBuf readBytes(ByteBuffer dst) {
            throw new IllegalStateException("on purpose");
          }
        };
    return failing.writeByte(0);
  }

  /** However small the direction is. */
  @Test
  void oneMessageAlwaysFits() throws Exception {
    try (Pair pair = Pair.open(1)) {
      Channel channel = pair.channel();
      for (int i = 0; i < 3; i++) {
        assertThat(pair.send("x", channel, channel)).isOne();
        assertThat(pair.receive(1).channels()).containsExactly(channel, channel);
      }
      channel.close();
    }
  }

  @Test
  void aBlockedSenderContinuesWhenMessagesWereReceived() throws Exception {
    try (Pair pair = Pair.open(1024)) {
      Channel channel = pair.channel();
      Background<Integer> sender =
          Background.run(
                  () -> {
                    int count = 0;
                    for (int i = 0; i < 20; i++) {
                      count += pair.send("x", channel);
                    }
                    return count;
                  })
              .awaitAsleep();
      for (int i = 0; i < 20; i++) {
        assertThat(pair.receive(10).text()).isEqualTo("x");
      }
      assertThat(sender.result()).isEqualTo(20);
      channel.close();
    }
  }

  @Test
  void rightsInFlightAreBounded() throws Exception {
    try (Pair pair = Pair.open(1 << 27)) {
      Channel channel = pair.channel();
      AncillaryData many =
          AncillaryData.ofChannels(Collections.nCopies(253, channel).toArray(Channel[]::new));
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  pair.leftSocket.send(bytes("x"), many);
                }
              })
          .isInstanceOf(SocketException.class)
          .hasMessage("Too many references: cannot splice");
      assertThat(pair.receive(10).channels()).hasSize(253);
      assertThat(pair.leftSocket.send(bytes("x"), many)).isOne();
      assertThat(channel.isOpen()).isTrue();
    }
  }

  @Test
  void rightsThatWereClosedOrTakenBackCountNoMore() throws Exception {
    try (Pair pair = Pair.open(1 << 27)) {
      for (int round = 0; round < 3; round++) {
        SocketPair other = pair.network.socketPair();
        Channel channel = pair.channel();
        AncillaryData many =
            AncillaryData.ofChannels(Collections.nCopies(253, channel).toArray(Channel[]::new));
        RingSocket sender = RingSocket.of(other.first());
        for (int i = 0; i < 200; i++) {
          assertThat(sender.send(bytes("x"), many)).isOne();
        }
        other.close();
        channel.close();
      }
    }
  }
}
