package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;

/**
 * The streams of {@link Channels}, which hold the channel's blocking lock around each operation.
 */
class ChannelStreamsTest {
  @EachRing
  void writeContinuesWhileAnotherThreadWaitsInRead(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = Channels.newInputStream(pair.client());
    OutputStream out = Channels.newOutputStream(pair.client());
    Background<Integer> reading = transport.background(ThreadKind.PLATFORM, in::read);
    reading.awaitBlockedIn("read");

    out.write("request".getBytes(UTF_8));
    assertThat(ChannelIo.receive(pair.server(), 7)).isEqualTo("request");
    ChannelIo.send(pair.server(), "x");

    assertThat(reading.result()).isEqualTo('x');
  }

  @EachRing
  void readContinuesWhileAnotherThreadWaitsInWrite(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = Channels.newInputStream(pair.client());
    OutputStream out = Channels.newOutputStream(pair.client());
    byte[] much = new byte[8 << 20];
    Background<Void> writing =
        transport.background(
            ThreadKind.PLATFORM,
            () -> {
              out.write(much);
              return null;
            });
    writing.awaitBlockedIn("write");
    ChannelIo.send(pair.server(), "reply");

    assertThat(in.readNBytes(5)).asString().isEqualTo("reply");

    InputStream peer = Channels.newInputStream(pair.server());
    assertThat(peer.readNBytes(much.length)).hasSize(much.length);
    assertThat(writing.result()).isNull();
  }

  @EachRing
  void twoChannelsWriteToOneAnother(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    byte[] much = new byte[4 << 20];
    Background<Void> first = writing(transport, Channels.newOutputStream(pair.client()), much);
    Background<Void> second = writing(transport, Channels.newOutputStream(pair.server()), much);

    Background<byte[]> other =
        transport.background(
            ThreadKind.PLATFORM,
            () -> Channels.newInputStream(pair.server()).readNBytes(much.length));
    assertThat(Channels.newInputStream(pair.client()).readNBytes(much.length)).hasSize(much.length);

    assertThat(other.result()).hasSize(much.length);
    assertThat(first.result()).isNull();
    assertThat(second.result()).isNull();
  }

  /**
   * The second thread holds the channel's blocking lock while it queues for the read lock, and the
   * first one needs it to return from its wait.
   */
  @EachRing
  void twoStreamsReadOneChannel(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> first = reading(transport, pair);
    Background<Integer> second = reading(transport, pair);
    ChannelIo.send(pair.server(), "xx");
    assertThat(first.result()).isEqualTo('x');
    assertThat(second.result()).isEqualTo('x');
  }

  private static Background<Integer> reading(TestTransport transport, TestTransport.Pair pair) {
    InputStream in = Channels.newInputStream(pair.client());
    return transport.background(ThreadKind.PLATFORM, in::read).awaitAsleep();
  }

  @EachRing
  void twoStreamsWriteOneChannel(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    byte[] much = new byte[4 << 20];
    Background<Void> first =
        writing(transport, Channels.newOutputStream(pair.client()), much).awaitAsleep();
    Background<Void> second =
        writing(transport, Channels.newOutputStream(pair.client()), much).awaitAsleep();
    InputStream peer = Channels.newInputStream(pair.server());
    assertThat(peer.readNBytes(2 * much.length)).hasSize(2 * much.length);
    assertThat(first.result()).isNull();
    assertThat(second.result()).isNull();
  }

  /** As two streams, where one thread uses the channel itself. */
  @EachRing
  void aStreamAndItsChannelAreRead(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> first =
        transport
            .background(ThreadKind.PLATFORM, () -> pair.client().read(ByteBuffer.allocate(1)))
            .awaitAsleep();
    Background<Integer> second = reading(transport, pair);
    ChannelIo.send(pair.server(), "xx");
    assertThat(first.result()).isOne();
    assertThat(second.result()).isEqualTo('x');
  }

  /** A thread that queues is waited for by nobody else's write. */
  @EachRing
  void writeContinuesWhileTwoThreadsWaitInRead(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    Background<Integer> first = reading(transport, pair);
    Background<Integer> second = reading(transport, pair);
    Channels.newOutputStream(pair.client()).write("request".getBytes(UTF_8));
    assertThat(ChannelIo.receive(pair.server(), 7)).isEqualTo("request");
    pair.client().close();
    assertThat(first.failure()).isInstanceOf(IOException.class);
    assertThat(second.failure()).isInstanceOf(IOException.class);
  }

  private static Background<Void> writing(TestTransport transport, OutputStream out, byte[] bytes) {
    return transport.background(
        ThreadKind.PLATFORM,
        () -> {
          out.write(bytes);
          return null;
        });
  }

  @EachRing
  void interruptEndsARead(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = Channels.newInputStream(pair.client());
    Background<Boolean> reading =
        transport.background(
            ThreadKind.PLATFORM,
            () -> {
              try {
                in.read();
                return false;
              } catch (ClosedByInterruptException e) {
                return Thread.interrupted();
              }
            });
    reading.awaitBlockedIn("read");

    reading.thread().interrupt();

    assertThat(reading.result()).isTrue();
  }

  @EachRing
  void closeEndsARead(TestTransport transport) throws Exception {
    TestTransport.Pair pair = transport.connectedPair();
    InputStream in = Channels.newInputStream(pair.client());
    Background<Integer> reading = transport.background(ThreadKind.PLATFORM, in::read);
    reading.awaitBlockedIn("read");

    pair.client().close();

    assertThat(reading.failure()).isInstanceOf(IOException.class);
  }
}
