package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PcapngWriterTest {
  /** The length of a name's record, and of an option, has 16 bits. */
  private static final int MOST = 65_535;

  private static final String PAIR = "\ud83d\ude00";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PcapngWriter writer = new PcapngWriter(out);

  private PcapngFile written() throws IOException {
    return PcapngFile.read(out.toByteArray());
  }

  private void begin() throws IOException {
    writer.sectionHeader("test");
    writer.interfaceDescription("a", "b", 262_144);
  }

  private static InetAddress address(int last) throws IOException {
    return InetAddress.getByAddress(new byte[] {10, 0, (byte) (last >> 8), (byte) last});
  }

  @Test
  void aNameThatIsTooLongIsCutBetweenTwoCharacters() throws IOException {
    begin();
    writer.nameResolution(
        List.of(
            new PcapngWriter.Name(address(1), PAIR.repeat(20_000)),
            new PcapngWriter.Name(InetAddress.getByName("fd00::1"), "x" + PAIR.repeat(20_000)),
            new PcapngWriter.Name(address(2), "behind")));
    assertThat(written().names().get(address(1))).isEqualTo(PAIR.repeat((MOST - 4 - 1) / 4));
    assertThat(written().names().get(InetAddress.getByName("fd00::1")))
        .isEqualTo("x" + PAIR.repeat((MOST - 16 - 1 - 1) / 4));
    assertThat(written().names().get(address(2))).isEqualTo("behind");
  }

  /** What stands behind it would be a name of its own. */
  @Test
  void aNameHasNoZeroInside() throws IOException {
    begin();
    writer.nameResolution(List.of(new PcapngWriter.Name(address(1), "a\0b")));
    assertThat(written().names().get(address(1))).isEqualTo("a@b");
  }

  @Test
  void manyLongNamesAreInSeveralBlocks() throws IOException {
    begin();
    List<PcapngWriter.Name> names = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      names.add(new PcapngWriter.Name(address(i), i + "n".repeat(60_000)));
    }
    writer.nameResolution(names);
    assertThat(written().names()).hasSize(50).containsEntry(address(49), "49" + "n".repeat(60_000));
    assertThat(written().longestBlock()).isLessThan(2 << 20);
  }

  @Test
  void aCommentThatIsTooLongIsCutBetweenTwoCharacters() throws IOException {
    begin();
    ByteBuffer header =
        new TcpPacket()
            .headers(
                new InetSocketAddress(address(1), 1),
                new InetSocketAddress(address(2), 2),
                0,
                0,
                TcpPacket.ACK,
                0,
                0,
                ByteBuffer.allocate(0),
                0);
    int bytes = header.remaining();
    for (String before : List.of("", "x", "xx", "xxx")) {
      String comment = before + PAIR.repeat(20_000);
      writer.packet(0, 0, header.duplicate(), ByteBuffer.allocate(0), bytes, comment, 0);
    }
    assertThat(written().comments())
        .hasSize(4)
        .allMatch(comment -> !comment.contains("?") && !comment.contains("\ufffd"))
        .allMatch(comment -> comment.getBytes(UTF_8).length > MOST - 4)
        .contains("xxx" + PAIR.repeat((MOST - 3) / 4));
  }
}
