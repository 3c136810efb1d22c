package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TcpConversationTest {
  private final List<CapturedPacket> packets = new ArrayList<>();
  private final TcpConversation conversation =
      new TcpConversation(
          new TcpPacket(),
          this::take,
          262_144,
          new InetSocketAddress("10.0.0.1", 1000),
          new InetSocketAddress("10.0.0.2", 80),
          1000,
          1 << 20,
          1,
          false);

  private void take(long nanos, ByteBuffer header, ByteBuffer payload, int original, String comment)
      throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(header.remaining() + payload.remaining());
    whole.put(header).put(payload).flip();
    packets.add(CapturedPacket.parse(nanos, whole, original, comment, 0));
  }

  private void send(boolean byClient, long position, int bytes) throws IOException {
    conversation.sent(0, byClient, position, ByteBuffer.allocate(bytes), bytes);
  }

  private CapturedPacket last() {
    return packets.get(packets.size() - 1);
  }

  @Test
  void windowsAreScaledByTheBound() throws IOException {
    conversation.connected(0);
    assertThat(packets.get(0).scale()).as("of the client's 1,000 bytes").isZero();
    assertThat(packets.get(0).window()).isEqualTo(1000);
    assertThat(packets.get(1).scale()).as("of the server's 1 MiB").isEqualTo(5);
    assertThat(packets.get(1).window()).isEqualTo(65_535);
  }

  @Test
  void aReadIsToldByWhatItsSideSendsNext() throws IOException {
    conversation.connected(0);
    send(true, 0, 10);
    conversation.read(false, 10, 100);
    send(false, 0, 5);
    int sent = packets.size();
    assertThat(last().acknowledged()).isEqualTo(packets.get(0).sequence() + 11);
    conversation.acknowledgePending(0);
    assertThat(packets).hasSize(sent);
  }

  @Test
  void readsShareAnAcknowledgement() throws IOException {
    conversation.connected(0);
    send(true, 0, 10);
    conversation.read(false, 4, 1 << 19);
    conversation.read(false, 10, 1 << 20);
    conversation.acknowledgePending(0);
    assertThat(packets).hasSize(5);
    assertThat(last().acknowledged()).isEqualTo(packets.get(0).sequence() + 11);
    assertThat(last().window()).isEqualTo(1 << 15);
  }

  @Test
  void roomIsToldBeforeTheDataThatNeedsIt() throws IOException {
    conversation.connected(0);
    send(false, 0, 1000); // all the room that the client has
    conversation.read(true, 600, 600);
    send(false, 1000, 100);
    assertThat(packets).hasSize(6);
    assertThat(packets.get(4).window()).isEqualTo(600);
    assertThat(packets.get(5).payload()).hasSize(100);
  }

  @Test
  void anEndThatWasReadBeforeItIsToldIsAcknowledgedBehindIt() throws IOException {
    conversation.connected(0);
    conversation.readEnd(0, false);
    assertThat(packets).hasSize(3);
    conversation.finished(0, true, 0);
    assertThat(packets.get(3).is(CapturedPacket.FIN)).isTrue();
    assertThat(last().acknowledged()).isEqualTo(packets.get(3).sequence() + 1);
    conversation.finished(0, true, 0);
    assertThat(packets).as("told once").hasSize(5);
  }

  @Test
  void anEndThatIsClosedAcknowledgesByItself() throws IOException {
    conversation.connected(0);
    conversation.finished(0, true, 0);
    conversation.closed(0, true);
    conversation.finished(0, false, 0);
    conversation.closed(0, false);
    CapturedStreams.Stream back =
        CapturedStreams.of(packets).stream(packets.get(1).from(), packets.get(1).to());
    assertThat(back.finishAcknowledged()).isTrue();
  }

  @Test
  void nothingFollowsAReset() throws IOException {
    conversation.connected(0);
    conversation.reset(0, true, 0);
    send(false, 0, 1);
    conversation.read(true, 1, 1);
    conversation.acknowledgePending(0);
    conversation.finished(0, false, 0);
    conversation.reset(0, false, 0);
    assertThat(packets).hasSize(4);
    assertThat(last().is(CapturedPacket.RST)).isTrue();
  }

  @Test
  void commentsThatNoPacketFollowsAreCounted() throws IOException {
    conversation.connected(0);
    String comment = "the client passes 1 descriptors by thread " + "t".repeat(100);
    for (int i = 0; i < 100_000; i++) {
      conversation.comment(comment);
    }
    send(true, 0, 1);
    assertThat(last().comment()).startsWith(comment + "; " + comment).hasSizeLessThan(10_000);
    int kept = last().comment().split(comment, -1).length - 1;
    assertThat(last().comment()).endsWith("; and " + (100_000 - kept) + " more");
    send(true, 1, 1);
    assertThat(last().comment()).isNull();
  }

  @Test
  void aSequenceNumberIsThePositionModuloItsRange() throws IOException {
    conversation.startAt(true, (3L << 32) + 5, 0);
    send(true, (3L << 32) + 5, 1);
    assertThat(last().sequence()).isEqualTo(64_000 + 1 + 5);
  }
}
