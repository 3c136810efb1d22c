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
 * Somebody waits for a byte that is written while the direction is held and released. First figure:
 * it is there; second: the waiter was woken.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it is there, and the waiter knows")
@Outcome(id = "true, false", expect = FORBIDDEN, desc = "sleeps while there is a byte")
@Outcome(expect = FORBIDDEN, desc = "the byte was lost, or stays on its way")
@State
public class HoldAndReleaseAgainstWrite {
  private final SimulatedPair pair = new SimulatedPair();
  private final Noted waiter = new Noted();

  /** Waits. */
  public HoldAndReleaseAgainstWrite() {
    pair.server.poll().add(waiter);
  }

  @Actor
  public void writer() {
    pair.write();
  }

  @Actor
  public void holder() {
    pair.hold();
    pair.release();
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r1 = pair.read() == 1;
    result.r2 = waiter.woken;
    pair.close();
  }
}
