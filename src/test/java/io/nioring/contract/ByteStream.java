package io.nioring.contract;

/** The bytes that one end of a comparison sends, by their position: what is lost or twice shows. */
final class ByteStream {
  private long written;
  private long read;

  private static byte at(long position) {
    return (byte) (position * 31 + (position >> 8));
  }

  /** The next bytes to be sent. Used by one writer at a time. */
  byte[] next(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = at(written + i);
    }
    written += count;
    return bytes;
  }

  /** Checks the next bytes that were received. Used by one reader at a time. */
  void check(byte[] bytes, int offset, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[offset + i] != at(read + i)) {
        throw new AssertionError("wrong byte at " + (read + i));
      }
    }
    read += count;
  }
}
