package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Encodes texts whose length is limited in bytes. */
final class Utf8 {
  private static final int CONTINUATION_MASK = 0xc0;
  private static final int CONTINUATION = 0x80;

  private Utf8() {}

  /** The longest beginning of a text that has so many bytes at most, and no part of a character. */
  static byte[] beginning(String text, int maxBytes) {
    byte[] all = text.getBytes(UTF_8);
    if (all.length <= maxBytes) {
      return all;
    }
    int end = maxBytes;
    while (end > 0 && (all[end] & CONTINUATION_MASK) == CONTINUATION) {
      end--;
    }
    return Arrays.copyOf(all, end);
  }
}
