package io.nioring.demo;

import java.util.Arrays;
import java.util.Random;

/** Random bytes to send, made once, so that making them is no part of what is timed. */
final class Payloads {
  private static final long SEED = 2_026;
  private static final byte[] BYTES = new byte[8 * 1024 * 1024];

  static {
    new Random(SEED).nextBytes(BYTES);
  }

  private Payloads() {}

  /** Some bytes from a place that the given random numbers choose. */
  static byte[] take(int length, Random random) {
    int from = random.nextInt(BYTES.length - length + 1);
    return Arrays.copyOfRange(BYTES, from, from + length);
  }
}
