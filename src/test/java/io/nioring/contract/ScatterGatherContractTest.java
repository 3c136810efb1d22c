package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.util.Random;

/** Reads into and writes from several buffers at once. */
class ScatterGatherContractTest {
  @EachTransport
  void gatheringWriteContinuesPastTheFirstBuffer(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer[] out = {
      ChannelIo.ascii("one"), ByteBuffer.allocate(0), ChannelIo.ascii("two"), ChannelIo.ascii("3")
    };

    assertThat(pair.client().write(out)).isEqualTo(7);

    for (ByteBuffer buffer : out) {
      assertThat(buffer.hasRemaining()).isFalse();
    }
    assertThat(ChannelIo.receive(pair.server(), 7)).isEqualTo("onetwo3");
  }

  /** What remained of each when the write began, as a separator between the parts of a message. */
  @EachTransport
  void gatheringWriteTakesARepeatedBufferEachTime(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer separator = ChannelIo.ascii("--");
    ByteBuffer[] few = {separator, ChannelIo.ascii("a"), separator, ByteBuffer.allocate(0)};

    assertThat(pair.client().write(few)).isEqualTo(5);

    assertThat(separator.hasRemaining()).isFalse();
    assertThat(few[2]).isSameAs(separator);
    assertThat(ChannelIo.receive(pair.server(), 5)).isEqualTo("--a--");
    separator.rewind();
    ByteBuffer[] many = new ByteBuffer[40];
    for (int i = 0; i < many.length; i++) {
      many[i] = i % 2 == 0 ? ChannelIo.ascii("x") : separator;
    }
    assertThat(pair.client().write(many, 1, 38)).isEqualTo(57);
    assertThat(ChannelIo.receive(pair.server(), 57)).isEqualTo("--x".repeat(19));
    assertThat(many[0].hasRemaining()).isTrue();
  }

  @EachTransport
  void scatteringReadFillsOneBufferAfterTheOther(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "abcde");
    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    ByteBuffer[] in = {
      ByteBuffer.allocate(2),
      ByteBuffer.allocate(0),
      ByteBuffer.allocateDirect(2),
      ByteBuffer.allocate(4)
    };

    assertThat(pair.server().read(in)).isEqualTo(5);

