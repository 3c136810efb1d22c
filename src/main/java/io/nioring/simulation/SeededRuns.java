package io.nioring.simulation;

import java.time.Duration;
import java.util.Objects;

/**
 * Runs a test with many seeds, without a test framework: each run has a simulation of its own.
 *
 * <pre>{@code
 * SeededRuns.of(200).run(sim -> {
 *   RingHost client = sim.host("client");
 *   ...
 * });
 * }</pre>
 *
 * <p>What a run throws is rethrown as an {@link AssertionError} whose message begins with the seed
 * and ends with what repeats it, {@code SeededRuns.of(1).from(seed)}. Not safe for use by many
 * threads.
 */
public final class SeededRuns {
  /** A test. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs it once.
     *
     * @param sim a simulation of its own, which is closed after it
     * @throws Exception if the test fails
     */
    void run(Simulation sim) throws Exception;
  }

  private static final Duration GRACE = Duration.ofSeconds(2);

  private final int runs;
  private long from = 1;
  private SimulationConfig config = SimulationConfig.builder().build();
  private boolean allowLeaks;
  private boolean strictFaults;
  private boolean checkDeterminism;

  private SeededRuns(int runs) {
    this.runs = runs;
  }

  /**
   * Begins to describe the runs.
   *
   * @param runs how many, at least 1; each has the seed that comes after that of the one before
   * @return the description
   * @throws IllegalArgumentException if it is less than 1
   */
  public static SeededRuns of(int runs) {
    if (runs < 1) {
      throw new IllegalArgumentException("runs is " + runs + ", expected at least 1");
    }
    return new SeededRuns(runs);
  }

  /**
   * Sets the seed of the first run.
   *
   * @param seed any number, by default 1
   * @return this object
   */
  public SeededRuns from(long seed) {
    from = seed;
    return this;
  }

  /**
   * Sets what the simulations are like.
   *
   * @param simulation their configuration; its seed and {@link SimulationConfig#recordOpenings()}
   *     are set for each run
   * @return this object
   */
  public SeededRuns config(SimulationConfig simulation) {
    config = Objects.requireNonNull(simulation, "simulation");
    return this;
  }

  /**
   * Checks after each run that each fault has had an effect, see {@link
   * Simulation#checkFaultsFired()}.
   *
   * @return this object
   */
  public SeededRuns strictFaults() {
    strictFaults = true;
    return this;
  }

  /**
   * Does not check after each run that all channels are closed.
   *
   * @return this object
   */
  public SeededRuns allowLeaks() {
    allowLeaks = true;
    return this;
  }

  /**
   * Runs each seed twice and checks that both runs have made the same random decisions.
   *
   * @return this object
   */
  public SeededRuns checkDeterminism() {
    checkDeterminism = true;
    return this;
  }

  /**
   * Runs the test with all seeds, one after the other.
   *
   * @param body the test
   * @throws AssertionError if a run fails, leaves channels open, or has described a fault and not
   *     installed it; which ends the rest
   */
  public void run(Body body) {
    Objects.requireNonNull(body, "body");
    for (int i = 0; i < runs; i++) {
      Trace trace = run(from + i, body);
      if (checkDeterminism) {
        String difference = trace.firstDifference(run(from + i, body)).orElse(null);
        if (difference != null) {
          String repeat = repeat(from + i) + ".checkDeterminism()";
          throw new AssertionError(
              "Seed " + (from + i) + ": two runs differ: " + difference + repeat);
        }
      }
    }
  }

  private void check(Simulation sim) {
    sim.checkFaultsInstalled();
    if (strictFaults) {
      sim.checkFaultsFired();
    }
    if (!allowLeaks) {
      sim.checkNoLeaks(GRACE);
    }
  }

  private static String repeat(long seed) {
    return System.lineSeparator() + "Repeat: SeededRuns.of(1).from(" + seed + ")";
  }

  private Trace run(long seed, Body body) {
    try (Simulation sim =
        Simulation.open(config.toBuilder().seed(seed).recordOpenings(true).build())) {
      try {
        body.run(sim);
        check(sim);
      } catch (Exception | AssertionError e) {
        AssertionError failure = new AssertionError("Seed " + seed + ": " + e + repeat(seed), e);
        failure.setStackTrace(e.getStackTrace()); // the test's lines, which tools show
        sim.addReportTo(failure);
        throw failure;
      }
      return sim.trace();
    }
  }
}
