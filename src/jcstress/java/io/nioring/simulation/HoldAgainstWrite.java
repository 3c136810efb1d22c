package io.nioring.simulation;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A direction that is open is held while a byte is written: the byte has arrived when the hold
 * returns, or comes with the release. The bytes that are read behind the hold, later, and behind
 * the release.
 */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "it had arrived")
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "it was held")
@Outcome(id = "0, 1, 0", expect = FORBIDDEN, desc = "it passed a hold that had returned")
@Outcome(expect = FORBIDDEN, desc = "it was lost")
@State
public class HoldAgainstWrite {
  private final SimulatedPair pair = new SimulatedPair();

  @Actor
  public void writer() {
    pair.write();
  }

  @Actor
  public void holder(III_Result result) {
    pair.hold();
    result.r1 = pair.read();
  }

  @Arbiter
  public void afterwards(III_Result result) {
    result.r2 = pair.read();
    pair.release();
    result.r3 = pair.read();
    pair.close();
  }
}
