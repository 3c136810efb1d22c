package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * A capture that is read while it is written, since it is too long to be kept: puts together what
 * goes to one port, of one connection.
 */
final class LongStream extends OutputStream {
  private static final int PACKET = 6;
  private static final int MAX_BLOCK = 1 << 17;

  private final int port;
  private final ByteBuffer block =
      ByteBuffer.allocate(2 * MAX_BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32 sum = new CRC32();
  private boolean begun;
  private int next;
  private long bytes;

  LongStream(int port) {
    this.port = port;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] from, int start, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int fitting = Math.min(block.remaining(), count - done);
      block.put(from, start + done, fitting);
      done += fitting;
      takeBlocks();
    }
  }

  private void takeBlocks() throws IOException {
    block.flip();
    while (block.remaining() >= 8) {
      int start = block.position();
      int length = block.getInt(start + 4);
      if (block.remaining() < length) {
        break;
      }
      if (block.getInt(start) == PACKET) {
        int captured = block.getInt(start + 20);
        ByteBuffer ip = block.slice(start + 28, captured);
        take(CapturedPacket.parse(0, ip, block.getInt(start + 24), "", 0));
      }
      block.position(start + length);
    }
    block.compact();
  }

  private void take(CapturedPacket packet) {
    if (packet.to().getPort() != port) {
      return;
    }
    if (!begun) {
      assertThat(packet.is(CapturedPacket.SYN)).isTrue();
      begun = true;
      next = packet.sequence() + 1;
      return;
    }
    assertThat(packet.sequence()).isEqualTo(next);
    next += packet.payload().length;
    bytes += packet.payload().length;
    sum.update(packet.payload());
  }

  long bytes() {
    return bytes;
  }

  long sum() {
    return sum.getValue();
  }
}
