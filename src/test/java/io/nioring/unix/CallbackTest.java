package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A buffer may be of a class of the user's, which is called in the middle of a send or receive. It
 * sees this stream's bytes alone, and does not wait for itself if it uses the same channel.
 */
@Timeout(180)
class CallbackTest {
  private static final int CAPACITY = 64;

  /** What a buffer does when bytes are moved. */
  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }

  private static ByteBuf calling(Action action) {
    return new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, CAPACITY, CAPACITY) {
      @Override
      public ByteBuf getBytes(int index, ByteBuffer dst) {
        run();
        return super.getBytes(index, dst);
      }

      @Override
      public ByteBuf setBytes(int index, ByteBuffer src) {
        run();
        return super.setBytes(index, src);
      }

      private void run() {
        try {
          action.run();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** It would put its bytes into the middle of those that are sent. */
  @Test
  void whileABufferIsSentItMayNotSend() throws Exception {
    try (Pair pair = Pair.open()) {
      ByteBuf buffer = calling(() -> pair.left.write(bytes("in")));
      buffer.writeBytes(new byte[8]);
      Background<Throwable> sender =
          Background.run(() -> catchThrowable(() -> pair.leftSocket.write(ByteSource.of(buffer))));
      assertThat(sender.result()).isInstanceOf(IllegalStateException.class);
      assertThat(buffer.readableBytes()).isEqualTo(8);
      buffer.release();
      assertThatLocksAreFree(pair);
    }
  }

  /** It would get bytes that are received, once more or never. */
  @Test
  void whileABufferIsReceivedIntoItMayNotReceive() throws Exception {
    try (Pair pair = Pair.open().nonBlocking()) {
      pair.send("abcdef");
      ByteBuf buffer = calling(() -> pair.right.read(ByteBuffer.allocate(2)));
      Background<Throwable> receiver =
          Background.run(() -> catchThrowable(() -> pair.rightSocket.read(ByteTarget.of(buffer))));
      assertThat(receiver.result()).isInstanceOf(IllegalStateException.class);
      buffer.release();
      assertThat(pair.receive(CAPACITY).text()).isEqualTo("abcdef");
      assertThatLocksAreFree(pair);
    }
  }

  @Test
  void whileABufferIsReceivedIntoItMaySend() throws Exception {
    try (Pair pair = Pair.open()) {
      pair.send("abcdef");
      ByteBuf buffer = calling(() -> pair.right.write(bytes("answer")));
      Background<Integer> receiver =
          Background.run(() -> pair.rightSocket.read(ByteTarget.of(buffer)));
      assertThat(receiver.result()).isEqualTo(6);
      buffer.release();
      assertThat(pair.left.read(ByteBuffer.allocate(CAPACITY))).isEqualTo(6);
    }
  }

  /** What a buffer of the user's sees, whatever it keeps, are bytes of this stream. */
  @Test
  void aBufferThatKeepsWhatItIsHandedSeesNothingElse() throws Exception {
    List<ByteBuffer> kept = new ArrayList<>();
    ByteBuf keeping =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, CAPACITY, CAPACITY) {
          @Override
          public ByteBuf setBytes(int index, ByteBuffer src) {
            kept.add(src.duplicate());
            return super.setBytes(index, src);
          }
        };
    try (Pair pair = Pair.open()) {
      pair.send("abc");
      assertThat(pair.rightSocket.read(ByteTarget.of(keeping))).isEqualTo(3);
      pair.send("secret");
      for (ByteBuffer each : kept) {
        each.clear();
        assertThat(StandardCharsets.ISO_8859_1.decode(each).toString()).isEqualTo("abc");
      }
    }
    keeping.release();
  }

  /** Memory that was used before is not sent by a buffer that fills nothing. */
  @Test
  void aBufferThatFillsNothingSendsZeros() throws Exception {
    ByteBuf lazy =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, CAPACITY, CAPACITY) {
          @Override
          public ByteBuf getBytes(int index, ByteBuffer dst) {
            dst.position(dst.limit());
            return this;
          }
        };
    lazy.writeBytes(new byte[6]);
    ByteBuf wrapped = Unpooled.compositeBuffer().addComponent(true, lazy);
    try (Pair pair = Pair.open()) {
      for (int i = 0; i < 100; i++) {
        pair.send("secret");
        pair.receive(6);
      }
      pair.leftSocket.write(ByteSource.of(wrapped));
      assertThat(pair.receive(6).text()).isEqualTo("\0\0\0\0\0\0");
    }
    wrapped.release();
  }

  @Test
  void whileABufferIsSentItMayCloseTheChannel() throws Exception {
    try (Pair pair = Pair.open()) {
      ByteBuf buffer = calling(pair.left::close);
      buffer.writeBytes(new byte[8]);
      Background<Long> sender = Background.run(() -> pair.leftSocket.write(ByteSource.of(buffer)));
      assertThat(sender.result()).isEqualTo(8);
      buffer.release();
      assertThat(pair.receive(CAPACITY).message().bytes()).isEqualTo(8);
      assertThat(pair.receive(1).message().isEnd()).isTrue();
    }
  }

  @Test
  void whileABufferIsReceivedIntoItMayCloseTheChannel() throws Exception {
    try (Pair pair = Pair.open()) {
      pair.send("abc");
      ByteBuf buffer = calling(pair.right::close);
      Background<Integer> receiver =
          Background.run(() -> pair.rightSocket.read(ByteTarget.of(buffer)));
      assertThat(receiver.result()).isEqualTo(3);
      buffer.release();
    }
  }

  /** Other threads can read and write: each lock was let go as often as it was taken. */
  private static void assertThatLocksAreFree(Pair pair) throws Exception {
    pair.right.configureBlocking(true);
    assertThat(Background.run(() -> pair.left.write(bytes("free"))).result()).isEqualTo(4);
    assertThat(Background.run(() -> pair.right.read(ByteBuffer.allocate(CAPACITY))).result())
        .isPositive();
  }
}
