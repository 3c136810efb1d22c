package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/** Bytes that tell their index, so that a lost, doubled or misplaced one shows. */
final class Pattern {
  private Pattern() {}

  /** The byte at an index; neighbours, and places a power of two apart, differ. */
  static byte at(long index) {
    return (byte) (index * 31 + (index >>> 8) * 17 + (index >>> 16) * 7);
  }

  /** A buffer, ready to be written, of the bytes from an index on. */
  static ByteBuffer from(long index, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = at(index + i);
    }
    return ByteBuffer.wrap(bytes);
  }

  /** Checks what remains in a buffer against the bytes from an index on. */
  static void check(ByteBuffer bytes, long index) {
    for (int i = 0; bytes.hasRemaining(); i++) {
      byte found = bytes.get();
      if (found != at(index + i)) {
        throw new AssertionError(
            "index %d: expected %d, found %d".formatted(index + i, at(index + i), found));
      }
    }
  }
}
