package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReceivedMessage;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.channels.Channel;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Netty's buffers as source and target. */
@Timeout(180)
class ByteBufTest {

  static Stream<Arguments> kinds() {
    return Stream.of(
        kind("heap", size -> Unpooled.buffer(size, size)),
        kind("direct", size -> Unpooled.directBuffer(size, size)),
        kind("pooled", size -> PooledByteBufAllocator.DEFAULT.directBuffer(size, size)),
        kind("composite", ByteBufTest::composite),
        kind("slice", size -> Unpooled.buffer(size + 8).slice(4, size).clear()));
  }

  private static Arguments kind(String name, IntFunction<ByteBuf> maker) {
    return Arguments.of(name, maker);
  }

  /** A buffer of heap and direct components, cut at odd places. */
  private static CompositeByteBuf composite(int size) {
    CompositeByteBuf whole = Unpooled.compositeBuffer(100);
    int left = size;
    for (int i = 1; left > 0; i++) {
      int part = Math.min(left, 7 * i);
      ByteBuf component = i % 2 == 0 ? Unpooled.buffer(part, part) : Unpooled.directBuffer(part);
      whole.addComponent(true, component.writerIndex(part));
      left -= part;
    }
    return whole.clear();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void writesAndReadsMoveTheIndexesAndNotTheReferenceCount(String name, IntFunction<ByteBuf> maker)
      throws IOException {
    ByteBuf src = maker.apply(20);
    ByteBuf dst = maker.apply(20);
    try (Pair pair = Pair.open()) {
      src.writeBytes("..hello world".getBytes(ISO_8859_1)).readerIndex(2);
      dst.writeBytes(">".getBytes(ISO_8859_1));

      assertThat(pair.leftSocket.write(src)).isEqualTo(11);
      assertThat(src.readerIndex()).isEqualTo(13);
      assertThat(src.writerIndex()).isEqualTo(13);
      assertThat(pair.rightSocket.read(dst)).isEqualTo(11);
      assertThat(dst.writerIndex()).isEqualTo(12);
      assertThat(dst.readerIndex()).isZero();
      assertThat(dst.toString(ISO_8859_1)).isEqualTo(">hello world");
      assertThat(src.refCnt()).isEqualTo(1);
      assertThat(dst.refCnt()).isEqualTo(1);
      assertThat(dst.capacity()).isEqualTo(20);
    }
    src.release();
    dst.release();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void aLongStreamArrivesAsItWasSentOverTheEdgesOfTheRing(String name, IntFunction<ByteBuf> maker)
      throws IOException {
    Random random = new Random(7);
    byte[] sent = new byte[200_000];
    random.nextBytes(sent);
    byte[] got = new byte[sent.length];
    int from = 0;
    int to = 0;
    try (Pair pair = Pair.open(20_000).nonBlocking()) {
      while (to < sent.length) {
        ByteBuf src = maker.apply(3_000);
        src.writeBytes(sent, from, Math.min(1 + random.nextInt(3_000), sent.length - from));
        from += src.isReadable() ? pair.leftSocket.write(src) : 0;
        src.release();
        ByteBuf dst = maker.apply(1 + random.nextInt(3_000));
        int count = pair.rightSocket.read(dst);
        assertThat(count).isEqualTo(dst.readableBytes());
        dst.readBytes(got, to, count);
        to += count;
        dst.release();
      }
    }
    assertThat(got).isEqualTo(sent);
  }

  @Test
  void aReadTakesWhatFitsAndDoesNotMakeTheBufferGrow() throws IOException {
    ByteBuf dst = Unpooled.buffer(3);
    try (Pair pair = Pair.open()) {
      pair.left.write(bytes("abcdef"));

      assertThat(pair.rightSocket.read(dst)).isEqualTo(3);
      assertThat(pair.rightSocket.read(dst)).isZero();
      assertThat(dst.capacity()).isEqualTo(3);
      pair.left.close();
      assertThat(pair.read(9)).isEqualTo("def");
      assertThat(pair.rightSocket.read(dst.clear())).isEqualTo(-1);
      assertThat(dst.writerIndex()).isZero();
    }
    dst.release();
  }

  @Test
  void aNonBlockingWriteTakesWhatFits() throws IOException {
    ByteBuf src = Unpooled.copiedBuffer("abcdef", ISO_8859_1);
    try (Pair pair = Pair.open(4).nonBlocking()) {
      assertThat(pair.leftSocket.write(src)).isEqualTo(4);
      assertThat(pair.leftSocket.write(src)).isZero();
      assertThat(src.toString(ISO_8859_1)).isEqualTo("ef");
    }
    src.release();
  }

  @Test
  void aBlockingWriteTakesAll() throws Exception {
    ByteBuf src = Unpooled.copiedBuffer("abcdefghij", ISO_8859_1);
    try (Pair pair = Pair.open(4)) {
      Background<Integer> writer = Background.run(() -> pair.leftSocket.write(src)).awaitAsleep();
      StringBuilder text = new StringBuilder();
      while (text.length() < 10) {
        text.append(pair.read(3));
      }
      assertThat(text).hasToString("abcdefghij");
      assertThat(writer.result()).isEqualTo(10);
    }
    src.release();
  }

  @Test
  void messagesTakeThemToo() throws IOException {
    ByteBuf src = Unpooled.copiedBuffer("abc", ISO_8859_1);
    ByteBuf dst = Unpooled.buffer(10);
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.leftSocket.send(ByteSource.of(src), AncillaryData.ofChannels(channel));

      ReceivedMessage peeked = pair.rightSocket.receive(ByteTarget.of(dst), MessageOption.PEEK);
      ReceivedMessage got = pair.rightSocket.receive(ByteTarget.of(dst));

      assertThat(peeked.bytes()).isEqualTo(3);
      assertThat(got.ancillary().channels()).containsExactly(channel);
      assertThat(dst.toString(ISO_8859_1)).isEqualTo("abcabc");
      channel.close();
    }
    src.release();
    dst.release();
  }

  @Test
  void aReadDiscardsRightsAsAPlainOneDoes() throws IOException {
    ByteBuf dst = Unpooled.buffer(10);
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a", channel);
      pair.send("b");

      assertThat(pair.rightSocket.read(dst)).isEqualTo(1);
      assertThat(channel.isOpen()).isFalse();
    }
    dst.release();
  }

  @Test
  void aReleasedOrReadOnlyBufferIsRefusedAndNothingIsLost() throws IOException {
    ByteBuf released = Unpooled.buffer(10);
    released.release();
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a", channel);

      assertThatThrownBy(() -> pair.rightSocket.receive(ByteTarget.of(released)))
          .isInstanceOf(IllegalReferenceCountException.class);
      assertThatThrownBy(() -> pair.rightSocket.read(Unpooled.buffer(1).asReadOnly()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(pair.receive(9).channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void anOwnShutInputAndAResetReadAsTheyDoPlainly() throws IOException {
    ByteBuf dst = Unpooled.buffer(10);
    try (Pair pair = Pair.open()) {
      pair.right.write(bytes("unread"));
      pair.left.close();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> pair.rightSocket.read(dst)).hasMessage("Connection reset");
      }
      pair.right.shutdownInput();
      assertThat(pair.rightSocket.read(dst)).isEqualTo(-1);
    }
    dst.release();
  }
}
