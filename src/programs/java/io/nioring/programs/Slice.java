package io.nioring.programs;

import java.util.Locale;
import java.util.Scanner;

/**
 * What a program did in a slice of time.
 *
 * @param operations how many operations ended
 * @param seconds how long the slice was
 * @param processorSeconds the processor time of all threads but the compiler's
 * @param compilerSeconds the processor time of the just-in-time compiler's threads
 * @param medianNanos the time within which half of the operations ended
 * @param p99Nanos the time within which 99 % of them ended
 */
record Slice(
    long operations,
    double seconds,
    double processorSeconds,
    double compilerSeconds,
    long medianNanos,
    long p99Nanos) {

  double rate() {
    return operations / seconds;
  }

  double processorMicros() {
    return processorSeconds * 1e6 / operations;
  }

  /** The share of one processor that the compiler took. */
  double compilerShare() {
    return compilerSeconds / seconds;
  }

  String toLine() {
    return String.format(
        Locale.ROOT,
        "%d %.9f %.9f %.9f %d %d",
        operations,
        seconds,
        processorSeconds,
        compilerSeconds,
        medianNanos,
        p99Nanos);
  }

  static Slice parse(String line) {
    try (Scanner words = new Scanner(line).useLocale(Locale.ROOT)) {
      return new Slice(
          words.nextLong(),
          words.nextDouble(),
          words.nextDouble(),
          words.nextDouble(),
          words.nextLong(),
          words.nextLong());
    }
  }
}
