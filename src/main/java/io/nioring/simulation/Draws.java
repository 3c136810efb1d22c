package io.nioring.simulation;

/**
 * Random numbers that are functions of what they are for: the same question has the same answer, in
 * whatever order questions are asked.
 */
final class Draws {
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
  private static final double UNIT = 0x1.0p-53;

  private Draws() {}

  /** Mixes a number into a hash (the finalizer of SplitMix64). */
  static long mix(long hash, long value) {
    long z = (hash ^ value) * 31 + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return z ^ (z >>> 31);
  }

  /** Mixes a text into a hash. */
  static long mix(long hash, String text) {
    long all = mix(hash, text.length());
    for (int i = 0; i < text.length(); i++) {
      all = mix(all, text.charAt(i));
    }
    return all;
  }

  /** A number in 0 (inclusive) to 1 (exclusive). */
  static double unit(long bits) {
    return (bits >>> 11) * UNIT;
  }

  /** A number of the standard normal distribution. */
  static double gaussian(long bits) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(bits)));
    return radius * StrictMath.cos(2 * Math.PI * unit(mix(bits, 1)));
  }

  /** Whether something of a probability happens. */
  static boolean happens(long bits, double probability) {
    return unit(bits) < probability;
  }
}
