package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Reads and writes of whole buffers, for tests. */
final class ChannelIo {
  private static final int FILL_CHUNK_BYTES = 64 * 1024;

  private ChannelIo() {}

  static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  static byte[] randomBytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Writes all of {@code text}; also on a non-blocking channel, which must have room for it. */
  static void send(WritableByteChannel channel, String text) throws IOException {
    ByteBuffer buffer = ascii(text);
    int written = channel.write(buffer);
    if (buffer.hasRemaining()) {
      throw new AssertionError("only " + written + " bytes of a short text were written");
    }
  }

  /** Reads until {@code count} bytes have come; waits for them also on a non-blocking channel. */
  static String receive(ReadableByteChannel channel, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    Deadline.await(
        count + " bytes from " + channel,
        () -> {
          if (channel.read(buffer) < 0) {
            throw new AssertionError("end of stream after " + buffer.position() + " bytes");
          }
          return !buffer.hasRemaining();
        });
    return new String(buffer.array(), UTF_8);
  }

  /** Reads until the end of the stream; waits for it also on a non-blocking channel. */
  static String receiveAll(ReadableByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    Deadline.await("end of stream from " + channel, () -> channel.read(buffer) < 0);
    return new String(buffer.array(), 0, buffer.position(), UTF_8);
  }

  /** Reads one byte's worth: what a single read gives once it gives anything but 0. */
  static int awaitRead(ReadableByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(16);
    int[] count = new int[1];
    Deadline.await(
        "anything from " + channel,
        () -> {
          count[0] = channel.read(buffer);
          return count[0] != 0;
        });
    return count[0];
  }

  /** Writes to a non-blocking channel until it takes nothing more; returns the bytes taken. */
  static long fill(SocketChannel channel) throws IOException {
    long total = 0;
    int refusals = 0;
    while (refusals < 3) {
      int count = channel.write(ByteBuffer.allocate(FILL_CHUNK_BYTES));
      total += count;
      if (count > 0) {
        refusals = 0;
      } else {
        refusals++;
        LockSupport.parkNanos(100_000);
      }
    }
    return total;
  }

  /** Reads exactly {@code count} bytes and forgets them. */
  static void drain(ReadableByteChannel channel, long count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(FILL_CHUNK_BYTES);
    long[] left = {count};
    Deadline.await(
        count + " bytes drained from " + channel,
        () -> {
          buffer.clear().limit((int) Math.min(buffer.capacity(), left[0]));
          int read = channel.read(buffer);
          if (read < 0) {
            throw new AssertionError("end of stream, " + left[0] + " bytes too early");
          }
          left[0] -= read;
          return left[0] == 0;
        });
  }
}
