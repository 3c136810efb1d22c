package io.nioring.consumer;

import java.util.Random;
import java.util.zip.CRC32C;

/** Bytes that no two places of a stream could swap unnoticed, and their checksum. */
public final class Payload {
  /** The size of a large body. */
  public static final int LARGE = 8 * 1024 * 1024;

  /** A prime, so that no two parts of a ring's size are alike. */
  private static final int PERIOD = 65_521;

  private Payload() {}

  /** Bytes that are always the same for a size: random ones, again and again. */
  public static byte[] ofSize(int size) {
    byte[] period = new byte[Math.min(size, PERIOD)];
    new Random(size).nextBytes(period);
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; at += period.length) {
      System.arraycopy(period, 0, bytes, at, Math.min(period.length, size - at));
    }
    return bytes;
  }

  /** The checksum of bytes. */
  public static long checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return checksum.getValue();
  }
}
