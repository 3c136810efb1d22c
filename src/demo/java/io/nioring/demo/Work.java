package io.nioring.demo;

import java.util.Comparator;
import java.util.List;

/**
 * What a program has done.
 *
 * @param exchanges questions that were asked and answered
 * @param payloadBytes bytes of the questions and answers themselves, every one of them checked
 * @param seconds how long it took
 */
record Work(long exchanges, long payloadBytes, double seconds) {
  /** The one in the middle, by how long they took. */
  static Work median(List<Work> works) {
    return works.stream()
        .sorted(Comparator.comparingDouble(Work::seconds))
        .toList()
        .get(works.size() / 2);
  }

  double exchangesPerSecond() {
    return exchanges / seconds;
  }

  double megabytesPerSecond() {
    return payloadBytes / 1e6 / seconds;
  }
}
