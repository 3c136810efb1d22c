package io.nioring.simulation;

/**
 * Counts how often a fault has fired, see {@link Fault#timesFired}. Guarded by the world's lock.
 */
final class Firings {
  private long count;

  void fired() {
    count++;
  }

  long count() {
    return count;
  }
}
