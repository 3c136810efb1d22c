package io.nioring.simulation;

import java.util.ArrayList;
import java.util.List;

/** What a link, or a fault, does to the traffic in one direction. Guarded by the world's lock. */
final class Conditions {
  /** What the fault does, for people; null if they are a link's. */
  String fault;

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

  /** What is set, in the words of {@link Link}'s methods. */
  List<String> describe() {
    List<String> words = new ArrayList<>();
    add(words, !latency.isNone(), "latency", latency);
    add(words, !bandwidth.isUnlimited(), "bandwidth", bandwidth);
    add(words, loss > 0, "loss", loss);
    add(words, duplication > 0, "duplication", duplication);
    add(words, reordering > 0, "reordering", reordering, millis(reorderingDelay));
    addSlices(words, "sliceReads", sliceReads);
    addSlices(words, "sliceWrites", sliceWrites);
    add(words, closeDelay > 0, "closeDelay", millis(closeDelay));
    add(words, acceptDelay > 0, "acceptDelay", millis(acceptDelay));
    add(words, connectDelay > 0, "connectDelay", millis(connectDelay));
    return words;
  }

  private static void addSlices(List<String> words, String name, Slices slices) {
    if (slices != null) {
      add(words, true, name, slices.average(), slices.variation());
    }
  }

  private static void add(List<String> words, boolean isSet, String name, Object... arguments) {
    if (isSet) {
      StringBuilder word = new StringBuilder(name);
      for (Object each : arguments) {
        word.append(' ').append(each);
      }
      words.add(word.toString());
    }
  }

  private static String millis(long nanos) {
    return Latency.millis(nanos) + "ms";
  }

  /** Whether something is set that happens to datagrams only. */
  boolean isForDatagrams() {
    return duplication > 0 || reordering > 0;
  }

  /** Whether something is set that happens to streams only. */
  boolean isForStreams() {
    return spurious > 0
        || closeDelay > 0
        || connectDelay > 0
        || acceptDelay > 0
        || sliceReads != null
        || sliceWrites != null;
  }

  /** Whether bytes pass at once. */
  boolean isClear() {
    return latency.isNone() && loss == 0 && spurious == 0 && bandwidth.isUnlimited();
  }
}
