package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A byte that was taken and that nobody will read ends in a reset. The third figure is the ring
 * memory that is out after both ends have closed: it was given back, once.
 */
@JCStressTest
@Outcome(id = "1, -2, 0", expect = ACCEPTABLE, desc = "taken, then reset")
@Outcome(id = "-3, -1, 0", expect = ACCEPTABLE, desc = "broken pipe, then the end")
@Outcome(expect = FORBIDDEN, desc = "a byte vanished without a reset, or memory leaked")
@State
public class CloseAgainstWrite {
  private final Pair pair = new Pair();

  @Actor
  public void writer(III_Result result) {
    result.r1 = pair.writeOne(pair.first);
  }

  @Actor
  public void closer() {
    pair.second.close(false);
  }

  @Arbiter
  public void afterwards(III_Result result) {
    result.r2 = pair.readOne(pair.first);
    pair.close();
    result.r3 = (int) pair.memoryInUse();
  }
}
