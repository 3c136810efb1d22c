package io.nioring.simulation;

/**
 * Cuts a stream into slices of random sizes, one after the other.
 *
 * @param average the mean size in bytes
 * @param variation how far a size may be from it
 */
record Slices(int average, int variation) {
  /** Makes one. */
  Slices {
    if (average < 1) {
      throw new IllegalArgumentException("average is " + average + ", expected at least 1");
    }
    if (variation < 0 || variation >= average) {
      throw new IllegalArgumentException(
          "variation is " + variation + ", expected 0 to below the average of " + average);
    }
  }

  /** The size that random bits stand for. */
  int sizeOf(long bits) {
    return average - variation + (int) (Draws.unit(bits) * (2L * variation + 1));
  }
}
