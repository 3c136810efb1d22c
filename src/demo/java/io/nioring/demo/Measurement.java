package io.nioring.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Repeats a program until its rate is level, and then measures it: in the first seconds of a
 * virtual machine it is the compiler that is measured.
 */
final class Measurement {
  private static final long SHORTEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long LONGEST_WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(6);
  private static final double MEASURED_SECONDS = 1.5;

  /** So many passes are compared with as many before them. */
  private static final int COMPARED_PASSES = 8;

  private static final double LEVEL = 0.05;

  private Measurement() {}

  /** Runs a program's passes: what the measured ones have done together. */
  static Work of(Callable<Work> pass) throws Exception {
    warmUp(pass);
    Work sum = pass.call();
    while (sum.seconds() < MEASURED_SECONDS) {
      sum = sum.plus(pass.call());
    }
    return sum;
  }

  private static void warmUp(Callable<Work> pass) throws Exception {
    List<Double> rates = new ArrayList<>();
    long start = System.nanoTime();
    long passed;
    do {
      rates.add(pass.call().exchangesPerSecond());
      passed = System.nanoTime() - start;
    } while (passed < SHORTEST_WARM_UP_NANOS
        || (passed < LONGEST_WARM_UP_NANOS && !isLevel(rates)));
  }

  private static boolean isLevel(List<Double> rates) {
    int end = rates.size();
    if (end < 2 * COMPARED_PASSES) {
      return false;
    }
    double before = mean(rates.subList(end - 2 * COMPARED_PASSES, end - COMPARED_PASSES));
    return Math.abs(mean(rates.subList(end - COMPARED_PASSES, end)) / before - 1) < LEVEL;
  }

  private static double mean(List<Double> rates) {
    return rates.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
