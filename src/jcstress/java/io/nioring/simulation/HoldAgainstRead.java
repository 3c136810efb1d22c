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
 * A direction that is open is held while a byte is written and read: a byte that was read is none
 * that is held. The bytes that were read meanwhile, those that are held, and those that were read
 * in the end.
 */
@JCStressTest
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "it was held")
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "it had arrived, and was read later")
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "it had arrived, and was read")
@Outcome(id = "1, 1, 1", expect = FORBIDDEN, desc = "it was read, and had not arrived")
@Outcome(expect = FORBIDDEN, desc = "it was lost")
@State
public class HoldAgainstRead {
  private final SimulatedPair pair = new SimulatedPair();

  @Actor
  public void program(III_Result result) {
    pair.write();
    result.r1 = pair.read();
  }

  @Actor
  public void holder() {
    pair.hold();
  }

  @Arbiter
  public void afterwards(III_Result result) {
    result.r2 = pair.held();
    pair.release();
    result.r3 = result.r1 + pair.read();
    pair.close();
  }
}
