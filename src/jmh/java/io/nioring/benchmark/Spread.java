package io.nioring.benchmark;

import java.util.Arrays;

/**
 * Some figures in three: the middle one and the two ends.
 *
 * @param low the lowest
 * @param median the one in the middle
 * @param high the highest
 */
record Spread(double low, double median, double high) {
  static Spread of(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(sorted[0], median, sorted[sorted.length - 1]);
  }
}
