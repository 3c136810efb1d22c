package io.nioring.route;

/** Writes IPv6 addresses in the form that RFC 5952, section 4, recommends. */
final class Ipv6Text {

  private static final int GROUPS = 8;

  private Ipv6Text() {}

  /**
   * Returns the text of an address of 16 bytes: groups in lower case without leading zeros, the
   * first longest run of at least two zero groups written as {@code ::}.
   */
  static String of(byte[] bytes) {
    int runStart = GROUPS;
    int runLength = 1;
    for (int start = 0; start < GROUPS; start++) {
      int length = zerosFrom(bytes, start);
      if (length > runLength) {
        runStart = start;
        runLength = length;
      }
    }
    if (runStart == GROUPS) {
      return groups(bytes, 0, GROUPS);
    }
    return groups(bytes, 0, runStart) + "::" + groups(bytes, runStart + runLength, GROUPS);
  }

  private static int zerosFrom(byte[] bytes, int start) {
    int end = start;
    while (end < GROUPS && group(bytes, end) == 0) {
      end++;
    }
    return end - start;
  }

  private static String groups(byte[] bytes, int start, int end) {
    StringBuilder text = new StringBuilder();
    for (int i = start; i < end; i++) {
      text.append(i == start ? "" : ":").append(Integer.toHexString(group(bytes, i)));
    }
    return text.toString();
  }

  private static int group(byte[] bytes, int index) {
    return (bytes[2 * index] & 0xff) << Byte.SIZE | (bytes[2 * index + 1] & 0xff);
  }
}
