package io.nioring.benchmark;

/** How much time a run of the benchmarks may take. */
enum Scale {
  /** Proves that everything runs, in this process; its figures mean nothing. */
  SMOKE(1, 0, 0, 1, 50),
  /** Under three minutes: the workloads that tell most, in short rounds. */
  QUICK(2, 1, 500, 2, 300),
  /** Under twenty minutes: everything. */
  FULL(3, 2, 500, 3, 600);

  final int rounds;
  final int warmUpIterations;
  final int warmUpMillis;
  final int measuredIterations;
  final int measuredMillis;

  Scale(
      int rounds,
      int warmUpIterations,
      int warmUpMillis,
      int measuredIterations,
      int measuredMillis) {
    this.rounds = rounds;
    this.warmUpIterations = warmUpIterations;
    this.warmUpMillis = warmUpMillis;
    this.measuredIterations = measuredIterations;
    this.measuredMillis = measuredMillis;
  }
}
