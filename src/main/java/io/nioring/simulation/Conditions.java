package io.nioring.simulation;

/** What a link, or a fault, does to the traffic in one direction. Guarded by the world's lock. */
final class Conditions {
  Latency latency = Latency.none();
  double loss;
  double spurious;

  // For datagrams only.

  double duplication;
  double reordering;
  long reorderingDelay;

  long closeDelay;
  long connectDelay;
  long acceptDelay;

  /** Null for none. */
  Slices sliceReads;

  /** Null for none. */
  Slices sliceWrites;

  private Bandwidth bandwidth = Bandwidth.unlimited();
  private Rate shared;

  static double checkProbability(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability is " + probability + ", expected 0 to 1");
    }
    return probability;
  }

  void bandwidth(Bandwidth rate) {
    bandwidth = rate;
    shared = rate.isUnlimited() || rate.isPerConnection() ? null : new Rate(rate);
  }

  /** Takes all back. */
  void restore() {
    latency = Latency.none();
    loss = 0;
    spurious = 0;
    duplication = 0;
    reordering = 0;
    reorderingDelay = 0;
    closeDelay = 0;
    connectDelay = 0;
    acceptDelay = 0;
    sliceReads = null;
    sliceWrites = null;
    bandwidth(Bandwidth.unlimited());
  }

  /** What is to be paid for one direction's bytes; null without a limit. */
  Rate rateOfDirection() {
    if (shared != null) {
      return shared;
    }
    return bandwidth.isUnlimited() ? null : new Rate(bandwidth);
  }

  /** Whether bytes pass at once. */
  boolean isClear() {
    return latency.isNone() && loss == 0 && spurious == 0 && bandwidth.isUnlimited();
  }
}
