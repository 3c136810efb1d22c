package io.nioring.programs;

import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The median of some figures, and how far they lie apart.
 *
 * @param lowest the lowest of them
 * @param median the one in the middle
 * @param highest the highest
 */
record Spread(double lowest, double median, double highest) {
  static Spread of(DoubleStream figures) {
    double[] sorted = figures.sorted().toArray();
    return new Spread(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "**%.2f** (%.2f–%.2f)", median, lowest, highest);
  }
}
