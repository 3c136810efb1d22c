package io.nioring.internal.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import io.nioring.socket.ByteSource;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What taps and observers are told, and when. */
class TapTest {
  private static final SocketAddress CLIENT = new InetSocketAddress("10.0.0.2", 49153);
  private static final SocketAddress SERVER = new InetSocketAddress("10.0.0.7", 80);

  private final Wire wire = new Wire(new MemoryPool(false), 64, Clock.SYSTEM);
  private final Endpoint client = new Endpoint();
  private final Endpoint server = new Endpoint();
  private final Notes notes = new Notes();

  @BeforeEach
  void connect() {
    wire.connect(client, CLIENT, server, SERVER);
    assertThat(client.addTap(notes)).isTrue();
  }

  /** Writes down what a tap is told of what the client writes. */
  private final class Notes implements Tap {
    final List<String> all = new ArrayList<>();
    final StringBuilder bytes = new StringBuilder();

    @Override
    public Object owner() {
      return TapTest.this;
    }

    @Override
    public boolean wantsBytes() {
      return true;
    }

    @Override
    public void sending(long position, ByteBuffer sent) {
      assertThat(server.totalRead() + server.available()).isLessThanOrEqualTo(position);
      assertThat(bytes.length()).isEqualTo((int) position);
      while (sent.hasRemaining()) {
        bytes.append((char) sent.get());
      }
    }

    @Override
    public void finished(long position) {
      all.add("finished " + position);
    }

    @Override
    public void reset(long position) {
      all.add("reset " + position);
    }

    @Override
    public void closed(Endpoint end, Closing how) {
      assertThat(end).isSameAs(client);
      all.add("closed " + how);
    }
  }

  private void write(Endpoint from, String text) throws Exception {
    from.lockWrite();
    try {
      from.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    } finally {
      from.unlockWrite(true);
    }
  }

  private int read(Endpoint by, int most) throws Exception {
    by.lockRead();
    try {
      return by.read(ByteBuffer.allocate(most));
    } finally {
      by.unlockRead();
    }
  }

  @Test
  void bytesAreShownOnceAndBeforeTheyArePublished() throws Exception {
    StringBuilder sent = new StringBuilder();
    for (int i = 0; i < 40; i++) { // round the ring, and over its edge
      String text = "abcdefghijklmnopqrstuvwxyz".substring(0, 1 + i % 26);
      write(client, text);
      sent.append(text);
      read(server, 64);
    }
    assertThat(notes.bytes.toString()).isEqualTo(sent.toString());
  }

  @Test
  void bytesThatFindNoRoomAreNotShown() throws Exception {
    write(client, "x".repeat(100));
    assertThat(notes.bytes.toString()).hasSize(64);
  }

  @Test
  void messagesAreShownToo() throws Exception {
    client.lockWrite();
    try {
      ByteSource two =
          ByteSource.of(ByteBuffer.wrap(new byte[] {'a', 'b'}), ByteBuffer.wrap(new byte[] {'c'}));
      OutgoingMessage message = new OutgoingMessage(two, List.of(), null);
      MessageTransfer.send(client, message);
      MessageTransfer.end(client, message);
    } finally {
      client.unlockWrite(true);
    }
    assertThat(notes.bytes.toString()).isEqualTo("abc");
  }

  @Test
  void shutdownIsReportedOnceAndBeforeTheClose() throws Exception {
    write(client, "abc");
    client.shutdownOutput();
    client.close(false);
    assertThat(notes.all.stream().distinct()).containsExactly("finished 3", "closed ORDERLY");
  }

  @Test
  void closeWithBytesUnreadReportsAReset() throws Exception {
    write(server, "abc");
    client.close(false);
    assertThat(notes.all).containsExactly("reset 0", "closed ORDERLY");
  }

  @Test
  void resetOfBothEndsIsReportedAndEndsReads() throws Exception {
    client.resetBoth();
    assertThat(notes.all).contains("reset 0");
    assertThat(client.isAborted()).isTrue();
    assertThat(server.isAborted()).isTrue();
  }

  @Test
  void ownerHasOneTapAndOthersStayWhenItGoes() throws Exception {
    assertThat(client.addTap(new Notes())).isFalse();
    Tap other =
        new Tap() {
          @Override
          public Object owner() {
            return this;
          }
        };
    assertThat(client.addTap(other)).isTrue();
    assertThat(client.tapOf(this)).isSameAs(notes);
    write(client, "a");
    client.removeTap(this);
    assertThat(client.outputTap()).isSameAs(other);
    write(client, "b");
    client.removeTap(other);
    assertThat(client.outputTap()).isNull();
    assertThat(notes.bytes.toString()).isEqualTo("a");
  }

  @Test
  void observersAreNotifiedOfPairsUntilTheyAreRemoved() {
    List<String> told = new ArrayList<>();
    Observer first = noting(told, "first");
    Observer second = noting(told, "second");
    wire.addObserver(first);
    wire.addObserver(second);
    wire.connect(new Endpoint(), CLIENT, new Endpoint(), SERVER);
    wire.removeObserver(first);
    wire.connect(new Endpoint(), CLIENT, new Endpoint(), SERVER);
    wire.removeObserver(second);
    wire.connect(new Endpoint(), CLIENT, new Endpoint(), SERVER);
    assertThat(told).containsExactly("first", "second", "second");
    assertThat(wire.observer()).isNull();
  }

  private static Observer noting(List<String> told, String name) {
    return new Observer() {
      @Override
      public void connected(Endpoint near, Endpoint far) {
        assertThat(near.isClient()).isTrue();
        assertThat(far.isClient()).isFalse();
        assertThat(near.peer()).isSameAs(far);
        told.add(name);
      }
    };
  }
}
