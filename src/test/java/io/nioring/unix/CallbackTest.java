package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A buffer may be of a class of the user's, which is called in the middle of a send or receive. It
 * does not wait for itself if it uses the same channel.
 */
@Timeout(60)
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

  @Test
  void whileABufferIsSentItMaySend() throws Exception {
    try (Pair pair = Pair.open()) {
      ByteBuf buffer = calling(() -> assertThat(pair.left.write(bytes("in"))).isEqualTo(2));
      buffer.writeBytes(new byte[8]);
      Background<Long> sender = Background.run(() -> pair.leftSocket.write(ByteSource.of(buffer)));
      assertThat(sender.result()).isEqualTo(8);
      assertThat(pair.receive(CAPACITY).message().bytes()).isPositive();
      buffer.release();
      assertThatLocksAreFree(pair);
    }
  }

  @Test
  void whileABufferIsReceivedIntoItMayReceive() throws Exception {
    try (Pair pair = Pair.open().nonBlocking()) {
      pair.send("abcdef");
      ByteBuf buffer = calling(() -> pair.right.read(ByteBuffer.allocate(2)));
      Background<Integer> receiver =
          Background.run(() -> pair.rightSocket.read(ByteTarget.of(buffer)));
      assertThat(receiver.result()).isPositive();
      buffer.release();
      pair.right.read(ByteBuffer.allocate(CAPACITY));
      assertThatLocksAreFree(pair);
    }
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
