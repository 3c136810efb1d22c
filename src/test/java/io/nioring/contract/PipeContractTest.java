package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** Pipes of a provider. */
class PipeContractTest {
  @EachProvider
  void freshPipeIsOpenAndBlocking(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();

    assertThat(pipe.source()).isSameAs(pipe.source());
    assertThat(pipe.sink()).isSameAs(pipe.sink());
    assertThat(pipe.source().isBlocking()).isTrue();
    assertThat(pipe.sink().isBlocking()).isTrue();
    assertThat(pipe.source().validOps()).isEqualTo(OP_READ);
    assertThat(pipe.sink().validOps()).isEqualTo(OP_WRITE);
    assertThat(pipe.source().provider()).isSameAs(transport.provider());
    assertThat(pipe.sink().provider()).isSameAs(transport.provider());
  }

  @EachProvider
  void bytesGoFromSinkToSource(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();

    ChannelIo.send(pipe.sink(), "hello");

    assertThat(ChannelIo.receive(pipe.source(), 5)).isEqualTo("hello");
  }

  @EachProvider
  void scatterAndGatherWork(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();

    assertThat(pipe.sink().write(new ByteBuffer[] {ChannelIo.ascii("ab"), ChannelIo.ascii("cde")}))
        .isEqualTo(5);
    ByteBuffer[] in = {ByteBuffer.allocate(1), ByteBuffer.allocate(9)};
    assertThat(pipe.source().read(in)).isEqualTo(5);
    assertThat(in[0].flip()).isEqualTo(ChannelIo.ascii("a"));
    assertThat(in[1].flip()).isEqualTo(ChannelIo.ascii("bcde"));
    assertThatThrownBy(() -> pipe.source().read(in, 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> pipe.sink().write(in, -1, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @EachProvider
  void nonBlockingSourceWithoutDataGivesZero(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();
    pipe.source().configureBlocking(false);

    assertThat(pipe.source().read(ByteBuffer.allocate(1))).isZero();
  }

  @EachProvider
  void closedSinkIsTheEndOfStream(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();
    ChannelIo.send(pipe.sink(), "bye");

    pipe.sink().close();

    assertThat(ChannelIo.receiveAll(pipe.source())).isEqualTo("bye");
    assertThat(pipe.source().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(ReadyOps.now(pipe.source(), OP_READ)).isEqualTo(OP_READ);
  }

  @EachProvider
  void closedSourceBreaksTheSink(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();
    ChannelIo.send(pipe.sink(), "unread");

    pipe.source().close();

    assertThat(ReadyOps.now(pipe.sink(), OP_WRITE)).isEqualTo(OP_WRITE);
    assertThatThrownBy(() -> pipe.sink().write(ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  @EachProvider
  void closedEndsRefuseEverything(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();
    pipe.sink().close();
    pipe.source().close();

    assertThatThrownBy(() -> pipe.source().read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> pipe.sink().write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> pipe.sink().configureBlocking(false))
        .isExactlyInstanceOf(ClosedChannelException.class);
  }

  @EachProvider
  void readinessFollowsTheBytes(TestTransport transport) throws IOException {
    Pipe pipe = transport.openPipe();
    assertThat(ReadyOps.now(pipe.source(), OP_READ)).isZero();
    assertThat(ReadyOps.now(pipe.sink(), OP_WRITE)).isEqualTo(OP_WRITE);

    long written = 0;
    int count = 1;
    while (count > 0) {
      count = pipe.sink().write(ByteBuffer.allocate(4_096));
      written += count;
    }
    assertThat(ReadyOps.now(pipe.source(), OP_READ)).isEqualTo(OP_READ);
    assertThat(ReadyOps.now(pipe.sink(), OP_WRITE)).isZero();

    ChannelIo.drain(pipe.source(), written);
    assertThat(ReadyOps.now(pipe.source(), OP_READ)).isZero();
    assertThat(ReadyOps.now(pipe.sink(), OP_WRITE)).isEqualTo(OP_WRITE);
  }

  @EachProvider
  void blockedSourceIsWokenByData(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();
    Background<Integer> reading =
        transport.background(threads, () -> pipe.source().read(ByteBuffer.allocate(8)));
    reading.awaitBlockedIn("read");

    ChannelIo.send(pipe.sink(), "abc");

    assertThat(reading.result()).isEqualTo(3);
  }

  @EachProvider
  void blockedSourceIsWokenByCloseOfTheSink(TestTransport transport, ThreadKind threads)
      throws Exception {
    Pipe pipe = transport.openPipe();
    Background<Integer> reading =
        transport.background(threads, () -> pipe.source().read(ByteBuffer.allocate(8)));
    reading.awaitBlockedIn("read");

    pipe.sink().close();

    assertThat(reading.result()).isEqualTo(-1);
  }

  @EachProvider
  void blockedSinkIsWokenByCloseOfTheSource(TestTransport transport, ThreadKind threads)
      throws Exception {
    Pipe pipe = transport.openPipe();
    Background<Void> writing =
        transport.background(
            threads,
            () -> {
              while (true) {
                pipe.sink().write(ByteBuffer.allocate(1 << 20));
              }
            });
    writing.awaitBlockedIn("write");

    pipe.source().close();

    assertThat(writing.failure()).isExactlyInstanceOf(IOException.class).hasMessage("Broken pipe");
  }

  @EachProvider
  void pipeCanWakeASelector(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();
    Selector selector = transport.openSelector();
    pipe.source().configureBlocking(false);
    SelectionKey key = pipe.source().register(selector, OP_READ);
    Background<Integer> selecting = transport.background(threads, () -> selector.select());
    selecting.awaitBlockedIn("select");

    ChannelIo.send(pipe.sink(), "x");

    assertThat(selecting.result()).isEqualTo(1);
    assertThat(key.isReadable()).isTrue();
  }

  @EachProvider
  void megabytesGoThroughInOrder(TestTransport transport, ThreadKind threads) throws Exception {
    Pipe pipe = transport.openPipe();
    byte[] bytes = ChannelIo.randomBytes(3 << 20, 4);
    Background<Void> writing =
        transport.background(
            threads,
            () -> {
              ByteBuffer out = ByteBuffer.wrap(bytes);
              while (out.hasRemaining()) {
                pipe.sink().write(out);
              }
              return null;
            });

    ByteBuffer in = ByteBuffer.allocate(bytes.length);
    while (in.hasRemaining()) {
      assertThat(pipe.source().read(in)).isPositive();
    }

    writing.awaitDone();
    assertThat(in.array()).isEqualTo(bytes);
  }
}
