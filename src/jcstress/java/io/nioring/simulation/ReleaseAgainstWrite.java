package io.nioring.simulation;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A direction with a held byte is released while a second one is written: both are there. */
@JCStressTest
@Outcome(id = "2", expect = ACCEPTABLE, desc = "both")
@Outcome(expect = FORBIDDEN, desc = "a byte was lost, or stays on its way")
@State
public class ReleaseAgainstWrite {
  private final SimulatedPair pair = new SimulatedPair();

  /** Holds a byte. */
  public ReleaseAgainstWrite() {
    pair.hold();
    pair.write();
  }

  @Actor
  public void writer() {
    pair.write();
  }

  @Actor
  public void releaser() {
    pair.release();
  }

  @Arbiter
  public void afterwards(I_Result result) {
    result.r1 = pair.read();
    pair.close();
  }
}
