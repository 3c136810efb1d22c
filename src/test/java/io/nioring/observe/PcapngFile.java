package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pcapng file, read strictly: whatever is not as the format wants it fails the test. It shares no
 * code with the writer.
 */
final class PcapngFile {
  private static final int SECTION = 0x0A0D0D0A;

  private final List<CapturedPacket> packets = new ArrayList<>();
  private final Map<InetAddress, String> names = new LinkedHashMap<>();
  private final List<byte[]> secrets = new ArrayList<>();
  private final List<String> comments = new ArrayList<>();
  private int snapBytes;
  private int interfaces;
  private long received = -1;
  private long dropped = -1;
  private long lostInPackets;
  private int longestBlock;

  private PcapngFile() {}

  static PcapngFile read(Path file) throws IOException {
    return read(Files.readAllBytes(file));
  }

  static PcapngFile read(byte[] bytes) throws IOException {
    PcapngFile file = new PcapngFile();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(in.getInt(0)).as("a file begins with a section").isEqualTo(SECTION);
    while (in.hasRemaining()) {
      int start = in.position();
      int type = in.getInt();
      int length = in.getInt();
      assertThat(length).as("length of the block at %d", start).isBetween(12, in.limit() - start);
      assertThat(length % 4).as("length of the block at %d", start).isZero();
      assertThat(in.getInt(start + length - 4)).as("second length").isEqualTo(length);
      file.longestBlock = Math.max(file.longestBlock, length);
      file.block(type, in.slice(start + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN));
      in.position(start + length);
    }
    return file;
  }

  private void block(int type, ByteBuffer body) throws IOException {
    switch (type) {
      case SECTION -> section(body);
      case 1 -> interfaceDescription(body);
      case 4 -> nameResolution(body);
      case 5 -> statistics(body);
      case 6 -> packet(body);
      case 10 -> decryptionSecrets(body);
      default -> throw new AssertionError("block type " + type);
    }
  }

  private static void section(ByteBuffer body) {
    assertThat(body.getInt()).isEqualTo(0x1A2B3C4D);
    assertThat(body.getShort()).isEqualTo((short) 1);
    assertThat(body.getShort()).isEqualTo((short) 0);
    assertThat(body.getLong()).isEqualTo(-1);
    assertThat(options(body)).containsKey(4);
  }

  private void interfaceDescription(ByteBuffer body) {
    assertThat(body.getShort()).as("link type raw").isEqualTo((short) 101);
    assertThat(body.getShort()).isZero();
    snapBytes = body.getInt();
    interfaces++;
    Map<Integer, byte[]> options = options(body);
    assertThat(options).containsKeys(2, 3);
    assertThat(options.get(9)).containsExactly(9);
  }

  private void nameResolution(ByteBuffer body) throws IOException {
    while (true) {
      int type = body.getShort() & 0xffff;
      int length = body.getShort() & 0xffff;
      if (type == 0) {
        assertThat(length).isZero();
        assertThat(body.remaining()).isZero();
        return;
      }
      byte[] address = new byte[type == 1 ? 4 : 16];
      body.get(address);
      byte[] name = new byte[length - address.length];
      body.get(name);
      assertThat(name[name.length - 1]).as("end of the name").isZero();
      skipPadding(body, length);
      names.put(InetAddress.getByAddress(address), new String(name, 0, name.length - 1, UTF_8));
    }
  }

  private void statistics(ByteBuffer body) {
    assertThat(body.getInt()).isLessThan(interfaces);
    body.getLong();
    Map<Integer, byte[]> options = options(body);
    received = number(options.get(4));
    dropped = number(options.get(5));
  }

  private void decryptionSecrets(ByteBuffer body) {
    assertThat(body.getInt()).isEqualTo(0x544C534B);
    byte[] secret = new byte[body.getInt()];
    body.get(secret);
    skipPadding(body, secret.length);
    secrets.add(secret);
  }

  private void packet(ByteBuffer body) throws IOException {
    assertThat(received).as("packets behind the statistics").isEqualTo(-1);
    assertThat(body.getInt()).isLessThan(interfaces);
    long nanos = ((long) body.getInt() << 32) + (body.getInt() & 0xffffffffL);
    int captured = body.getInt();
    int original = body.getInt();
    assertThat(captured).isBetween(1, Math.min(original, snapBytes));
    ByteBuffer bytes = body.slice(body.position(), captured);
    body.position(body.position() + captured);
    skipPadding(body, captured);
    Map<Integer, byte[]> options = body.hasRemaining() ? options(body) : Map.of();
    long lost = options.containsKey(4) ? number(options.get(4)) : 0;
    lostInPackets += lost;
    String comment = options.containsKey(1) ? new String(options.get(1), UTF_8) : "";
    if (!comment.isEmpty()) {
      comments.add(comment);
    }
    packets.add(CapturedPacket.parse(nanos, bytes, original, comment, lost));
  }

  private static Map<Integer, byte[]> options(ByteBuffer body) {
    Map<Integer, byte[]> options = new HashMap<>();
    while (true) {
      int code = body.getShort() & 0xffff;
      byte[] value = new byte[body.getShort() & 0xffff];
      if (code == 0) {
        assertThat(value.length).isZero();
        assertThat(body.remaining()).as("bytes behind the options").isZero();
        return options;
      }
      body.get(value);
      skipPadding(body, value.length);
      assertThat(options.put(code, value)).isNull();
    }
  }

  private static void skipPadding(ByteBuffer body, int length) {
    for (int i = length; i % 4 != 0; i++) {
      assertThat(body.get()).as("padding").isZero();
    }
  }

  private static long number(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  List<CapturedPacket> packets() {
    return packets;
  }

  Map<InetAddress, String> names() {
    return names;
  }

  List<byte[]> secrets() {
    return secrets;
  }

  List<String> comments() {
    return comments;
  }

  int longestBlock() {
    return longestBlock;
  }

  /** What the statistics say; -1 without any. */
  long received() {
    return received;
  }

  long dropped() {
    return dropped;
  }

  long lostInPackets() {
    return lostInPackets;
  }

  /** The payload of all packets. */
  long payloadBytes() {
    return packets.stream().mapToLong(packet -> packet.payload().length).sum();
  }
}
