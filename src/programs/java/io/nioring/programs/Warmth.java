package io.nioring.programs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How warm virtual machines are before they are measured, and how long they are measured.
 *
 * @param leastWarmUps the fewest warm-up slices
 * @param mostWarmUps the most, even if the rate is not level
 * @param rounds how often each contestant is measured
 * @param seconds how long a slice is, of warm-up and measurement alike
 */
record Warmth(int leastWarmUps, int mostWarmUps, int rounds, double seconds) {
  static final Warmth QUICK = new Warmth(4, 12, 5, 0.5);
  static final Warmth FULL = new Warmth(10, 40, 5, 1.5);

  /** A rate is level if the last slices together differ by less from as many before them. */
  private static final double LEVEL = 0.05;

  private static final int COMPARED_SLICES = 2;

  /** The compiler has come to rest if it takes less of one processor. */
  private static final double COMPILER_AT_REST = 0.05;

  /** Runs the contestants in turn until all are warm; returns how many slices each ran. */
  int warmUp(Collection<Contestant> contestants) throws IOException {
    List<List<Slice>> slices = new ArrayList<>();
    for (int i = 0; i < contestants.size(); i++) {
      slices.add(new ArrayList<>());
    }
    int done = 0;
    while (done < leastWarmUps
        || (done < mostWarmUps && !slices.stream().allMatch(Warmth::isWarm))) {
      int i = 0;
      for (Contestant contestant : contestants) {
        slices.get(i++).add(contestant.runSeconds(seconds));
      }
      done++;
    }
    return done;
  }

  private static boolean isWarm(List<Slice> slices) {
    int end = slices.size();
    if (end < 2 * COMPARED_SLICES) {
      return false;
    }
    List<Slice> last = slices.subList(end - COMPARED_SLICES, end);
    double before = meanRate(slices.subList(end - 2 * COMPARED_SLICES, end - COMPARED_SLICES));
    return Math.abs(meanRate(last) / before - 1) < LEVEL
        && last.stream().allMatch(slice -> slice.compilerShare() < COMPILER_AT_REST);
  }

  private static double meanRate(List<Slice> slices) {
    return slices.stream().mapToDouble(Slice::rate).average().orElseThrow();
  }
}