    assertThat(in[0].flip()).isEqualTo(ChannelIo.ascii("ab"));
    assertThat(in[2].flip()).isEqualTo(ChannelIo.ascii("cd"));
    assertThat(in[3].flip()).isEqualTo(ChannelIo.ascii("e"));
  }

  @EachTransport
  void offsetAndLengthChooseTheBuffers(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer[] out = {
      ChannelIo.ascii("a"), ChannelIo.ascii("b"), ChannelIo.ascii("c"), ChannelIo.ascii("d")
    };

    assertThat(pair.client().write(out, 1, 2)).isEqualTo(2);

    assertThat(out[0].hasRemaining()).isTrue();
    assertThat(out[3].hasRemaining()).isTrue();
    assertThat(ChannelIo.receive(pair.server(), 2)).isEqualTo("bc");
    ChannelIo.send(pair.client(), "xyz");
    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    ByteBuffer[] in = {ByteBuffer.allocate(1), ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertThat(pair.server().read(in, 1, 1)).isEqualTo(1);
    assertThat(in[0].position()).isZero();
    assertThat(in[1].flip()).isEqualTo(ChannelIo.ascii("x"));
    assertThat(in[2].position()).isZero();
  }

  @EachTransport
  void badOffsetAndLengthAreRefused(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    int[][] ranges = {{-1, 1}, {0, -1}, {0, 3}, {2, 1}, {3, 0}, {1, Integer.MAX_VALUE}};

    for (int[] range : ranges) {
      assertThatThrownBy(() -> pair.client().read(buffers, range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> pair.client().write(buffers, range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(pair.client().isOpen()).isTrue();
  }

  @EachTransport
  void nullArrayAndNullElementAreRefused(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();

    assertThatThrownBy(() -> pair.client().read((ByteBuffer[]) null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pair.client().write((ByteBuffer[]) null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pair.client().write(new ByteBuffer[] {null}))
        .isExactlyInstanceOf(NullPointerException.class);
  }

  @EachTransport
  void gatheringWriteWithANullElementSendsNothing(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer first = ByteBuffer.allocate(3);

    assertThatThrownBy(() -> pair.client().write(new ByteBuffer[] {first, null}))
        .isInstanceOf(NullPointerException.class);

    assertThat(first.position()).isZero();
    assertThat(ReadyOps.now(pair.server(), SelectionKey.OP_READ)).isZero();
  }

  @EachTransport
  void shutOutputIsToldBeforeANullElement(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    pair.client().shutdownOutput();

    for (ByteBuffer[] out : new ByteBuffer[][] {{null}, {null, ChannelIo.ascii("a")}}) {
      assertThatThrownBy(() -> pair.client().write(out)).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> pair.client().write(out, 0, 1))
          .isInstanceOf(ClosedChannelException.class);
    }
  }

  @EachTransport
  void scatteringReadRefusesReadOnlyBuffers(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ChannelIo.send(pair.client(), "xy");
    ReadyOps.await(pair.server(), ReadyOps.READ_WRITE, ReadyOps.READ_WRITE);
    ByteBuffer[] buffers = {ByteBuffer.allocate(1), ByteBuffer.allocate(1).asReadOnlyBuffer()};

    assertThatThrownBy(() -> pair.server().read(buffers))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThat(ChannelIo.receive(pair.server(), 2)).isEqualTo("xy");
  }

  @EachTransport
  void nothingToMoveIsZero(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer[] none = {};
    ByteBuffer[] empty = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};

    assertThat(pair.client().write(none)).isZero();
    assertThat(pair.client().write(empty)).isZero();
    assertThat(pair.client().read(none)).isZero();
    assertThat(pair.client().read(empty)).isZero();
    assertThat(pair.client().read(new ByteBuffer[] {ByteBuffer.allocate(1)})).isZero();
  }

  @EachTransport
  void scatteringReadSeesTheEndOfStream(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    pair.client().close();

    assertThat(pair.server().read(new ByteBuffer[] {ByteBuffer.allocate(1)})).isEqualTo(-1L);
  }

  @EachTransport
  void manyBuffersAreTakenInOneOrSeveralCalls(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    int count = 3_000;
    ByteBuffer[] out = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      out[i] = ByteBuffer.wrap(new byte[] {(byte) i});
    }
    long written = 0;
    while (written < count) {
      int first = (int) written;
      written += pair.client().write(out, first, count - first);
    }

    ByteBuffer in = ByteBuffer.allocate(count);
    while (in.hasRemaining()) {
      assertThat(pair.server().read(in)).isPositive();
    }
    for (int i = 0; i < count; i++) {
      assertThat(in.get(i)).isEqualTo((byte) i);
    }
  }

  @EachTransport
  @OracleOnPlatformThreads
  void oneBlockingGatheringWriteTakesEverything(TestTransport transport, ThreadKind threads)
      throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Random random = new Random(5);
    ByteBuffer[] out = new ByteBuffer[64];
    int total = 0;
    for (int i = 0; i < out.length; i++) {
      int size = i % 7 == 0 ? 0 : random.nextInt(256 << 10);
      total += size;
      out[i] = ByteBuffer.wrap(ChannelIo.randomBytes(size, i));
    }
    Background<Long> writing = transport.background(threads, () -> pair.client().write(out));

    ByteBuffer in = ByteBuffer.allocate(total);
    while (in.hasRemaining()) {
      assertThat(pair.server().read(in)).isPositive();
    }

    assertThat(writing.result()).isEqualTo(total);
    in.flip();
    for (ByteBuffer buffer : out) {
      ByteBuffer part = in.slice(in.position(), buffer.capacity());
      assertThat(part).isEqualTo(buffer.clear());
      in.position(in.position() + buffer.capacity());
    }
  }

  @EachTransport
  void nonBlockingGatheringWriteStopsWhereItIsFull(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.nonBlockingPair();
    ByteBuffer[] out = new ByteBuffer[12];
    for (int i = 0; i < out.length; i++) {
      out[i] = ByteBuffer.wrap(ChannelIo.randomBytes(1 << 20, i));
    }

    long written = pair.client().write(out);

    assertThat(written).isBetween(1L, 12L << 20);
    long moved = 0;
    for (ByteBuffer buffer : out) {
      moved += buffer.position();
    }
    assertThat(moved).isEqualTo(written);
    ByteBuffer in = ByteBuffer.allocate((int) written);
    Deadline.await(
        "all that was written",
        () -> {
          assertThat(pair.server().read(in)).isNotNegative();
          return !in.hasRemaining();
        });
    for (int i = 0; i < written; i += 4_093) {
      assertThat(in.get(i)).isEqualTo(out[i >> 20].get(i & ((1 << 20) - 1)));
    }
  }
}
