package io.nioring.simulation;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A held byte is released while a reader is about to wait: the reader sees it, or is woken for it.
 * First figure: it saw the byte; second: it was woken.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "seen")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "woken")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "sleeps while there is a byte")
@State
public class ReleaseAgainstWaiter {
  private final SimulatedPair pair = new SimulatedPair();
  private final Noted waiter = new Noted();

  /** Holds a byte. */
  public ReleaseAgainstWaiter() {
    pair.hold();
    pair.write();
  }

  @Actor
  public void releaser() {
    pair.release();
  }

  @Actor
  public void waiter(ZZ_Result result) {
    pair.server.poll().add(waiter);
    result.r1 = pair.server.available() > 0;
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r2 = waiter.woken;
    pair.close();
  }
}
